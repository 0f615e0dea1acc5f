/**
 * The commands of an article on Elixir, with `umbel` for `mix`, typed into a shell; then what a person does with what they made.
 *
 * What is generated depends on this checkout, as it was built last: so it is built first.
 */
import { existsSync } from "node:fs"
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { CHECKOUT, run, builtUmbel as umbel } from "./support/umbel.ts"

const TOOLS = join(CHECKOUT, "node_modules")
const tsc = (cwd: string, ...args: readonly string[]) =>
  run(cwd, process.execPath, join(TOOLS, "typescript", "bin", "tsc"), ...args)
const biome = (cwd: string) =>
  run(cwd, process.execPath, join(TOOLS, "@biomejs", "biome", "bin", "biome"), "check", "--error-on-warnings", ".")

// Some forty processes are started here, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000 })

let home = ""
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "umbel-new-"))
  const built = await tsc(CHECKOUT, "-b", "packages/umbel/src/testing", "packages/cli/src")
  expect(built.out).toBe("")
}, 300_000)
afterAll(() => rm(home, { recursive: true, force: true }))

describe("umbel new abc --umbrella, with a, b --sup and c --sup", () => {
  let root = ""
  beforeAll(async () => {
    root = join(home, "abc")
    const made = await umbel(home, "new", "abc", "--umbrella", "--no-install")
    expect(made).toMatchObject({ code: 0, err: "" })
    expect(made.out).toContain("* creating abc/umbel.config.ts\n")
    expect(made.out).toContain("Next:\n\n    cd abc\n")
    const apps = join(root, "apps")
    expect(await umbel(apps, "new", "a", "--no-install")).toMatchObject({ code: 0, err: "" })
    expect(await umbel(apps, "new", "b", "--sup", "--no-install")).toMatchObject({ code: 0, err: "" })
    // The last one installs for all of them: everything comes from the checkout, so this needs no network.
    const last = await umbel(apps, "new", "c", "--sup")
    expect(last).toMatchObject({ code: 0, err: "" })
    expect(last.out).toContain("* updating ../umbel.config.ts\n* updating ../tsconfig.json\n* installed")
  }, 300_000)

  test("the release `all` has every application, and each lies in few files", async () => {
    const config = await readFile(join(root, "umbel.config.ts"), "utf8")
    for (const name of ["a", "b", "c"]) expect(config).toContain(`        ${name}: "permanent",\n`)
    expect((await readdir(join(root, "apps"))).sort()).toEqual(["a", "b", "c"])
  })
  test("it type-checks, and biome finds nothing, warnings included", async () => {
    expect(await tsc(root, "-b")).toMatchObject({ code: 0, out: "" })
    expect(await biome(root)).toMatchObject({ code: 0 })
    const checked = await umbel(root, "check")
    expect(checked.code).toBe(0)
    expect(checked.out.match(/^ok {4}/gm)).toHaveLength(4)
  }, 180_000)
  test("its tests pass as one run with one summary and one seed; inside an application only its own run", async () => {
    const { code, out } = await umbel(root, "test", "--seed", "42")
    expect(out).toContain("  a  1 test, 0 failures\n  b  2 tests, 0 failures\n  c  2 tests, 0 failures\n")
    expect(out.match(/Test Files/g)).toHaveLength(1)
    expect(out).toContain("Randomized with seed 42")
    expect(code).toBe(0)
    const inside = await umbel(join(root, "apps", "b"), "test")
    expect(inside.out).toContain("  b  2 tests, 0 failures\n\n")
    expect(inside.code).toBe(0)
  }, 180_000)
  test("everything that gen makes is put into the tree, type-checks, is tidy and passes its tests", async () => {
    const c = join(root, "apps", "c")
    for (const kind of ["server", "statem", "supervisor", "dynamic-supervisor", "task", "registry"]) {
      expect(await umbel(c, "gen", kind, `some-${kind}`)).toMatchObject({ code: 0, err: "" })
    }
    const dry = await umbel(root, "gen", "server", "other", "--app", "b", "--dry-run")
    expect(dry.out).toContain("* creating apps/b/src/other.ts\n")
    expect(dry.out).toContain("Nothing was written.")
    expect(existsSync(join(root, "apps", "b", "src", "other.ts"))).toBe(false)
    expect((await umbel(c, "gen", "server", "some-server")).err).toContain("exist already")
    expect(await readFile(join(c, "src", "supervisor.ts"), "utf8")).toContain(
      "    child(SOME_REGISTRY),\n    child(server,",
    )
    expect((await umbel(root, "gen", "release", "front", "--applications", "a,b")).code).toBe(0)
    expect(await readFile(join(root, "umbel.config.ts"), "utf8")).toContain(
      `front: { applications: { a: "permanent", b: "permanent" } },`,
    )
    expect(await tsc(root, "-b")).toMatchObject({ code: 0, out: "" })
    expect(await biome(root)).toMatchObject({ code: 0 })
    const { code, out } = await umbel(root, "test", "apps/c")
    expect(out).toContain("  c  7 tests, 0 failures")
    expect(code).toBe(0)
  }, 300_000)
  test("an import that is not declared fails the check with exit code 4 and says how to mend it; so does a cycle", async () => {
    const file = join(root, "apps", "b", "src", "bad.ts")
    await writeFile(file, 'import { hello } from "@abc/a"\n\nexport const x = hello()\n')
    const bad = await umbel(root, "check", "--boundaries")
    expect(bad.code).toBe(4)
    const programs = await umbel(root, "check", "--boundaries", "--json")
    expect(programs.code).toBe(4)
    expect(JSON.parse(programs.out)).toMatchObject({ ok: false, checks: [{ name: "boundaries", ok: false }] })
    expect(bad.out).toContain(`  apps/b/src/bad.ts:1 imports @abc/a, but b does not depend on it
  to mend it, do one of these:
    1. add "@abc/a": "0.1.0" to the dependencies in apps/b/package.json
    2. ask a by its name in a message, which needs no import: its process may even be on another node
    3. move what both need into an application that b and a depend on
`)
    await depend("b", "@abc/a")
    expect((await umbel(root, "check", "--boundaries", "--cycles")).code).toBe(0)
    // tsc goes by references: check says which one lacks, and mends it.
    const unreferenced = await umbel(root, "check", "--types")
    expect(unreferenced.code).toBe(4)
    expect(unreferenced.out).toContain("apps/b/tsconfig.json lacks references to ../a")
    const mended = await umbel(root, "check", "--fix")
    expect(mended.out).toContain("* updating apps/b/tsconfig.json")
    expect(mended.code).toBe(0)
    expect((await umbel(root, "graph", "--apps")).out).toBe("a\nb\n└── a\nc\n")
    await depend("a", "@abc/b")
    const circle = await umbel(root, "check", "--cycles")
    expect(circle.code).toBe(4)
    expect(circle.out).toContain("a → b → a: none can start first")
  }, 300_000)

  async function depend(name: string, on: string): Promise<void> {
    const manifest = join(root, "apps", name, "package.json")
    const own = JSON.parse(await readFile(manifest, "utf8")) as { dependencies: Record<string, string> }
    own.dependencies[on] = "0.1.0"
    await writeFile(manifest, `${JSON.stringify(own, null, 2)}\n`)
  }
})

