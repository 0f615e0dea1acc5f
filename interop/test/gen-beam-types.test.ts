/** `umbel gen beam-types`: interfaces made from the specs of real modules, held against the compiler and against what the functions give. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { beamTypes } from "../../packages/cli/src/commands/gen-beam-types.ts"
import { peers } from "../peers.ts"
import { BeamNode } from "../support/beam-node.ts"
import { TemporaryFolder } from "../support/folder.ts"
import { freePort } from "../support/ports.ts"
import { runProgram } from "../support/program.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/** That these files have no type error, beside a use of them. */
async function compile(files: Readonly<Record<string, string>>): Promise<void> {
  // Within the workspace, where `umbel` is found, and where nobody looks for sources.
  const home = join(ROOT, "interop", "node_modules")
  mkdirSync(home, { recursive: true })
  const folder = mkdtempSync(join(home, ".beam-types-"))
  try {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
    const config = {
      extends: join(ROOT, "tsconfig.base.json"),
      compilerOptions: {
        noEmit: true,
        composite: false,
        declaration: false,
        declarationMap: false,
        allowImportingTsExtensions: true,
        rewriteRelativeImportExtensions: false,
        types: ["node"],
        skipLibCheck: true,
      },
      files: Object.keys(files),
    }
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config))
    await runProgram(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe.skipIf(!peers.erlang)("interfaces of modules", () => {
  test("of Erlang are read off their debug information, compile, and fit what comes back", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("types1@127.0.0.1", COOKIE, epmdPort)
    await using beam = await BeamNode.start({
      program: "erl",
      name: "types1beam@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `io:format("ready~n").`,
    })
    const { node } = umbel
    const lists = await beamTypes(node, beam.name, "lists")
    expect(lists).toContain("export interface Lists {")
    expect(lists).toContain("    droplast(list: readonly unknown[]): readonly unknown[]\n")
    // Two arities are one method with two lists of arguments.
    expect(lists).toContain("    append(...args: [listOfLists: ")
    expect(lists).toContain("    sum(list: readonly (number | bigint)[]): number | bigint\n")
    const genServer = await beamTypes(node, beam.name, "gen_server")
    expect(genServer).toContain("cast(serverRef: Pid | AtomValue | Tuple<readonly [AtomValue, AtomValue]>")
    const calendar = await beamTypes(node, beam.name, "calendar")
    const use = `
      import type { Node } from "umbel"
      import type { Lists } from "./lists.ts"
      import type { Calendar } from "./calendar.ts"
      export const reversed = (node: Node): Promise<readonly unknown[]> => node.rpc<Lists>("b@host").lists.reverse([1, 2])
      export const leap = (node: Node): Promise<boolean> => node.rpc<Calendar>("b@host").calendar.is_leap_year(2024)
      // @ts-expect-error a list is wanted
      export const wrong = (node: Node) => node.rpc<Lists>("b@host").lists.reverse(7)
      // @ts-expect-error there is no such function
      export const none = (node: Node) => node.rpc<Lists>("b@host").lists.revers([])`
    await compile({ "lists.ts": lists, "gen-server.ts": genServer, "calendar.ts": calendar, "use.ts": use })
    await expect(beamTypes(node, beam.name, "no_such_module")).rejects.toThrow("has no module no_such_module")
  }, 60_000)

  test.skipIf(!peers.elixir)(
    "of Elixir are asked of Code.Typespec, and compile",
    async () => {
      const epmdPort = await freePort()
      await using umbel = await umbelNode("types2@127.0.0.1", COOKIE, epmdPort)
      using folder = new TemporaryFolder()
      writeFileSync(folder.file("ready.exs"), `IO.puts("ready")`)
      await using beam = await BeamNode.start({
        program: "elixir",
        name: "types2beam@127.0.0.1",
        cookie: COOKIE,
        epmdPort,
        script: folder.file("ready.exs"),
      })
      const modules = ["String", "Enum", "Keyword", "Tuple", "DateTime", "GenServer", "Supervisor"]
      const files: Record<string, string> = {}
      for (const module of modules) files[`${module}.ts`] = await beamTypes(umbel.node, beam.name, module)
      expect(files["String.ts"]).toContain(`  "Elixir.String": {`)
      expect(files["String.ts"]).toContain(
        `    "equivalent?"(arg1: string | Uint8Array, arg2: string | Uint8Array): boolean`,
      )
      expect(files["Tuple.ts"]).toContain("export interface TupleModule {")
      await compile(files)
    },
    60_000,
  )
})
