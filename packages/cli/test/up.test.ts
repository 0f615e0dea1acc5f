/** `umbel up` while it runs: several nodes of one release, restarted one after the other; and the commands that look at them. */
import { type ChildProcess, spawn } from "node:child_process"
import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { type Api, name } from "umbel"
import { boot } from "umbel/nodejs"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { freePort } from "../../../interop/support/ports.ts"
import { tinyUmbrella } from "./support/tiny-umbrella.ts"
import { CHECKOUT, type Ended, run } from "./support/umbel.ts"

vi.setConfig({ testTimeout: 170_000 })

interface ShopApi extends Api {
  calls: { config(): object }
  casts: {}
}

const UMBEL = join(CHECKOUT, "packages/cli/bin/umbel.mjs")
const CONFIG = `export default {
  releases: { shop: { applications: { shop: "permanent" } } },
  deployments: { twice: { shop: 2 } },
  config: { shop: { greeting: "hello", secret: "hush" } },
}\n`

describe("a deployment of one release, twice", () => {
  let root = ""
  let epmd = ""
  let up: ChildProcess
  const lines: string[] = []

  beforeAll(async () => {
    root = await tinyUmbrella({ "umbel.config.ts": CONFIG })
    epmd = String(await freePort())
    up = spawn(process.execPath, ["--conditions=@umbel/source", UMBEL, "up", "twice", "--no-observer"], {
      cwd: root,
      env: { ...process.env, ERL_EPMD_PORT: epmd, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    })
    for (const stream of [up.stdout, up.stderr])
      stream?.on("data", (text) => lines.push(...String(text).trimEnd().split("\n")))
    await says("Ctrl-C stops everything")
  }, 170_000)
  afterAll(async () => {
    const ended = new Promise((resolve) => up.once("exit", resolve))
    if (up.exitCode === null) {
      up.kill("SIGINT")
      await ended
    }
    await rm(root, { recursive: true, force: true })
  }, 170_000)

  const says = (text: string) => vi.waitFor(() => expect(lines.join("\n")).toContain(text), 120_000)
  const umbel = (...args: readonly string[]): Promise<Ended> =>
    run(root, "env", `ERL_EPMD_PORT=${epmd}`, process.execPath, "--conditions=@umbel/source", UMBEL, ...args)

  test("umbel nodes lists both; where it is not clear which is meant, the others say so", async () => {
    const { out } = await umbel("nodes")
    expect(out).toMatch(/^shop-1@127\.0\.0\.1 +Umbel +\d+ s +\d+ +shop$/m)
    expect(out).toMatch(/^shop-2@/m)
    const rows = JSON.parse((await umbel("nodes", "--json")).out) as { name: string; kind: string }[]
    expect(rows.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "shop-1@127.0.0.1 Umbel",
      "shop-2@127.0.0.1 Umbel",
    ])
    const unclear = await umbel("ps")
    expect(unclear).toMatchObject({ code: 1, out: "" })
    expect(unclear.err).toContain("--node shop-1|shop-2")
    const nobody = await umbel("ps", "--node", "nobody")
    expect(nobody.code).toBe(69)
    expect(nobody.err).toContain("nobody@127.0.0.1 does not answer\n")
  })

  test("ps, top and info show its processes, for people and for programs; states with their secrets covered", async () => {
    expect((await umbel("ps", "shop", "--node", "shop-1")).out).toMatch(
      /^<0\.\d+\.0> +waiting .* shop \(shop\.stores\)$/m,
    )
    const rows = JSON.parse((await umbel("ps", "stores", "--node", "shop-1", "--json")).out) as {
      pid: string
      title: string
    }[]
    expect(rows).toHaveLength(1)
    const top = await umbel("top", "--node", "shop-1")
    expect(top.out).toContain("shop-1@127.0.0.1  up for ")
    const info = await umbel("info", rows[0]!.pid, "--node", "shop-1")
    expect(info.out).toContain("ancestors   shop.supervisor")
    expect(info.out).toContain("[redacted]")
    expect(info.out).not.toContain("hush")
    expect(JSON.parse((await umbel("info", "shop", "--node", "shop-1", "--json")).out)).toMatchObject({
      title: "shop",
      module: "shop.stores",
    })
    expect((await umbel("info", "sho", "--node", "shop-1")).err).toContain("has no process sho\n       there are <0.")
  })

  test("tree draws the supervision trees, and names those there are where one is not", async () => {
    const { out } = await umbel("tree", "--node", "shop-1")
    expect(out).toMatch(/^shop <0\.\d+\.0> {2}shop\.supervisor, one_for_one\n└─ \S+ <0\.\d+\.0>/)
    const rows = JSON.parse((await umbel("tree", "shop", "--node", "shop-1", "--json")).out) as { children: object[] }[]
    expect(rows[0]!.children).toHaveLength(1)
    const nope = await umbel("tree", "nope", "--node", "shop-1")
    expect(nope).toMatchObject({
      code: 1,
      err: "umbel: no application nope runs on shop-1@127.0.0.1\n       there are shop\n",
    })
  })

  test("log-level says from where on lines are written, and takes it back", async () => {
    const set = await umbel("log-level", "debug", "--app", "shop", "--node", "shop-1")
    expect(set.code).toBe(0)
    expect(set.out).toContain("log level of application shop")
    const unset = await umbel("log-level", "unset", "--process", "shop", "--node", "shop-1", "--json")
    expect(JSON.parse(unset.out)).toMatchObject({
      node: "shop-1@127.0.0.1",
      done: expect.stringContaining("log level of"),
    })
    const nothing = await umbel("log-level", "unset", "--node", "shop-1")
    expect(nothing.code).toBe(1)
    expect(nothing.err).toMatch(
      /^umbel: .*the node always has a level: give one.*\n {7}umbel log-level --help has examples\n$/,
    )
  })

  test("trace shows what a process is asked while it is, and stops by itself at its limit", async () => {
    const cookie = (await readFile(join(root, ".umbel", "cookie"), "utf8")).trim()
    await using asker = await boot({ name: "asker@127.0.0.1", cookie, epmdPort: Number(epmd), report: () => {} })
    const traced = umbel("trace", "shop", "--node", "shop-1", "--limit", "4", "--for", "60")
    // Asked until the trace has seen enough, as nobody can know when it has begun.
    let over = false
    void traced.then(() => {
      over = true
    })
    const shop = name<ShopApi>("shop").at("shop-1@127.0.0.1")
    while (!over) {
      await asker.call(shop).config()
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { code, out } = await traced
    expect(code).toBe(0)
    expect(out.trim().split("\n")).toHaveLength(4)
    expect(out).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}call +.*shop .*config/m)
  }, 170_000)

  test("kill ends a process, which needs --yes where nobody can be asked; the node says it ended", async () => {
    const asked = await umbel("kill", "shop", "--node", "shop-2")
    expect(asked.code).toBe(1)
    expect(asked.err).toContain("--yes says yes")
    const { out } = await umbel("kill", "shop", "--node", "shop-2", "--yes", "--json")
    expect(JSON.parse(out)).toMatchObject({ node: "shop-2@127.0.0.1", reason: "killed" })
    // Its supervisor restarts nobody, so the application and its node end, and up starts the node again.
    await says("shop-2 │ ended")
    await expect
      .poll(() => lines.filter((line) => line.startsWith("shop-2 │ ready")).length, { timeout: 60_000 })
      .toBe(2)
  })

  test("SIGHUP restarts one node after the other, each ready before the next", async () => {
    const from = lines.length
    up.kill("SIGHUP")
    await says("all nodes have been restarted")
    const steps = lines
      .slice(from)
      .flatMap((line) => /^(shop-\d) │ (restarting|ready)/.exec(line)?.slice(1, 3).join(" ") ?? [])
    expect(steps).toEqual(["shop-1 restarting", "shop-1 ready", "shop-2 restarting", "shop-2 ready"])
    expect((await umbel("nodes")).out).toMatch(/^shop-1@.*\n^shop-2@/m)
  })
})

