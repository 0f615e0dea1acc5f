/** The commands that look at nodes, through an observer: its views, its capabilities, and no cookie. */
import { observer, observerAddress } from "@umbel/observer"
import { application, child, genServer, type Node, name, supervisor } from "umbel"
import { boot } from "umbel/nodejs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { freePort } from "../../../interop/support/ports.ts"
import { CHECKOUT, type Ended, umbel } from "./support/umbel.ts"

const MANAGER = "0123456789-manager"
const READER = "0123456789-reader"
const READER_OF_STATES = "0123456789-states"

const till = genServer("shop.till", {
  init: () => ({ coins: 12, password: "hunter2" }),
  calls: { coins: ({ state }) => state.coins },
})
const TILL = name<typeof till>("till")
const shop = application({
  name: "shop",
  start: () => supervisor("shop.top", { children: [child(till, { name: TILL })] }),
})

let front: Node
let back: Node
let address: string
beforeAll(async () => {
  const epmdPort = await freePort()
  const common = { cookie: "observed", epmdPort, report: () => {} }
  const config = {
    port: 0,
    tokens: [
      { name: "ann", token: MANAGER, capabilities: ["inspect", "inspect.state", "manage"] as const },
      { name: "bob", token: READER, capabilities: ["inspect"] as const },
      { name: "cem", token: READER_OF_STATES, capabilities: ["inspect", "inspect.state"] as const },
    ],
  }
  front = await boot({ ...common, name: "front@127.0.0.1", applications: [shop, observer.with(config)] })
  back = await boot({ ...common, name: "back@127.0.0.1", applications: [shop] })
  await front.connect(back.name)
  address = await observerAddress(front)
})
afterAll(async () => {
  await back.stop()
  await front.stop()
})

const asked = (token: string, ...words: readonly string[]): Promise<Ended> =>
  umbel(CHECKOUT, ...words, "--observer", address, "--token", token)
const pidOf = (node: Node): string => String(node.whereis(TILL)!).replace(/^.*(<\d+\.\d+\.\d+>).*$/, "$1")