describe("umbel new my_app --sup", () => {
  let root = ""
  beforeAll(async () => {
    root = join(home, "my_app")
    const programs = await umbel(home, "new", "my_app", "--dry-run", "--json")
    expect(JSON.parse(programs.out)).toMatchObject({
      written: false,
      created: expect.arrayContaining(["my_app/src/index.ts"]),
      updated: [],
      toDo: [],
    })
    const dry = await umbel(home, "new", "my_app", "--sup", "--dry-run")
    expect(dry.out).toContain("* creating my_app/src/supervisor.ts\n")
    expect(existsSync(root)).toBe(false)
    expect(await umbel(home, "new", "my_app", "--sup")).toMatchObject({ code: 0, err: "" })
  }, 180_000)

  test("type-checks, is tidy, has a git repository and passes its tests", async () => {
    expect(await tsc(root, "-b")).toMatchObject({ code: 0, out: "" })
    expect(await biome(root)).toMatchObject({ code: 0 })
    expect(existsSync(join(root, ".git"))).toBe(true)
    const { code, out } = await umbel(root, "test")
    expect(out).toContain("  my_app  2 tests, 0 failures")
    expect(code).toBe(0)
  }, 180_000)
  test("a line within a test runs that test only, and a seed of 0 keeps the order", async () => {
    const { code, out } = await umbel(join(root, "test"), "test", "my-app.test.ts:10", "--seed", "0")
    expect(out).toContain("  my_app  1 test, 0 failures, 1 skipped")
    expect(out).toContain("In the order in which they are written")
    expect(code).toBe(0)
  }, 180_000)
  test("failing tests are exit code 2, and --failed runs those alone; nothing failed or stale is as it should be, nothing selected is exit code 1", async () => {
    expect(await umbel(root, "test", "--failed")).toEqual({
      code: 0,
      out: "no tests failed in their last run\n",
      err: "",
    })
    const nothing = await umbel(root, "test", "src")
    expect(nothing.code).toBe(1)
    expect(nothing.err).toContain(
      "there are no tests here among src\n       --pass-with-no-tests makes that no failure",
    )
    const file = join(root, "test", "my-app.test.ts")
    const before = await readFile(file, "utf8")
    await appendFile(file, '\ntest("it fails (on purpose)", () => {\n  expect(1).toBe(2)\n})\n')
    const all = await umbel(root, "test")
    expect(all.out).toContain("  my_app  3 tests, 1 failure\n")
    expect(all.code).toBe(2)
    const failed = await umbel(root, "test", "--failed")
    expect(failed.out).toContain("  my_app  1 test, 1 failure, 2 skipped")
    expect(failed.code).toBe(2)
    const programs = await umbel(root, "test", "--json")
    expect(programs.code).toBe(2)
    expect(JSON.parse(programs.out)).toMatchObject({
      ok: false,
      applications: { my_app: { tests: 3, failed: 1 } },
      files: [
        {
          path: "test/my-app.test.ts",
          passed: 2,
          failed: ["it fails (on purpose)"],
          errors: [expect.stringContaining("expected 1 to be 2")],
        },
      ],
    })
    await writeFile(file, before)
    expect((await umbel(root, "test", "--stale")).code).toBe(0)
    const stale = await umbel(root, "test", "--stale")
    expect(stale).toEqual({ code: 0, out: "no tests are stale: all have passed with the code as it is\n", err: "" })
  }, 300_000)
  test("vitest's own options go behind --", async () => {
    const { code, out } = await umbel(root, "test", "--", "--reporter=verbose", "-t", "greets")
    expect(out).toContain("✓ test/my-app.test.ts > the server greets whoever asks")
    expect(out).toContain("1 test, 0 failures, 1 skipped")
    expect(code).toBe(0)
  }, 180_000)
})

