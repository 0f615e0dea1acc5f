/**
 * The whole umbrella as a person uses it: brought up by the command, searched over HTTP, hurt, and stopped.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { INDEX } from "@search/index"
import { kill, type Node } from "umbel"
import { boot } from "umbel/nodejs"
import { INSPECTOR, type TreeNode } from "umbel/otp"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { freePort } from "../../../interop/support/ports.ts"

const UMBEL = fileURLToPath(new URL("../../../packages/cli/bin/umbel.mjs", import.meta.url))
const UMBRELLA = fileURLToPath(new URL("..", import.meta.url))
const COOKIE = "umbrella-test"
const FILES = 40

/** `umbel up`, with what it printed. */
class Umbrella {
  readonly lines: string[] = []
  readonly web: number
  readonly epmd: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, web: number, epmd: number) {
    this.#child = child
    this.web = web
    this.epmd = epmd
    const keep = (text: Buffer): void => void this.lines.push(...text.toString().split("\n"))
    child.stdout?.on("data", keep)
    child.stderr?.on("data", keep)
  }

  static async up(deployment: string, folder: string): Promise<Umbrella> {
    const [web, observer, epmd] = [await freePort(), await freePort(), await freePort()]
    const set = [`ingest.folder=${folder}`, `web.port=${web}`].flatMap((setting) => ["--set", setting])
    const child = spawn(
      process.execPath,
      ["--conditions=@umbel/source", UMBEL, "up", deployment, "--observer", String(observer), ...set],
      {
        cwd: UMBRELLA,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, ERL_EPMD_PORT: String(epmd), UMBEL_COOKIE: COOKIE },
      },
    )
    const umbrella = new Umbrella(child, web, epmd)
    await umbrella.says("Ctrl-C stops everything")
    return umbrella
  }

  async says(text: string): Promise<string> {
    const find = (): string | undefined => this.lines.find((line) => line.includes(text))
    await expect.poll(() => find() ?? this.lines.join("\n"), { timeout: 30_000 }).toContain(text)
    return find()!
  }

  /** The operating-system processes of its nodes, by name. */
  pids(): Map<string, number> {
    const pids = new Map<string, number>()
    for (const line of this.lines) {
      const [, name, pid] = /^(\S+)\s+│ ready \(pid (\d+)\)/.exec(line) ?? []
      if (name !== undefined) pids.set(name, Number(pid))
    }
    return pids
  }

  async search(
    words: string,
  ): Promise<{ status: number; body: { hits?: { path: string }[]; reason?: string; indexed?: number } }> {
    const response = await fetch(`http://127.0.0.1:${this.web}/api/search?q=${words}&limit=5`)
    return { status: response.status, body: (await response.json()) as never }
  }

  /** Ctrl-C. Gives the exit code. */
  async stop(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.#child.on("exit", resolve))
    if (this.#child.exitCode !== null) return this.#child.exitCode
    this.#child.kill("SIGINT")
    return ended
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const find = (tree: TreeNode, title: string): TreeNode | undefined =>
  tree.title === title ? tree : tree.children.map((child) => find(child, title)).find((found) => found !== undefined)

describe("the search umbrella", () => {
  let folder = ""
  let umbrella: Umbrella | undefined

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "umbel-search-"))
    const files = Array.from({ length: FILES }, (_, i) =>
      writeFile(
        join(folder, `page-${i}.md`),
        `# Page ${i}\n\nAbout gardens, number ${i}.${i === 7 ? " Here grows fennel." : ""}\n`,
      ),
    )
    await Promise.all([...files, writeFile(join(folder, "broken.md"), new Uint8Array([1, 0, 2]))])
  })
  afterEach(async () => {
    await umbrella?.stop()
    umbrella = undefined
    await rm(folder, { recursive: true, force: true })
  })

  test("in two processes it searches, heals, refuses in words while its index is away, and leaves nothing behind", async () => {
    umbrella = await Umbrella.up("split", folder)
    expect((await umbrella.search("fennel")).body.hits?.map((hit) => hit.path)).toEqual(["page-7.md"])
    // The file that is no text has crashed its reader, and nothing else.
    await umbrella.says("broken.md: is not text")
    expect((await umbrella.search("gardens")).body.indexed).toBe(FILES)

    const tester: Node = await boot({
      name: "tester@127.0.0.1",
      cookie: COOKIE,
      epmdPort: umbrella.epmd,
      report: () => {},
    })
    try {
      const back = "back@127.0.0.1"
      expect(await tester.call(INDEX.at(back)).search(["fennel"], 5)).toMatchObject([{ path: "page-7.md" }])
      // A partition is killed: its supervisor restarts it, and it is fed again.
      const before = find((await tester.call(INSPECTOR.at(back)).tree("index"))!, "index_1")!
      tester.exit(before.pid!, kill)
      await expect
        .poll(async () => find((await tester.call(INSPECTOR.at(back)).tree("index"))!, "index_1")?.restarts)
        .toBe(1)
      await expect.poll(async () => (await umbrella!.search("gardens")).body.indexed, { timeout: 10_000 }).toBe(FILES)
    } finally {
      await tester.stop()
    }

    // The node of the index is killed: 503 with a reason, until it is back and has been fed.
    const first = umbrella.pids()
    process.kill(first.get("back")!, "SIGKILL")
    await expect.poll(async () => (await umbrella!.search("fennel")).status).toBe(503)
    expect((await umbrella.search("fennel")).body.reason ?? "").toMatch(/noconnection|^$/)
    await expect
      .poll(async () => (await umbrella!.search("gardens")).body.indexed, { timeout: 30_000, interval: 200 })
      .toBe(FILES)
    expect((await umbrella.search("fennel")).body.hits).toHaveLength(1)

    const pids = [...first.values(), ...umbrella.pids().values()]
    expect(await umbrella.stop()).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
    const stopped = umbrella.lines.filter((line) => line.includes("stopped")).map((line) => line.split(" ")[0])
    expect(stopped).toEqual(["front", "back"])
  }, 120_000)

  test("in one process it is the same, from the same code", async () => {
    umbrella = await Umbrella.up("mono", folder)
    expect((await umbrella.search("fennel")).body.hits?.map((hit) => hit.path)).toEqual(["page-7.md"])
    expect((await umbrella.search("gardens")).body.indexed).toBe(FILES)
    expect([...umbrella.pids().keys()]).toEqual(["all"])
    expect(await umbrella.stop()).toBe(0)
  }, 60_000)
})
