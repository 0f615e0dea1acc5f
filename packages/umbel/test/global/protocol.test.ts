/** What name servers say to each other, read. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { initConnectTerm, readCast, readInfo } from "../../src/global/protocol.ts"
import { randomExitName } from "../../src/global/resolvers.ts"
import { atom, makePid, tuple } from "../../src/term/index.ts"
import { terms } from "../term/arbitraries.ts"

const b = atom("b@sim")
const pid = makePid("b@sim", 1, 0, 1)
const names = [tuple(atom("n"), pid, randomExitName)]

describe("a cast", () => {
  test("is read in all its forms, those of older and newer versions too", () => {
    expect(readCast(initConnectTerm("b@sim", 7, pid))).toMatchObject({
      kind: "initConnect",
      node: "b@sim",
      version: 8,
      tag: 7,
    })
    const newer = tuple(atom("init_connect"), tuple(9, 7, atom("more")), b, tuple(atom("locker"), 0, 0, pid))
    expect(readCast(newer)).toMatchObject({ version: 9, tag: 7 })
    expect(readCast(tuple(atom("lock_set"), pid, true, []))).toMatchObject({ set: true, tag: undefined })
    expect(readCast(tuple(atom("lock_set"), pid, false, [], 5n))).toMatchObject({ set: false, tag: 5n })
    expect(readCast(tuple(atom("exchange"), b, names, [], 5))).toMatchObject({ kind: "exchange", names: [{ pid }] })
    const ops = [tuple(atom("insert"), names[0]), tuple(atom("delete"), 1)]
    const resolved = tuple(
      atom("resolved"),
      b,
      ops,
      [tuple(b, 8), atom("c@sim")],
      atom("unused"),
      [tuple(1, pid, b)],
      5,
    )
    expect(readCast(resolved)).toMatchObject({
      ops: [{ kind: "insert" }, { kind: "delete", name: 1 }],
      known: [
        { node: "b@sim", version: 8 },
        { node: "c@sim", version: 0 },
      ],
      external: [{ name: 1, registrar: "b@sim" }],
    })
    const extra = [tuple(atom("vsn"), 8), tuple(atom("lock"), tuple(atom("global"), [pid]))]
    expect(readCast(tuple(atom("new_nodes"), b, ops, [], [b], extra))).toMatchObject({ requester: [pid] })
    expect(readCast(tuple(atom("in_sync"), b, true))).toEqual({ kind: "inSync", node: "b@sim" })
  })
})

test("a message is read in all its forms", () => {
  expect(readInfo(tuple(atom("init_connect_ack"), b, 1, 2))).toEqual({
    kind: "ack",
    node: "b@sim",
    ourTag: 1,
    hisTag: 2,
  })
  expect(readInfo(tuple(atom("cancel_connect"), b, -(2n ** 59n)))).toMatchObject({ tag: -(2n ** 59n) })
  expect(readInfo(tuple(atom("lost_connection"), b, 2n ** 60n, 3, atom("c@sim")))).toMatchObject({
    by: "b@sim",
    node: "c@sim",
  })
  expect(readInfo(tuple(atom("remove_connection"), b))).toEqual({ kind: "removeConnection", node: "b@sim" })
})

test("whatever else comes is none of it, and harms nothing", () => {
  const words = [
    "init_connect",
    "lock_set",
    "exchange",
    "resolved",
    "new_nodes",
    "in_sync",
    "lost_connection",
    "remove_connection",
  ]
  const word = fc.constantFrom(...words).map((text) => atom(text))
  const message = fc.tuple(word, fc.array(terms, { maxLength: 7 })).map(([head, rest]) => tuple(head, ...rest))
  fc.assert(
    fc.property(fc.oneof(terms, message), (any) => {
      for (const said of [readCast(any), readInfo(any)]) {
        if (said === undefined || said.kind === "lockSet") continue
        expect(typeof said.node).toBe("string")
      }
    }),
    { numRuns: 500 },
  )
  expect(readCast(tuple(atom("exchange"), b, [tuple(1, 2, 3)], [], 5))).toBe(undefined)
  expect(readInfo(tuple(atom("lost_connection"), b, "x", 3, b))).toBe(undefined)
})
