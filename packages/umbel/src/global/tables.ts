/**
 * The two tables of `global` that every node has: names with their processes, and locks with their holders. Pure: what is to be watched is told.
 *
 * ```ts
 * const tables = new Tables((pid, on) => …)            // watch that process, or do so no more
 * tables.setLock(atom("global"), "me", registrar)      // true
 * tables.insert({ name: "leader", pid, method: randomExitName, registrar: undefined }, registrar)
 * tables.whereis("leader")                             // pid
 * tables.ended(registrar)                              // its locks and names are gone
 * ```
 *
 * Names are only changed under the lock on `global`, which whoever changes them holds on all nodes. A name that arrives when that lock was lost (its holder's
 * node went down, and what it had sent arrives late) is not entered. Rules: OTP's `global`.
 */
import { atom, defaultStructs, equal, keyText, type Pid } from "../term/index.ts"
import type { External, Op } from "./protocol.ts"

/** The resource that is locked while names change. */
export const GLOBAL_RESOURCE = atom("global")

export interface GlobalName {
  readonly name: unknown
  readonly pid: Pid
  /** What is called with the name and both processes when two have it: a function of Erlang, kept as it came. */
  readonly method: unknown
  /** The node that registered it for a node that is none of ours (a C node); undefined for all others. */
  readonly registrar: string | undefined
}

export interface GlobalLock {
  readonly resource: unknown
  /** Whoever asks in this name shares the lock. */
  readonly requester: unknown
  readonly holders: readonly Pid[]
}

/** By what right a name is entered: the process that registers it, or the requester of the lock under which two partitions merge. */
export type Right = { readonly holder: Pid } | { readonly requester: unknown }

/** What is bound to the life of a process, by key. */
interface Held {
  readonly pid: Pid
  readonly names: Set<string>
  readonly locks: Set<string>
}

const keyOf = (term: unknown): string => keyText(term, defaultStructs)

export class Tables {
  readonly #watch: (pid: Pid, on: boolean) => void
  readonly #names = new Map<string, GlobalName>()
  readonly #locks = new Map<string, GlobalLock>()
  readonly #held = new Map<string, Held>()
  /** Whether the lock on `global` went last because its holder did. */
  #lockLost = false

  constructor(watch: (pid: Pid, on: boolean) => void) {
    this.#watch = watch
  }

  // ---- names -------------------------------------------------------------------------------------------------------------
  name(name: unknown): GlobalName | undefined {
    return this.#names.get(keyOf(name))
  }
  /** The same by the key of the name, for who has it already. */
  nameAt(key: string): GlobalName | undefined {
    return this.#names.get(key)
  }
  whereis(name: unknown): Pid | undefined {
    return this.name(name)?.pid
  }
  /** All names, oldest first. */
  names(): readonly GlobalName[] {
    return [...this.#names.values()]
  }
  /** Whether that process has a name already. */
  isNamed(pid: Pid): boolean {
    return (this.#held.get(pid.key)?.names.size ?? 0) > 0
  }

  /** Enters a name, in the place of whatever had it; false when the right to do so is no more, and nobody has it then. */
  insert(entry: GlobalName, right: Right): boolean {
    this.remove(entry.name)
    if (!this.#holds(right)) return false
    const key = keyOf(entry.name)
    this.#names.set(key, entry)
    this.#hold(entry.pid).names.add(key)
    return true
  }

  remove(name: unknown): void {
    const key = keyOf(name)
    const entry = this.#names.get(key)
    if (entry === undefined) return
    this.#names.delete(key)
    const held = this.#held.get(entry.pid.key)
    held?.names.delete(key)
    if (held !== undefined) this.#release(held)
  }

  /** What was decided when partitions met: inserts first, then deletes, as OTP does. */
  apply(ops: readonly Op[], external: readonly External[], right: Right): void {
    for (const op of ops) {
      if (op.kind !== "insert") continue
      const { name, pid, method } = op
      const found = external.find((one) => one.pid.key === pid.key)
      this.insert({ name, pid, method, registrar: found?.registrar }, right)
    }
    for (const op of ops) if (op.kind === "delete") this.remove(op.name)
  }
  /** Names of processes whose nodes have no `global`. */
  external(): readonly External[] {
    return this.names().flatMap(({ name, pid, registrar }) => (registrar === undefined ? [] : { name, pid, registrar }))
  }

  #holds(right: Right): boolean {
    const lock = this.#locks.get(keyOf(GLOBAL_RESOURCE))
    if (lock === undefined) return !this.#lockLost
    if ("holder" in right) return lock.holders.some((pid) => pid.key === right.holder.key)
    return equal(lock.requester, right.requester)
  }

  // ---- locks -------------------------------------------------------------------------------------------------------------
  lock(resource: unknown): GlobalLock | undefined {
    return this.#locks.get(keyOf(resource))
  }
  locks(): readonly GlobalLock[] {
    return [...this.#locks.values()]
  }
  /** Whether `requester` could have it now. */
  isFree(resource: unknown, requester: unknown): boolean {
    const lock = this.lock(resource)
    return lock === undefined || equal(lock.requester, requester)
  }

  /** Whether `pid` holds it now, in the requester's name. */
  setLock(resource: unknown, requester: unknown, pid: Pid): boolean {
    if (!this.isFree(resource, requester)) return false
    const key = keyOf(resource)
    const holders = this.#locks.get(key)?.holders ?? []
    if (holders.some((holder) => holder.key === pid.key)) return true
    this.#locks.set(key, { resource, requester, holders: [pid, ...holders] })
    this.#hold(pid).locks.add(key)
    return true
  }

  deleteLock(resource: unknown, requester: unknown, pid: Pid): void {
    const lock = this.lock(resource)
    if (lock !== undefined && equal(lock.requester, requester)) this.#unlock(lock, pid, false)
  }

  #unlock(lock: GlobalLock, pid: Pid, lost: boolean): void {
    const key = keyOf(lock.resource)
    const holders = lock.holders.filter((holder) => holder.key !== pid.key)
    if (holders.length > 0) this.#locks.set(key, { ...lock, holders })
    else {
      this.#locks.delete(key)
      if (lock.resource === GLOBAL_RESOURCE) this.#lockLost = lost
    }
    const held = this.#held.get(pid.key)
    held?.locks.delete(key)
    if (held !== undefined) this.#release(held)
  }

  // ---- lives -------------------------------------------------------------------------------------------------------------
  /** That process has ended, or cannot be reached any more: what it had goes. Its names. */
  ended(pid: Pid): readonly unknown[] {
    const held = this.#held.get(pid.key)
    if (held === undefined) return []
    for (const key of [...held.locks]) this.#unlock(this.#locks.get(key)!, pid, true)
    const names = [...held.names].map((key) => this.#names.get(key)!.name)
    for (const name of names) this.remove(name)
    return names
  }

  #hold(pid: Pid): Held {
    const known = this.#held.get(pid.key)
    if (known !== undefined) return known
    const held: Held = { pid, names: new Set(), locks: new Set() }
    this.#held.set(pid.key, held)
    this.#watch(pid, true)
    return held
  }
  #release(held: Held): void {
    if (held.names.size > 0 || held.locks.size > 0) return
    this.#held.delete(held.pid.key)
    this.#watch(held.pid, false)
  }
}
