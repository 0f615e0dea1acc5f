/** The protocol of `global` by itself: nodes that are nothing but its state, over links that deliver in any order but their own. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Effect, GlobalEvent } from "../../src/global/events.ts"
import { randomExitName } from "../../src/global/index.ts"
import { initConnectTerm, type Op, readCast, readInfo } from "../../src/global/protocol.ts"
import { GlobalState } from "../../src/global/state.ts"
import { inspect, makePid, type Pid } from "../../src/term/index.ts"

const pidOf = (node: string, id = 1): Pid => makePid(node, id, 0, 1)

/** Nodes whose lockers get their locks one merge after the other, and whose resolvers let the smaller node keep a name. */
class Model {
  readonly states = new Map<string, GlobalState>()
  readonly notes: string[] = []
  readonly #links = new Set<string>()
  readonly #queues = new Map<string, { readonly cast: boolean; readonly message: unknown }[]>()
  /** Attempts that both lockers know of, as `node peer` to the tag. */
  readonly #attempts = new Map<string, number>()
  #now = 0
  #merging: readonly string[] = []
  /** Who is about to connect with whom: it takes a while, and much may happen meanwhile. */
  readonly #meetings: (readonly [who: string, whom: string])[] = []

  add(node: string, names: readonly string[], prevent = true): void {
    const state = new GlobalState({
      me: node,
      creation: 1,
      extension: 0n,
      firstTag: this.states.size * 1_000,
      tickMs: 1,
      prevent,
    })
    this.states.set(node, state)
    names.forEach((name, index) => {
      const entry = { name, pid: pidOf(node, index + 1), method: randomExitName, registrar: undefined }
      state.tables.insert(entry, { requester: undefined })
    })
    state.take()
  }

