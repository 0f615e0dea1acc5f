/** Traces of two nodes with clocks of their own become one: halves found, clocks set right, nothing before its cause. */
import { makePid } from "umbel/term"
import { describe, expect, test } from "vitest"
import { TraceMerge } from "../src/trace-merge.ts"

const A = makePid("a@h", 1, 0, 1)
const B = makePid("b@h", 2, 0, 1)

type Event = Parameters<TraceMerge["took"]>[0]["events"][number]
const event = (at: number, fields: Partial<Event>): Event => ({
  number: 0,
  at,
  kind: "message",
  from: A,
  to: B,
  toName: undefined,
  toNode: undefined,
  toRegistered: undefined,
  fromTitle: "",
  toTitle: "",
  text: "hello",
  seen: "both",
  call: undefined,
  ms: undefined,
  traceId: undefined,
  ...fields,
})
const page = (node: string, now: number, events: readonly Event[]) => ({
  node,
  id: 1,
  stopped: undefined,
  events,
  next: events.length,
  now,
})

describe("merging traces", () => {
  test("one row a message, with both titles and its time on the way; the far clock is an hour ahead", () => {
    const hour = 3_600_000
    const merge = new TraceMerge()
    merge.took(
      page("a@h", 1_000, [
        event(900, { seen: "sent", kind: "call", call: "r1", fromTitle: "asker" }),
        event(910, { from: B, to: A, seen: "received", kind: "answer", call: "r1", ms: 10 }),
      ]),
      999,
      1_001,
    )
    merge.took(
      page("b@h", 1_010 + hour, [
        event(904 + hour, { seen: "received", kind: "call", call: "r1", toTitle: "answerer" }),
        event(906 + hour, { from: B, to: A, seen: "sent", kind: "answer", call: "r1" }),
      ]),
      1_008,
      1_012,
    )
    expect(merge.skewOf("b@h")).toBe(hour)
    expect(
      merge.events.map(({ at, node, transit, event, other }) => [at, node, event.kind, transit, other?.toTitle]),
    ).toEqual([
      [900, "a@h", "call", 4, "answerer"],
      [906, "b@h", "answer", 4, ""],
    ])
    expect(merge.count).toBe(2)
  })

  test("messages without a number find their halves by words and order, whichever side is read first", () => {
    const merge = new TraceMerge()
    const to = { to: undefined, toNode: "b@h", toRegistered: "till", toName: "till at b@h" }
    merge.took(
      page(
        "b@h",
        0,
        [10, 20, 30].map((at) => event(at, { seen: "received", number: at })),
      ),
      0,
      0,
    )
    merge.took(
      page(
        "a@h",
        0,
        [9, 19].map((at) => event(at, { ...to, seen: "sent", number: at })),
      ),
      0,
      0,
    )
    expect(merge.events.map(({ at, transit, event }) => [at, transit, event.seen])).toEqual([
      [9, 1, "sent"],
      [19, 1, "sent"],
      // Its sender was not traced then.
      [30, undefined, "received"],
    ])
  })

  test("what was sent before its receiver was traced is not taken for what comes later", () => {
    const merge = new TraceMerge()
    merge.took(page("a@h", 0, [event(10, { seen: "sent" })]), 0, 0)
    merge.joined([B.key], 15)
    merge.took(page("a@h", 0, [event(12, { seen: "sent" }), event(20, { seen: "sent" })]), 0, 0)
    merge.took(page("b@h", 0, [event(21, { seen: "received" })]), 0, 0)
    expect(merge.events.map(({ at, transit }) => [at, transit])).toEqual([
      [10, undefined],
      [12, undefined],
      [20, 1],
    ])
  })

  test("nothing comes before it was sent: messages one way set a bound to what a clock may be ahead", () => {
    const merge = new TraceMerge()
    merge.took(page("a@h", 0, [event(100, { seen: "sent" })]), 0, 0)
    merge.took(page("b@h", 500, []), 0, 900)
    expect(merge.skewOf("b@h")).toBe(50)
    merge.took(page("b@h", 1_000, [event(95, { seen: "received" })]), 1_000, 1_000)
    expect(merge.skewOf("b@h")).toBe(-5)
    expect(merge.events).toMatchObject([{ at: 100, transit: 0 }])
  })

  test("and both ways the middle between them", () => {
    const merge = new TraceMerge()
    const back = { from: B, to: A, text: "back" }
    merge.took(page("a@h", 0, [event(100, { seen: "sent" }), event(103, { ...back, seen: "received" })]), 0, 0)
    // Told to be right, and 7 ms ahead in truth: the way takes 1 ms each way.
    merge.took(page("b@h", 0, [event(108, { seen: "received" }), event(109, { ...back, seen: "sent" })]), 0, 0)
    expect(merge.skewOf("b@h")).toBe(7)
    expect(merge.events.map(({ at, transit }) => [at, transit])).toEqual([
      [100, 1],
      [102, 1],
    ])
  })
})
