/** What a supervisor decides: the table of cases, and what holds for any family. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  type Decision,
  decide,
  decideAgain,
  type Restart,
  type RestartBudget,
  type Siblings,
  type Strategy,
} from "../../src/otp/index.ts"
import { atom, inspect, normal, shutdown, tuple } from "../../src/term/index.ts"

const boom = atom("boom")
const fresh: RestartBudget = { intensity: 3, periodMs: 5_000, restarts: [] }
const family = (strategy: Strategy, restart: Restart = "permanent"): Siblings => ({
  strategy,
  children: ["a", "b", "c"].map((id) => ({ id, restart, running: id !== "b" })),
})

describe("one death", () => {
  const cases: [Strategy, string[], string[]][] = [
    ["one_for_one", [], ["b"]],
    ["rest_for_one", ["c"], ["b", "c"]],
    ["one_for_all", ["c", "a"], ["a", "b", "c"]],
  ]
  for (const [strategy, stop, start] of cases) {
    test(`under ${strategy} stops [${stop}] and starts [${start}]`, () => {
      expect(decide(family(strategy), fresh, "b", boom, 100)).toEqual({ kind: "restart", stop, start, restarts: [100] })
    })
  }

  const ends: [Restart, unknown, Decision["kind"]][] = [
    ["permanent", normal, "restart"],
    ["permanent", boom, "restart"],
    ["transient", normal, "leave"],
    ["transient", shutdown, "leave"],
    ["transient", tuple(shutdown, 1), "leave"],
    ["transient", tuple(normal, 1), "restart"],
    ["transient", boom, "restart"],
    ["temporary", boom, "forget"],
    ["temporary", normal, "forget"],
  ]
  for (const [restart, reason, kind] of ends) {
    test(`of a ${restart} child with ${inspect(reason)}: ${kind}`, () => {
      expect(decide(family("one_for_one", restart), fresh, "b", reason, 0).kind).toBe(kind)
    })
  }

  test("of nobody it knows: leave", () => {
    expect(decide(family("one_for_all"), fresh, "z", boom, 0)).toEqual({ kind: "leave" })
    expect(decideAgain(family("one_for_all"), fresh, "z", 0)).toEqual({ kind: "leave" })
  })

  test("takes temporary siblings along, who are not started again", () => {
    const mixed: Siblings = {
      strategy: "one_for_all",
      children: [
        { id: "a", restart: "temporary", running: true },
        { id: "b", restart: "permanent", running: false },
        { id: "c", restart: "transient", running: false },
      ],
    }
    expect(decide(mixed, fresh, "b", boom, 0)).toMatchObject({ stop: ["a"], start: ["b", "c"] })
  })
})

describe("intensity", () => {
  test("is the number of restarts allowed within the period; one more and it gives up", () => {
    let budget = fresh
    for (const now of [0, 1, 2]) {
      const decision = decide(family("one_for_one"), budget, "b", boom, now)
      expect(decision.kind).toBe("restart")
      budget = { ...budget, restarts: (decision as { restarts: readonly number[] }).restarts }
    }
    expect(decide(family("one_for_one"), budget, "b", boom, 3)).toEqual({ kind: "give-up", restarts: [0, 1, 2, 3] })
    expect(decide(family("one_for_one"), budget, "b", boom, 5_001)).toMatchObject({
      kind: "restart",
      restarts: [2, 5_001],
    })
  })
  test("0 gives up at the first", () => {
    expect(decide(family("one_for_one"), { ...fresh, intensity: 0 }, "b", boom, 0).kind).toBe("give-up")
  })
})

describe("for any family and any deaths", () => {
  const strategies: Strategy[] = ["one_for_one", "rest_for_one", "one_for_all"]
  const restarts: Restart[] = ["permanent", "transient", "temporary"]
  const anyFamily = fc.record({
    strategy: fc.constantFrom(...strategies),
    children: fc
      .array(fc.record({ restart: fc.constantFrom(...restarts), running: fc.boolean() }), {
        minLength: 1,
        maxLength: 8,
      })
      .map((children) => children.map((child, i) => ({ id: `c${i}`, ...child }))),
  })

  test("what is stopped runs and is not the dead one, in reverse; what is started is in order, without temporary ones", () => {
    fc.assert(
      fc.property(anyFamily, fc.nat(7), (siblings, which) => {
        const dead = siblings.children[which % siblings.children.length]!
        const decision = decide(siblings, fresh, dead.id, boom, 0)
        if (decision.kind !== "restart") {
          expect(dead.restart).toBe("temporary")
          return
        }
        const at = (id: string): number => siblings.children.findIndex((child) => child.id === id)
        const [stops, starts] = [decision.stop.map(at), decision.start.map(at)]
        expect(stops).toEqual([...stops].sort((a, b) => b - a))
        expect(starts).toEqual([...starts].sort((a, b) => a - b))
        expect(decision.start).toContain(dead.id)
        expect(decision.stop).not.toContain(dead.id)
        for (const i of stops) expect(siblings.children[i]!.running).toBe(true)
        for (const i of starts) expect(siblings.children[i]!.restart).not.toBe("temporary")
        const reach = {
          one_for_one: [at(dead.id)],
          rest_for_one: range(at(dead.id), siblings.children.length),
          one_for_all: range(0, siblings.children.length),
        }
        expect(starts).toEqual(reach[siblings.strategy].filter((i) => siblings.children[i]!.restart !== "temporary"))
      }),
    )
  })

  test("never are more than `intensity` restarts within any period, and no fewer are allowed", () => {
    fc.assert(
      fc.property(
        fc.nat(5),
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.nat(60), { maxLength: 40 }),
        (intensity, periodMs, waits) => {
          let budget: RestartBudget = { intensity, periodMs, restarts: [] }
          const happened: number[] = []
          let now = 0
          for (const wait of waits) {
            now += wait
            const recent = happened.filter((at) => now - at < periodMs).length
            const decision = decide(family("one_for_one"), budget, "b", boom, now)
            expect(decision.kind).toBe(recent < intensity ? "restart" : "give-up")
            if (decision.kind !== "restart") return
            happened.push(now)
            budget = { ...budget, restarts: decision.restarts }
          }
        },
      ),
    )
  })
})

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
