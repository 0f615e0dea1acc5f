import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { PgState } from "../../src/otp/pg-state.ts"
import { atom, makePid, type Pid } from "../../src/term/index.ts"

const pid = (node: string, id: number): Pid => makePid(`${node}@127.0.0.1`, id, 0, 1)
const scope = pid("peer", 1)
const keys = (pids: readonly Pid[]): string[] => pids.map(({ key }) => key).sort()

describe("a process group", () => {
  test("holds a process as often as it joined, and lets it go once for each leave", () => {
    const state = new PgState()
    const a = pid("here", 5)
    state.join("g", [a, a])
    expect(state.members("g")).toEqual([a, a])
    expect(state.leave("g", [a])).toMatchObject({ pids: [a] })
    expect(state.members("g")).toEqual([a])
    expect(state.leave("g", [a, a])).toMatchObject({ pids: [a] })
    expect(state.leave("g", [a])).toBeUndefined()
    expect(state.groups()).toEqual([])
  })
  test("may be called by any term", () => {
    const state = new PgState()
    state.join(["room", 7], [pid("here", 5)])
    expect(state.members(["room", 7])).toHaveLength(1)
    expect(state.members(atom("room"))).toEqual([])
  })
  test("loses a process that ends from every group it was in", () => {
    const state = new PgState()
    const a = pid("here", 5)
    state.join("g", [a, a])
    state.join("h", [a, pid("here", 6)])
    expect(state.ended(a).map(({ group }) => group)).toEqual(["g", "g", "h"])
    expect(state.groups()).toEqual(["h"])
  })
})

describe("a peer", () => {
  test("says nothing by a single change before it has told all its members", () => {
    const state = new PgState()
    expect(state.peerJoined(scope, "g", [pid("peer", 2)])).toBeUndefined()
    expect(state.peerLeft(scope, [pid("peer", 2)], ["g"])).toEqual([])
    expect(state.members("g")).toEqual([])
  })
  test("that tells all its members again is news only where something differs", () => {
    const state = new PgState()
    const [a, b] = [pid("peer", 2), pid("peer", 3)]
    expect(state.peerSynced(scope, [["g", [a]]])).toEqual([{ kind: "join", group: "g", pids: [a] }])
    expect(state.peerSynced(scope, [["g", [a]]])).toEqual([])
    expect(state.peerSynced(scope, [["g", [b]]])).toEqual([
      { kind: "leave", group: "g", pids: [a] },
      { kind: "join", group: "g", pids: [b] },
    ])
  })
  test("that is gone takes its members along, and nobody else's", () => {
    const state = new PgState()
    const mine = pid("here", 5)
    state.join("g", [mine])
    state.peerSynced(scope, [["g", [pid("peer", 2)]]])
    expect(state.peerGone(scope)).toHaveLength(1)
    expect(state.members("g")).toEqual([mine])
    expect(state.peers).toEqual([])
  })
})

test("a peer that hears every change, in order, knows what a new peer is told", () => {
  const operation = fc.record({
    kind: fc.constantFrom("join", "leave", "end"),
    group: fc.constantFrom("g", "h", "i"),
    id: fc.integer({ min: 2, max: 6 }),
  })
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 40 }), fc.nat(), (operations, at) => {
      const told = new PgState()
      const [early, late] = [new PgState(), new PgState()]
      const tellAll = (to: PgState): void =>
        void to.peerSynced(
          scope,
          told.localGroups().map(({ group, pids }) => [group, [...pids]] as const),
        )
      tellAll(early)
      operations.forEach(({ kind, group, id }, i) => {
        const one = pid("peer", id)
        if (i === at % (operations.length + 1)) tellAll(late)
        const knowing = [early, ...(late.knows(scope) ? [late] : [])]
        if (kind === "join") {
          told.join(group, [one])
          for (const peer of knowing) peer.peerJoined(scope, group, [one])
        } else {
          const changes = kind === "end" ? told.ended(one) : [told.leave(group, [one])]
          for (const change of changes) {
            if (change !== undefined) for (const peer of knowing) peer.peerLeft(scope, change.pids, [change.group])
          }
        }
      })
      if (!late.knows(scope)) tellAll(late)
      for (const group of ["g", "h", "i"]) {
        expect(keys(early.members(group))).toEqual(keys(told.members(group)))
        expect(keys(late.members(group))).toEqual(keys(told.members(group)))
      }
    }),
  )
})
