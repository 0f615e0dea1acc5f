/** The command as it is typed: what it prints and how it exits. */
import { spawn } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, test } from "vitest"

const UMBEL = fileURLToPath(new URL("../bin/umbel.mjs", import.meta.url))

function umbel(cwd: string, ...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--conditions=@umbel/source", UMBEL, ...args], { cwd })
    let out = ""
    let err = ""
    child.stdout.on("data", (text) => (out += text))
    child.stderr.on("data", (text) => (err += text))
    child.on("close", (code) => resolve({ code, out, err }))
  })
}

describe("umbel", () => {
  let root = ""
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "umbel-command-"))
  })
  afterEach(() => rm(root, { recursive: true }))
  const config = async (text: string) => {
    await writeFile(join(root, "package.json"), `{ "type": "module" }`)
    await writeFile(join(root, "umbel.config.ts"), `export default ${text}\n`)
  }

  test("--help names the commands, and each has examples", async () => {
    const { code, out } = await umbel(root, "--help")
    expect(code).toBe(0)
    expect(out).toContain("up ")
    expect((await umbel(root, "up", "--help")).out).toContain("$ umbel up split")
  })
  test("every command has examples in its help", async () => {
    const { out } = await umbel(root, "--help")
    const names = [...out.matchAll(/^ {2}([a-z]+) (?:\[|<)/gm)]
      .map(([, name]) => name!)
      .filter((name) => name !== "help")
    expect(names).toEqual(expect.arrayContaining(["new", "test", "dev", "release", "trace"]))
    const help = await Promise.all(names.map((name) => umbel(root, name, "--help")))
    for (const [i, { out, code }] of help.entries()) {
      expect(code, names[i]).toBe(0)
      expect(out, names[i]).toContain(`\nExamples:\n  $ umbel ${names[i]}`)
    }
  }, 120_000)
  test("nothing typed is help, with exit code 0; --version is that of the command and of Node.js", async () => {
    expect(await umbel(root)).toMatchObject({ code: 0, err: "", out: expect.stringContaining("Usage: umbel") })
    expect((await umbel(root, "--version")).out).toBe(`umbel 0.1.0, Node.js ${process.versions.node}\n`)
  })
  test("a line that is not understood is one sentence, and says where to look", async () => {
    expect(await umbel(root, "new")).toEqual({
      code: 1,
      out: "",
      err: "umbel: missing required argument 'path'\n       umbel new --help has examples\n",
    })
    expect((await umbel(root, "test", "--stael")).err).toBe(
      "umbel: unknown option '--stael'\n       Did you mean --stale? umbel test --help has examples\n",
    )
  })
  test("--cwd goes there first, wherever it stands", async () => {
    const there = join(root, "there")
    for (const args of [
      ["-C", there, "graph"],
      ["graph", "--cwd", there],
    ]) {
      expect((await umbel(root, ...args)).err).toContain(`there is no folder ${there}`)
    }
    await mkdir(there)
    await writeFile(join(there, "umbel.config.ts"), "export default { releases: {} }\n")
    await writeFile(join(there, "package.json"), `{ "name": "there", "type": "module", "workspaces": [] }`)
    expect((await umbel(root, "-C", there, "graph", "--files")).out).toBe("umbel.config.ts\n")
    expect((await umbel(there, "graph", "--calls")).out).toBe("no calls\n")
    expect(JSON.parse((await umbel(there, "graph", "--calls", "--json")).out)).toEqual({
      calls: { nodes: [], edges: [] },
    })
  })
  test("whoever has read enough may close the pipe", async () => {
    const { code, err } = await new Promise<{ code: number; err: string }>((resolve) => {
      const line = `'${process.execPath}' --conditions=@umbel/source '${UMBEL}' --help | true; echo "\${PIPESTATUS[0]}" >&2`
      const child = spawn("bash", ["-c", line], { cwd: root })
      let err = ""
      child.stderr.on("data", (text) => (err += text))
      child.on("close", () => resolve({ code: Number(err.trim()), err }))
    })
    expect(err).not.toContain("EPIPE")
    expect([0, 141]).toContain(code)
  })
  test("a command that does not exist is refused with the one that was meant", async () => {
    const { code, err } = await umbel(root, "strat")
    expect(code).toBe(1)
    expect(err).toContain("Did you mean start?")
  })
  test("outside of an umbrella it says so in one sentence, without a stack", async () => {
    const { code, err } = await umbel(root, "up", "split")
    expect(code).toBe(1)
    expect(err.split("\n")).toEqual([
      `umbel: there is no umbel.config.ts in ${root} or above it`,
      "       go into an umbrella, or make one",
      "",
    ])
  })
  test("a project that is not made of ES modules is told how to become one", async () => {
    await writeFile(join(root, "umbel.config.ts"), "export default { releases: {} }\n")
    const { code, err } = await umbel(root, "up", "split")
    expect(code).toBe(1)
    expect(err).toContain(`write "type": "module" into it`)
  })
  test("a deployment of a release that is not defined is named", async () => {
    await config(`{ releases: {}, deployments: { split: { back: 1 } } }`)
    const { code, err } = await umbel(root, "up", "split")
    expect(code).toBe(1)
    expect(err).toContain("the deployment split has a release back that is not defined")
  })
  test("an application that does not exist is named, also from under up", async () => {
    await config(`{ releases: { all: { applications: { a: "permanent" } } }, deployments: { mono: { all: 1 } } }`)
    expect((await umbel(root, "start", "all")).err).toContain("there is no application a")
    const { code, err } = await umbel(root, "up", "mono", "--no-observer")
    expect(code).toBe(1)
    expect(err).toContain("all@127.0.0.1: there is no application a")
  })
  test("an application without a default export is told how to have one", async () => {
    await config(`{ releases: { all: { applications: { a: "permanent" } } } }`)
    await mkdir(join(root, "apps", "a", "src"), { recursive: true })
    await writeFile(join(root, "apps", "a", "package.json"), `{ "type": "module" }`)
    await writeFile(join(root, "apps", "a", "src", "application.ts"), "export const x = 1\n")
    const { err } = await umbel(root, "start", "all")
    expect(err).toContain(`export default application({ name: "a", … })`)
  })
})