describe("the worker that starts beside vitest", () => {
  let root = ""
  const ran = async (...args: readonly string[]): Promise<string> => {
    const { code, out } = await umbel(root, "test", ...args)
    expect(code, out).toBe(0)
    return out
  }
  beforeAll(async () => {
    root = join(home, "worker")
    expect(await umbel(home, "new", "worker", "--no-git")).toMatchObject({ code: 0, err: "" })
    const text =
      'import { test } from "vitest"\n\ntest("where", () => console.log("in", process.argv[1], process.env["MINE"]))\n'
    await writeFile(join(root, "test", "where.test.ts"), text)
  }, 180_000)

  test("is the one that runs the tests, with coverage too; with options of vitest's it is one of vitest's own", async () => {
    expect(await ran()).toMatch(/^in .*testing\/worker\.js undefined$/m)
    const covered = await ran("--cover")
    expect(covered).toMatch(/^in .*testing\/worker\.js/m)
    expect(covered).toMatch(/^ index\.ts +\| +100 /m)
    expect(await ran("--", "--pool=forks")).toMatch(/^in .*workers\/forks\.js/m)
  })
  test("gives way to the project's own settings", async () => {
    await writeFile(join(root, "vitest.config.ts"), 'export default { test: { env: { MINE: "yes" } } }\n')
    expect(await ran()).toMatch(/^in .*workers\/forks\.js yes$/m)
  })
})

describe("what umbel new refuses", () => {
  const refused = async (cwd: string, ...args: readonly string[]): Promise<string> => {
    const { code, out, err } = await umbel(cwd, "new", ...args)
    expect(code).toBe(1)
    expect(out).toBe("")
    expect(err.split("\n")).toHaveLength(3)
    return err
  }
  test("a folder with something in it, which stays as it was", async () => {
    await umbel(home, "new", "full", "--no-install", "--no-git")
    await writeFile(join(home, "full", "README.md"), "mine")
    expect(await refused(home, "full")).toContain("exists and is not empty")
    expect(await readFile(join(home, "full", "README.md"), "utf8")).toBe("mine")
  })
  test("a name that is none, an umbrella in an umbrella, an application beside apps", async () => {
    expect(await refused(home, "Bad-Name")).toContain("try bad_name")
    expect(await refused(home, "x", "--umbrella", "--sup")).toContain("no supervision tree")
    await umbel(home, "new", "outer", "--umbrella", "--no-install", "--no-git")
    expect(await refused(join(home, "outer", "apps"), "inner", "--umbrella")).toContain("umbrellas do not nest")
    await umbel(join(home, "outer"), "new", "x", "--no-install")
    expect(existsSync(join(home, "outer", "apps", "x", "package.json"))).toBe(true)
    expect(await refused(join(home, "outer", "apps", "x"), "y")).toContain("applications of this umbrella lie in")
  })
  test("an umbrella whose configuration was rewritten is left alone, and says what to add", async () => {
    await umbel(home, "new", "odd", "--umbrella", "--no-install", "--no-git")
    const config = join(home, "odd", "umbel.config.ts")
    await writeFile(config, "const releases = {}\nexport default { releases }\n")
    const { code, out } = await umbel(join(home, "odd"), "new", "x", "--no-install")
    expect(code).toBe(0)
    expect(out).toContain(`* to do add x: "permanent" to a release in umbel.config.ts`)
    expect(await readFile(config, "utf8")).toBe("const releases = {}\nexport default { releases }\n")
  })
})

test("npm create umbel NAME is umbel new NAME", async () => {
  const bin = join(CHECKOUT, "packages", "create-umbel", "bin", "create-umbel.mjs")
  const { code, out } = await run(home, process.execPath, bin, "created", "--sup", "--dry-run")
  expect(out).toContain("* creating created/src/supervisor.ts\n")
  expect(code).toBe(0)
})
