/**
 * The commands of *Elixir in times of microservices*, with `umbel` for `mix`, typed into a shell; then two releases of what came of them, `[a, b]` and
 * `[c]`, as two operating-system processes that call each other.
 */
import { execFile } from "node:child_process"
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { freePort } from "../support/ports.ts"

vi.setConfig({ testTimeout: 280_000 })

const UMBEL = fileURLToPath(new URL("../../packages/cli/bin/umbel.mjs", import.meta.url))

/** A terminal: lines typed into a shell that finds `umbel` in its PATH. */
class Terminal {
  readonly home: string
  #at: string
  readonly #env: NodeJS.ProcessEnv

  constructor(home: string, epmdPort: number) {
    this.home = home
    this.#at = home
    // What vitest sets for its workers would change a vitest in there.
    const own = Object.entries(process.env).filter(
      ([key]) => !/^(VITEST|TEST$|NODE_ENV$|NODE_OPTIONS$|FORCE_COLOR$|npm_)/.test(key),
    )
    this.#env = {
      ...Object.fromEntries(own),
      PATH: `${join(home, "bin")}${delimiter}${process.env["PATH"]}`,
      NO_COLOR: "1",
      ERL_EPMD_PORT: String(epmdPort),
    }
  }

  /** What the line printed; `cd` holds for the lines after it, as it does in a shell. */
  async type(line: string): Promise<{ readonly code: number; readonly out: string }> {
    const { code, out } = await new Promise<{ code: number; out: string }>((resolve) => {
      const options = { cwd: this.#at, env: this.#env, timeout: 250_000, killSignal: "SIGKILL" } as const
      execFile("sh", ["-c", `${line} && pwd > '${join(this.home, "pwd")}'`], options, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), out: stdout + stderr }),
      )
    })
    if (code === 0) this.#at = (await readFile(join(this.home, "pwd"), "utf8")).trim()
    return { code, out }
  }
}

describe("the article's umbrella", () => {
  let terminal: Terminal
  beforeAll(async () => {
    const home = await mkdtemp(join(tmpdir(), "umbel-article-"))
    await mkdir(join(home, "bin"))
    const script = `#!/bin/sh\nexec '${process.execPath}' --conditions=@umbel/source '${UMBEL}' "$@"\n`
    await writeFile(join(home, "bin", "umbel"), script)
    await chmod(join(home, "bin", "umbel"), 0o755)
    terminal = new Terminal(home, await freePort())
  })
  afterAll(async () => {
    // Whatever the tests came to: no node is left behind.
    await terminal.type(`cd '${terminal.home}/abc' && { _build/ab/bin/ab stop; _build/c/bin/c stop; true; }`)
    await rm(terminal.home, { recursive: true, force: true })
  }, 60_000)

  test("is made by the article's commands, and its tests pass", async () => {
    for (const line of [
      "umbel new abc --umbrella",
      "cd abc/apps",
      "umbel new a",
      "umbel new b --sup",
      "umbel new c --sup",
      "cd ..",
    ]) {
      const { code, out } = await terminal.type(line)
      expect(out, line).not.toContain("umbel:")
      expect(code, out).toBe(0)
    }
    const tests = await terminal.type("umbel test")
    expect(tests.out).toContain("  a  1 test, 0 failures\n  b  2 tests, 0 failures\n  c  2 tests, 0 failures\n")
    expect(tests.code).toBe(0)
    const inside = await terminal.type("cd apps/c && umbel test && cd ../..")
    expect(inside.out).toContain("  c  2 tests, 0 failures\n")
  })

  test("is built as two releases, [a, b] and [c], whose nodes call each other; a third of the same code is built as one", async () => {
    expect((await terminal.type("umbel gen release ab --applications a,b")).code).toBe(0)
    expect((await terminal.type("umbel gen release c --applications c")).code).toBe(0)
    const built = await terminal.type("umbel release --all --verify")
    expect(built.out.match(/^\* verified /gm), built.out).toHaveLength(3)
    expect(built.code).toBe(0)

    expect((await terminal.type("_build/c/bin/c daemon")).out).toContain("c@127.0.0.1 runs (pid ")
    expect((await terminal.type("_build/ab/bin/ab daemon")).out).toContain("ab@127.0.0.1 runs (pid ")
    // From [a, b] into [c], by name; and back.
    const there = `node.call(umbel.name("c").at("c@127.0.0.1")).greet(a.hello())`
    expect(await terminal.type(`_build/ab/bin/ab rpc '${there}'`)).toEqual({ code: 0, out: '"hello, world"\n' })
    const back = `node.call(umbel.name("b").at("ab@127.0.0.1")).greet("Joe")`
    expect(await terminal.type(`_build/c/bin/c rpc '${back}'`)).toEqual({ code: 0, out: '"hello, Joe"\n' })
    expect(await terminal.type("_build/c/bin/c rpc 'node.call(c.C).greeted()'")).toEqual({ code: 0, out: "1\n" })

    const nodes = await terminal.type("umbel nodes")
    expect(nodes.out).toMatch(/^ab@127\.0\.0\.1 +Umbel .* a, b$/m)
    expect(nodes.out).toMatch(/^c@127\.0\.0\.1 +Umbel .* c$/m)
    expect(await terminal.type("_build/c/bin/c stop")).toEqual({ code: 0, out: "" })
    expect((await terminal.type("_build/c/bin/c health")).code).toBe(69)
    expect(await terminal.type("_build/ab/bin/ab stop")).toEqual({ code: 0, out: "" })
  })
})