  isLinked(a: string, b: string): boolean {
    return this.#links.has(`${a} ${b}`)
  }
  link(a: string, b: string): void {
    if (a === b || this.isLinked(a, b)) return
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      this.#links.add(`${one} ${other}`)
      this.#queues.set(`${one} ${other}`, [])
    }
    this.event(a, { kind: "up", node: b, umbel: true })
    this.event(b, { kind: "up", node: a, umbel: true })
  }
  unlink(a: string, b: string): void {
    if (!this.isLinked(a, b)) return
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      this.#links.delete(`${one} ${other}`)
      this.#queues.delete(`${one} ${other}`)
    }
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      for (const { pid } of this.states.get(one)!.tables.names()) {
        if (pid.node === other) this.event(one, { kind: "ended", pid })
      }
      this.event(one, { kind: "down", node: other, innocent: false })
    }
  }

  event(node: string, event: GlobalEvent): void {
    for (const effect of this.states.get(node)!.handle(event, this.#now)) this.#perform(node, effect)
  }
  #put(from: string, to: string, cast: boolean, message: unknown): void {
    this.#queues.get(`${from} ${to}`)?.push({ cast, message })
  }
  #perform(node: string, effect: Effect): void {
    switch (effect.kind) {
      case "cast":
      case "send":
        return this.#put(node, effect.node, effect.kind === "cast", effect.message)
      case "announce":
        return this.#put(node, effect.node, true, initConnectTerm(node, effect.tag, pidOf(node, 99)))
      case "locker": {
        const { message } = effect
        if (message.kind === "him") this.#attempts.set(`${node} ${message.him.node}`, message.him.tag)
        if (message.kind !== "cancel") return
        for (const { nodes, message: told } of message.casts) for (const to of nodes) this.#put(node, to, true, told)
        this.#attempts.delete(`${node} ${message.node}`)
        this.#merging = this.#merging.filter((one) => one !== `${node} ${message.node}`)
        return
      }
      case "resolve": {
        const [ops, theirs]: [Op[], Op[]] = [[], []]
        for (const { name, pid, method } of effect.names) {
          const ours = this.states.get(node)!.tables.name(name)
          if (ours === undefined || (node < effect.node && pid.node < ours.pid.node))
            ops.push({ kind: "insert", name, pid, method })
          else if (node < effect.node && ours.pid.key !== pid.key)
            theirs.push({ kind: "insert", name, pid: ours.pid, method })
        }
        return this.event(node, { kind: "decided", node: effect.node, tag: effect.tag, ops, theirs })
      }
      case "meet":
        return void this.#meetings.push([node, effect.node])
      case "disconnect":
        return this.unlink(node, effect.node)
      case "watch":
        // A monitor connects, as any signal does.
        if (effect.on) this.link(node, effect.pid.node)
        return
      case "renew":
        this.unlink(node, effect.node)
        return void this.#meetings.push([node, effect.node])
      case "note":
        this.notes.push(`${node} ${effect.text}`)
    }
  }

  /** One message arrives, or one pair of lockers gets its lock. False when nothing is left to happen. */
  step(choose: (count: number) => number): boolean {
    const ready = [...this.#queues].filter(([, queue]) => queue.length > 0)
    const chosen = ready.length + this.#meetings.length === 0 ? 0 : choose(ready.length + this.#meetings.length)
    const [meeting] = this.#meetings.splice(chosen - ready.length, chosen >= ready.length ? 1 : 0)
    if (meeting !== undefined) {
      this.link(...meeting)
      this.event(meeting[0], { kind: "met", node: meeting[1] })
      return true
    }
    if (ready.length > 0) {
      const [link, queue] = ready[chosen]!
      const { cast, message } = queue.shift()!
      const said = cast ? readCast(message) : readInfo(message)
      if (said === undefined) throw new Error(`${link} said ${inspect(message)}`)
      this.event(link.split(" ")[1]!, said)
      return true
    }
    const both = [...this.#attempts.keys()].filter((key) => this.#attempts.has(key.split(" ").reverse().join(" ")))
    if (this.#merging.length > 0 || both.length === 0) return false
    const [a, b] = both[choose(both.length)]!.split(" ") as [string, string]
    this.#merging = [`${a} ${b}`, `${b} ${a}`]
    const requester = [pidOf(a, 99), pidOf(b, 99)]
    this.event(a, { kind: "lockIsSet", node: b, tag: this.#attempts.get(`${a} ${b}`)!, requester })
    this.event(b, { kind: "lockIsSet", node: a, tag: this.#attempts.get(`${b} ${a}`)!, requester })
    return true
  }
  settle(choose: (count: number) => number): void {
    for (let steps = 0; this.step(choose); steps++) if (steps > 20_000) throw new Error("it never comes to rest")
  }

  /** Time passes until nothing more comes of it. */
  pass(choose: (count: number) => number): void {
    this.settle(choose)
    for (let beat = 0; beat < 12; beat++) {
      this.#now += 2
      for (const node of this.states.keys()) this.event(node, { kind: "beat" })
      this.settle(choose)
    }
  }

  table(node: string): string[] {
    return this.states
      .get(node)!
      .tables.names()
      .map(({ name, pid }) => `${name} ${pid.node}`)
      .sort()
  }
}

const NODES = ["a@m", "b@m", "c@m", "d@m", "e@m"]
const ownNames = fc.array(fc.constantFrom("w", "x", "y", "z"), { maxLength: 3 }).map((names) => [...new Set(names)])
const links = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 12 })

describe("partitions that meet", () => {
  test("end in equal name tables with one owner a name, whatever meets whom and whatever arrives first", () => {
    fc.assert(
      fc.property(
        fc.tuple(ownNames, ownNames, ownNames, ownNames, ownNames),
        links,
        fc.infiniteStream(fc.nat(1_000)),
        fc.boolean(),
        (names, meetings, choices, atOnce) => {
          const model = new Model()
          for (const [index, node] of NODES.entries()) model.add(node, names[index]!)
          const choose = (count: number): number => choices.next().value! % count
          for (const [one, other] of [...meetings, [0, 1], [1, 2], [2, 3], [3, 4]] as const) {
            model.link(NODES[one]!, NODES[other]!)
            if (!atOnce) model.settle(choose)
          }
          model.settle(choose)
          const everyName = [...new Set(names.flat())].sort()
          for (const node of NODES) {
            expect(model.table(node), node).toEqual(model.table("a@m"))
            expect(model.states.get(node)!.known.toSorted()).toEqual(NODES.filter((other) => other !== node))
          }
          expect(model.table("a@m").map((row) => row.split(" ")[0])).toEqual(everyName)
        },
      ),
      { numRuns: 100 },
    )
  })
})

const first = (): number => 0
function three(prevent = true): Model {
  const model = new Model()
  for (const node of ["a@m", "b@m", "c@m"]) model.add(node, [node], prevent)
  model.link("a@m", "b@m")
  model.link("b@m", "c@m")
  model.settle(first)
  return model
}

describe("a lost connection", () => {
  test("between any of them leaves partitions that do not overlap, and names only of those in one's own", () => {
    const lost = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(lost, fc.infiniteStream(fc.nat(1_000)), (losses, choices) => {
        const model = new Model()
        for (const node of NODES) model.add(node, [node])
        for (const node of NODES) model.link("a@m", node)
        const choose = (count: number): number => choices.next().value! % count
        model.settle(choose)
        for (const [one, other] of losses) model.unlink(NODES[one]!, NODES[other]!)
        model.settle(choose)
        for (const node of NODES) {
          const mine = [node, ...model.states.get(node)!.known].sort()
          for (const other of mine)
            expect([other, ...model.states.get(other)!.known].sort(), `${node} ${other}`).toEqual(mine)
          expect(model.table(node)).toEqual(mine.map((name) => `${name} ${name}`))
        }
        for (const [one, other] of losses) {
          if (one !== other) expect(model.states.get(NODES[one]!)!.known).not.toContain(NODES[other])
        }
      }),
      { numRuns: 100 },
    )
  })
  test("while they are still about to meet leaves no two connected of which one does not know the other", () => {
    const lost = fc.array(fc.tuple(fc.nat(60), fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(lost, fc.infiniteStream(fc.nat(1_000)), (losses, choices) => {
        const model = new Model()
        for (const node of NODES) model.add(node, [node])
        const choose = (count: number): number => choices.next().value! % count
        for (const node of NODES) model.link("a@m", node)
        for (const [steps, one, other] of losses) {
          for (let step = 0; step < steps; step++) model.step(choose)
          model.unlink(NODES[one]!, NODES[other]!)
        }
        model.pass(choose)
        for (const node of NODES) {
          const linked = NODES.filter((other) => model.isLinked(node, other))
          // Whoever is connected is known, on both sides, however it came about. That partitions do not overlap cannot be promised here: what OTP's protocol
          // tells of a third node goes with the connection it was told over.
          expect(model.states.get(node)!.known.toSorted(), node).toEqual(linked)
        }
      }),
      { numRuns: 300 },
    )
  })
  test("is nobody's business when partitions may overlap", () => {
    const model = three(false)
    model.unlink("a@m", "b@m")
    model.settle(first)
    expect(model.states.get("c@m")!.known.toSorted()).toEqual(["a@m", "b@m"])
  })
  test("is told once by each, so that telling it ends", () => {
    const model = three()
    const loss = { kind: "lostConnection", by: "x@m", creation: 1, id: 5, node: "a@m" } as const
    const state = model.states.get("c@m")!
    expect(state.handle(loss, 0).filter(({ kind }) => kind === "send").length).toBeGreaterThan(1)
    expect(state.handle(loss, 1)).toEqual([])
    expect(state.handle({ ...loss, id: 4 }, 2)).toEqual([])
    expect(state.handle({ ...loss, id: 6 }, 3)).not.toEqual([])
  })
  test("is told by the smaller of two Umbel nodes; not of a BEAM node, nor when it was our own doing, or comes as we stop", () => {
    const told = (node: string, event: GlobalEvent, first?: GlobalEvent): string => {
      const state = three().states.get(node)!
      if (first !== undefined) state.handle(first, 0)
      return state
        .handle(event, 0)
        .flatMap((effect) => (effect.kind === "send" ? [inspect(effect.message)] : []))
        .join()
    }
    const lost = (node: string, innocent = false): GlobalEvent => ({ kind: "down", node, innocent })
    expect(told("a@m", lost("c@m"))).toContain("lost_connection")
    expect(told("c@m", lost("a@m"))).toBe("")
    expect(told("a@m", lost("c@m"), { kind: "up", node: "c@m", umbel: false })).toBe("")
    expect(told("a@m", lost("c@m", true))).toBe("")
    expect(told("a@m", lost("c@m"), { kind: "stopping" })).toBe("")
  })
  test("that cannot be made makes this node leave, and nobody lose another", () => {
    const model = three()
    const effects = model.states.get("c@m")!.handle({ kind: "unreachable", node: "b@m", ours: false }, 0)
    expect(effects.flatMap((effect) => (effect.kind === "disconnect" ? [effect.node] : [])).sort()).toEqual([
      "a@m",
      "b@m",
    ])
    expect(inspect(effects as never, { size: 10_000 })).not.toContain("lost_connection")
    expect(effects.find(({ kind }) => kind === "note")).toMatchObject({
      level: "error",
      text: expect.stringContaining("it leaves"),
    })
  })
  test("to all, because we leave, makes nobody lose another", () => {
    const model = three()
    expect(model.states.get("c@m")!.leave().toSorted()).toEqual(["a@m", "b@m"])
    model.unlink("c@m", "a@m")
    model.unlink("c@m", "b@m")
    model.settle(first)
    expect([model.states.get("a@m")!.known, model.states.get("b@m")!.known]).toEqual([["b@m"], ["a@m"]])
  })
})

describe("two that are not at the same attempt", () => {
  const kinds = (effects: readonly Effect[]): string[] =>
    effects.map((effect) => (effect.kind === "send" ? inspect(effect.message) : effect.kind))
  test("begin anew: the other is told, and what belongs to the attempt before is nobody's", () => {
    const state = new GlobalState({ me: "a@m", creation: 1, extension: 0n, firstTag: 1, tickMs: 1, prevent: true })
    expect(kinds(state.handle({ kind: "up", node: "b@m", umbel: true }, 0))).toEqual(["announce"])
    state.handle({ kind: "initConnect", node: "b@m", version: 8, tag: 50, locker: pidOf("b@m", 99) }, 0)
    expect(state.handle({ kind: "ack", node: "b@m", ourTag: 1, hisTag: 50 }, 0)).toEqual([])
    const again = kinds(state.handle({ kind: "ack", node: "b@m", ourTag: 1, hisTag: 51 }, 0))
    expect(again[0]).toContain("cancel_connect")
    expect(again.at(-1)).toBe("announce")
    // Of the first attempt; the second has the next tag.
    expect(state.handle({ kind: "cancelConnect", node: "b@m", tag: 1 }, 0)).toEqual([])
    expect(kinds(state.handle({ kind: "cancelConnect", node: "b@m", tag: 2 }, 0)).at(-1)).toBe("announce")
    expect(kinds(state.handle({ kind: "exchange", node: "b@m", names: [], tag: 2 }, 0))).toEqual(["locker"])
  })
})