describe("through an observer", { timeout: 60_000 }, () => {
  test("umbel nodes lists what it sees", async () => {
    const { out, code } = await asked(READER, "nodes", "--json")
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject([
      { name: "front@127.0.0.1", kind: "Umbel", applications: ["shop", "observer"] },
      { name: "back@127.0.0.1", kind: "Umbel", applications: ["shop"] },
    ])
  })

  test("umbel ps and top show processes of any node, the observer's own unless told", async () => {
    const all = JSON.parse((await asked(READER, "ps", "--json")).out) as { title: string; module: string }[]
    expect(all.map(({ title }) => title)).toContain("umbel_observer")
    const { out } = await asked(READER, "ps", "till", "--node", "back")
    expect(out).toMatch(/^PID .*\n<0\.\d+\.0> .* till \(shop\.till\)\n$/)
    const top = await asked(READER, "top", "--node", "back", "--once")
    expect(top.out).toMatch(
      /^back@127\.0\.0\.1 {2}up for .*\nno crash since it booted, connected to front@127\.0\.0\.1\n\nPID/,
    )
    expect(top.out).toContain("till (shop.till)")
  })

  test("umbel tree draws the trees", async () => {
    const { out } = await asked(READER, "tree", "shop", "--node", "back")
    expect(out).toMatch(/^shop <0\.\d+\.0> {2}shop\.top, one_for_one\n└─ till <0\.\d+\.0>\n$/)
    const none = await asked(READER, "tree", "nosuch")
    expect([none.code, none.err]).toEqual([
      1,
      "umbel: no application nosuch with a tree runs on front@127.0.0.1\n       there are shop, observer\n",
    ])
  })

  test("umbel info shows states to those who may see them, redacted", async () => {
    const { out } = await asked(READER, "info", "till", "--node", "back")
    expect(out).toContain("module      shop.till (worker)")
    expect(out).toContain("its state and messages are for tokens with inspect.state")
    expect(out).not.toContain("coins")
    const more = await asked(READER_OF_STATES, "info", pidOf(back), "--node", "back")
    expect(more.out).toContain('state       %{coins: 12, password: "[redacted]"}')
  })

  test("umbel kill says what it takes down, does it for who may, and the audit has it", async () => {
    const denied = await asked(READER, "kill", "till", "--node", "back", "--yes")
    expect([denied.code, denied.err]).toEqual([
      1,
      expect.stringContaining("umbel: You may look only: this needs the capability manage.\n"),
    ])
    const before = pidOf(back)
    // There is no terminal to ask at here: it says what would follow, and does nothing.
    const unsure = await asked(MANAGER, "kill", before, "--node", "back")
    expect(unsure.out).toContain("starts it again")
    expect([unsure.code, pidOf(back)]).toEqual([1, before])
    const killed = await asked(MANAGER, "kill", "till", "--node", "back", "--yes")
    expect(killed.code).toBe(0)
    await expect.poll(() => back.whereis(TILL) !== undefined && pidOf(back) !== before).toBe(true)
    const response = await fetch(new URL("/api/audit", address), { headers: { authorization: `Bearer ${READER}` } })
    expect(JSON.stringify(await response.json())).toMatch(/"who":"ann"/)
  })

  test("umbel kill in production wants the name of what ends", async () => {
    const careful = observer.with({ port: 0, confirmByName: true })
    const prod = await boot({
      name: "prod@127.0.0.1",
      epmdPort: await freePort(),
      report: () => {},
      applications: [shop, careful],
    })
    try {
      const before = pidOf(prod)
      const there = await observerAddress(prod)
      const killed = (...words: readonly string[]) => umbel(CHECKOUT, "kill", "till", "--observer", there, ...words)
      const unsure = await killed()
      expect([unsure.code, unsure.err]).toEqual([
        1,
        `umbel: this is production: type till to end ${before} on prod@127.0.0.1: there is no terminal to ask at\n       --confirm NAME brings it\n`,
      ])
      for (const words of [["--yes"], ["--yes", "--confirm", "tills"]]) {
        const refused = await killed(...words)
        expect([refused.code, refused.err]).toEqual([
          1,
          expect.stringContaining("umbel: Nothing was done: in production this wants the name till"),
        ])
      }
      expect(pidOf(prod)).toBe(before)
      expect((await killed("--confirm", "till")).code).toBe(0)
      await expect.poll(() => prod.whereis(TILL) !== undefined && pidOf(prod) !== before).toBe(true)
    } finally {
      await prod.stop()
    }
  })

  test("umbel trace shows what a process hears, and ends by its bounds", async () => {
    const traced = asked(READER_OF_STATES, "trace", "till", "--node", "back", "--limit", "2", "--json")
    // It begins at some time: asked until it has heard enough.
    let over = false
    void traced.then(() => {
      over = true
    })
    while (!over) {
      await front.call(TILL.at(back.name)).coins()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const { out, code } = await traced
    expect(code).toBe(0)
    const events = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { kind: string; text: string })
    // It may begin between a call and its answer.
    expect(events).toContainEqual(expect.objectContaining({ kind: "call", text: expect.stringContaining("coins") }))
    const denied = await asked(READER, "trace", "till", "--node", "back")
    expect(denied.err).toContain("umbel: You may not see this: it needs the capability inspect.state.\n")
  })

  test("umbel log-level sets that of a node", async () => {
    const { out, code } = await asked(MANAGER, "log-level", "debug", "--node", "back")
    expect([code, out]).toEqual([0, "set the log level of back@127.0.0.1 to debug\n"])
  })

  test("who is not let in, and who asks in the wrong place, is told in a sentence", async () => {
    const without = await umbel(CHECKOUT, "ps", "--observer", address)
    expect([without.code, without.err]).toEqual([
      1,
      expect.stringMatching(
        /^umbel: The observer asks for a token: .*\n {7}--token or UMBEL_OBSERVER_TOKEN brings one\n$/,
      ),
    ])
    const nobody = await umbel(CHECKOUT, "ps", "--observer", `http://127.0.0.1:${await freePort()}`)
    expect([nobody.code, nobody.err]).toEqual([
      69,
      expect.stringMatching(/^umbel: no observer answers at .*: nothing listens there\n/),
    ])
    const nonsense = await umbel(CHECKOUT, "ps", "--observer", "front")
    expect([nonsense.code, nonsense.err]).toEqual([
      1,
      expect.stringContaining("umbel: --observer front is no address\n"),
    ])
    const unknown = await asked(READER, "ps", "--node", "nosuch")
    expect(unknown.err).toBe(
      "umbel: the observer knows no node nosuch\n       there are front@127.0.0.1, back@127.0.0.1\n",
    )
  })
})
