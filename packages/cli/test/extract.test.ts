/** `umbel extract` on a small umbrella: what moves, what is refused, and that everything still type-checks and passes its tests. */
import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { diff } from "../src/extract/diff.ts"
import { CHECKOUT, run, umbel } from "./support/umbel.ts"

vi.setConfig({ testTimeout: 170_000 })

const tsc = (cwd: string) => run(cwd, process.execPath, join(CHECKOUT, "node_modules/typescript/bin/tsc"), "-b")

describe("umbel extract", () => {
  let home = ""
  let root = ""
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "umbel-extract-"))
    root = join(home, "abc")
    await umbel(home, "new", "abc", "--umbrella", "--no-install", "--no-git")
    await umbel(root, "new", "chat", "--sup", "--no-install")
    for (const name of ["rooms", "words"]) {
      expect(await umbel(root, "gen", "server", name, "--app", "chat")).toMatchObject({ code: 0 })
    }
    // From the checkout, so without network: for what the moved modules and their tests import.
    expect(await umbel(root, "new", "other", "--sup")).toMatchObject({ code: 0, err: "" })
  }, 180_000)
  afterAll(() => rm(home, { recursive: true, force: true }))

  const read = (path: string) => readFile(join(root, path), "utf8")

  test("a dry run shows what would move and change, and writes nothing", async () => {
    const { code, out, err } = await umbel(root, "extract", "rooms", "--app", "chat", "--to", "apps/rooms", "--dry-run")
    expect(err).toBe("")
    expect(code).toBe(0)
    expect(out).toContain("* moving apps/chat/src/rooms.ts → apps/rooms/src/rooms.ts\n")
    expect(out).toContain("* moving apps/chat/test/rooms.test.ts → apps/rooms/test/rooms.test.ts\n")
    expect(out).toContain('    -import { ROOMS, rooms } from "./rooms.ts"\n')
    expect(out).toContain("Nothing was written.")
    expect(existsSync(join(root, "apps", "rooms"))).toBe(false)
    expect(existsSync(join(root, "apps", "chat", "src", "rooms.ts"))).toBe(true)
  })

  test("without a terminal it asks for --yes, and writes nothing", async () => {
    const { code, err } = await umbel(root, "extract", "rooms", "--app", "chat", "--to", "apps/rooms")
    expect(code).toBe(1)
    expect(err).toContain("--yes says yes")
    expect(existsSync(join(root, "apps", "rooms"))).toBe(false)
  })

  test("a module that needs what stays, or a child whose line does, is refused with the reason and exit code 4", async () => {
    const file = join(root, "apps", "chat", "src", "rooms.ts")
    const before = await readFile(file, "utf8")
    await writeFile(file, `import { words } from "./words.ts"\n${before}\nexport const both = words\n`)
    const shared = await umbel(root, "extract", "rooms", "--app", "chat", "--to", "apps/rooms", "--yes")
    expect(shared.code).toBe(4)
    expect(shared.err).toContain("src/rooms.ts needs words of ./words.ts, which stays: they would need each other")
    await writeFile(file, before)

    const supervisor = join(root, "apps", "chat", "src", "supervisor.ts")
    const tree = await readFile(supervisor, "utf8")
    await writeFile(
      supervisor,
      tree
        .replace("child(rooms, {", "child(rooms, { shutdown: LIMIT,")
        .replace("export const top", "const LIMIT = 10\nexport const top"),
    )
    const line = await umbel(root, "extract", "rooms", "--app", "chat", "--to", "apps/rooms", "--yes")
    expect(line.code).toBe(4)
    expect(line.err).toContain("its line uses LIMIT, which is known only in supervisor.ts")
    await writeFile(supervisor, tree.replace("children:", 'strategy: "one_for_all",\n  children:'))
    const together = await umbel(root, "extract", "rooms", "--app", "chat", "--to", "apps/rooms", "--yes")
    expect(together.err).toContain("its children fall together")
    await writeFile(supervisor, tree)
    expect(existsSync(join(root, "apps", "rooms"))).toBe(false)
    expect((await umbel(root, "extract", "nosuch", "--app", "chat", "--to", "apps/rooms")).err).toContain(
      "children: server, rooms, words",
    )
    expect((await umbel(root, "extract", "rooms", "--app", "chat", "--to", "apps/other")).err).toContain(
      "exists already",
    )
  })

  test("what others use of it they import from the new application; names go along; all type-checks and passes", async () => {
    // Another module of the old application uses the child's name, and its own name stands in the index.
    await writeFile(
      join(root, "apps", "chat", "src", "report.ts"),
      'import { ROOMS } from "./rooms.ts"\n\nexport const where = String(ROOMS)\n',
    )
    expect(
      await umbel(root, "extract", "rooms", "--app", "chat", "--to", "apps/rooms", "--yes", "--no-install"),
    ).toMatchObject({ code: 0, err: "" })
    expect(await read("apps/chat/src/report.ts")).toContain('import { ROOMS } from "@abc/rooms"')
    expect(await read("apps/rooms/src/supervisor.ts")).toContain("children: [child(rooms, { name: ROOMS })],")
    expect(await read("apps/chat/package.json")).toContain('"@abc/rooms": "0.1.0"')
    expect(await read("umbel.config.ts")).toContain('rooms: "permanent"')

    expect(await umbel(root, "extract", "server", "--app", "chat", "--to", "apps/greeter", "--yes")).toMatchObject({
      code: 0,
      err: "",
    })
    const index = await read("apps/chat/src/index.ts")
    expect(index).toContain("/** What other applications may use of `chat`. */")
    expect(index).toContain('export { CHAT } from "@abc/greeter"')
    expect(await read("apps/greeter/src/index.ts")).toContain('export const CHAT = name<typeof server>("chat")')
    expect(existsSync(join(root, "apps", "greeter", "test", "chat.test.ts"))).toBe(true)

    expect(await tsc(root)).toMatchObject({ code: 0, out: "" })
    const checked = await umbel(root, "check", "--boundaries", "--cycles")
    expect(checked.out).toMatch(/^ok {4} boundaries/)
    expect(checked.code).toBe(0)
    const { code, out } = await umbel(root, "test")
    expect(out).toContain(
      "  chat     1 test, 0 failures\n  greeter  2 tests, 0 failures\n  other    2 tests, 0 failures\n  rooms    1 test, 0 failures\n",
    )
    expect(code).toBe(0)
  })
})

test("a diff shows what is different with two lines around it", () => {
  const lines = (texts: readonly string[]) => texts.join("\n")
  expect(diff(lines(["a", "b", "c", "d", "e", "f", "g"]), lines(["a", "b", "c", "d", "E", "f", "g"]))).toEqual([
    "@@",
    " c",
    " d",
    "-e",
    "+E",
    " f",
    " g",
  ])
  expect(diff("same", "same")).toEqual([])
})
