/** The tables of `global` on one node: who may change them, and what goes when somebody ends. */
import { beforeEach, describe, expect, test } from "vitest"
import { randomExitName } from "../../src/global/index.ts"
import { GLOBAL_RESOURCE, Tables } from "../../src/global/tables.ts"
import { atom, makePid, type Pid, tuple } from "../../src/term/index.ts"

const pid = (id: number, node = "a@sim"): Pid => makePid(node, id, 0, 1)
const [one, two, registrar] = [pid(1), pid(2), pid(3)]
const entry = (name: unknown, owner: Pid) => ({ name, pid: owner, method: randomExitName, registrar: undefined })

let watched: Map<string, boolean>
let tables: Tables
beforeEach(() => {
  watched = new Map()
  tables = new Tables((who, on) => watched.set(who.key, on))
})

describe("a lock", () => {
  test("is had by all who ask in one name, and by nobody else until each of them has given it back", () => {
    expect(tables.setLock("r", "me", one)).toBe(true)
    expect(tables.setLock("r", "me", two)).toBe(true)
    expect(tables.setLock("r", "other", two)).toBe(false)
    tables.deleteLock("r", "other", one)
    tables.deleteLock("r", "me", one)
    expect([tables.isFree("r", "other"), tables.isFree("r", "me")]).toEqual([false, true])
    tables.deleteLock("r", "me", two)
    expect(tables.setLock("r", "other", two)).toBe(true)
  })
  test("is the same for equal terms, and set once by one process however often it asks", () => {
    const resource = (): unknown => tuple(atom("res"), [1, "x"])
    expect(tables.setLock(resource(), [one, two], one)).toBe(true)
    expect(tables.setLock(resource(), [one, two], one)).toBe(true)
    expect(tables.lock(resource())?.holders).toHaveLength(1)
    tables.deleteLock(resource(), [one, two], one)
    expect(tables.locks()).toEqual([])
  })
  test("goes with its holder, who is watched from the first thing it has to the last", () => {
    tables.setLock("r", "me", one)
    tables.setLock("s", "me", one)
    expect(watched.get(one.key)).toBe(true)
    tables.deleteLock("r", "me", one)
    expect(watched.get(one.key)).toBe(true)
    tables.ended(one)
    expect(tables.locks()).toEqual([])
    expect(watched.get(one.key)).toBe(false)
  })
})

describe("a name", () => {
  test("is entered by whoever holds the lock on global, and by nobody else", () => {
    tables.setLock(GLOBAL_RESOURCE, "req", registrar)
    expect(tables.insert(entry("n", one), { holder: registrar })).toBe(true)
    expect(tables.insert(entry("m", one), { holder: two })).toBe(false)
    expect(tables.insert(entry("m", one), { requester: "req" })).toBe(true)
    expect(tables.names().map(({ name }) => name)).toEqual(["n", "m"])
  })
  test("that comes late, when the lock was lost with its holder, is not entered, and whoever had it has it no more", () => {
    tables.insert(entry("n", two), { holder: registrar })
    tables.setLock(GLOBAL_RESOURCE, "req", registrar)
    tables.ended(registrar)
    expect(tables.insert(entry("n", one), { holder: registrar })).toBe(false)
    expect(tables.whereis("n")).toBe(undefined)
    // The next lock that is given back as it should be ends that.
    tables.setLock(GLOBAL_RESOURCE, "req", two)
    tables.deleteLock(GLOBAL_RESOURCE, "req", two)
    expect(tables.insert(entry("n", one), { holder: registrar })).toBe(true)
  })
  test("has one owner, and goes with it", () => {
    tables.insert(entry("n", one), { holder: registrar })
    tables.insert(entry("n", two), { holder: registrar })
    expect([tables.whereis("n"), tables.isNamed(one), tables.isNamed(two)]).toEqual([two, false, true])
    expect(tables.ended(one)).toEqual([])
    expect(tables.ended(two)).toEqual(["n"])
    expect([watched.get(one.key), watched.get(two.key)]).toEqual([false, false])
  })
  test("of what two partitions decided: inserts first, then deletes; those of C nodes keep who registered them", () => {
    const insert = (name: unknown, owner: Pid) =>
      ({ kind: "insert", name, pid: owner, method: randomExitName }) as const
    tables.apply(
      [{ kind: "delete", name: "gone" }, insert("gone", one), insert("far", two)],
      [{ name: "far", pid: two, registrar: "b@sim" }],
      { requester: "any" },
    )
    expect(tables.names().map(({ name }) => name)).toEqual(["far"])
    expect(tables.external()).toEqual([{ name: "far", pid: two, registrar: "b@sim" }])
  })
})