describe("umbel config", () => {
  let root = ""
  beforeAll(async () => {
    root = await tinyUmbrella({ "umbel.config.ts": CONFIG })
  })
  afterAll(() => rm(root, { recursive: true, force: true }))
  const umbel = (...args: readonly string[]): Promise<Ended> =>
    run(root, process.execPath, "--conditions=@umbel/source", UMBEL, ...args)

  test("says what each value is and which layer said so; --explain what every layer says", async () => {
    const { out } = await umbel("config", "--set", "shop.port=9")
    expect(out).toMatch(/^shop\.greeting +"hello" +umbel\.config\.ts$/m)
    expect(out).toMatch(/^shop\.port +9 +--set$/m)
    expect(out).toMatch(/^shop\.secret +"\[redacted\]" +umbel\.config\.ts$/m)
    const explained = await umbel("config", "--explain", "shop.greeting", "--set", "shop.greeting=bye")
    expect(explained.out).toBe(
      'shop.greeting is "bye", by --set\n    → --set             "bye"\n      umbel.config.ts   "hello"\n      the application   "default"\n',
    )
    expect(JSON.parse((await umbel("config", "--explain", "shop.port", "--json")).out)).toEqual([
      { key: "shop.port", value: 0, from: "the application", said: [{ from: "the application", value: 0 }] },
    ])
    expect((await umbel("config", "--explain", "shop.nosuch")).err).toContain("nothing is configured as shop.nosuch")
    expect((await umbel("config", "--set", "shop.port=x")).err).toContain(
      "configuration shop.port: expected a number, got a string",
    )
  })

  test("umbel doctor checks the machine and the project, and gives a cure for what is not right", async () => {
    const found = JSON.parse((await umbel("doctor", "--json")).out) as { name: string; state: string; cure?: string }[]
    expect(found.find(({ name }) => name === "Node.js")).toMatchObject({ state: "ok" })
    expect(found.find(({ name }) => name === "one umbel")).toMatchObject({ state: "ok" })
    // It has no node_modules of its applications, and no tsconfig.json.
    expect(found.find(({ name }) => name === "workspaces")).toMatchObject({ state: "failed", cure: "npm install" })
    const { code, out } = await umbel("doctor")
    expect(code).toBe(4)
    expect(out).toMatch(/^failed {2}workspaces .*\n +→ npm install$/m)
  })
})
