/**
 * The table of a registry: who is registered under which key, with which value.
 *
 * The registry's process owns it and everybody on the node reads and writes it directly, as tables of ETS, so neither costs a message. What is written is
 * a frozen copy; what is read is that, or a copy where JavaScript cannot freeze (bytes, Maps, dates). So nobody can change what another sees.
 *
 * Keys are told apart as terms: `1` and `1n` are one key, and so are two equal objects.
 */
import { ENDED, type Monitor, type Process } from "../runtime/index.ts"
import { copy, defaultStructs, keyText, share } from "../term/index.ts"

export interface Entry {
  readonly key: unknown
  /** The key's text: the same for equal terms. */
  readonly text: string
  readonly process: Process
  value: unknown
}

/** Most keys have one process, and most processes one key: one costs no set. */
type Entries = Entry | Set<Entry> | undefined

interface Holding {
  readonly watch: Monitor
  entries: Entries
}

/** What is told to listeners. */
export type Told = (kind: "registered" | "unregistered", entry: Entry) => void

export class RegistryTable {
  readonly meta = new Map<string, unknown>()
  readonly #byKey = new Map<string, Entries>()
  readonly #byProcess = new Map<Process, Holding>()
  readonly #unique: boolean
  readonly #watch: (process: Process, onEnd: () => void) => Monitor
  readonly #told: Told
  #size = 0

  constructor(unique: boolean, watch: (process: Process, onEnd: () => void) => Monitor, told: Told) {
    this.#unique = unique
    this.#watch = watch
    this.#told = told
  }

  get size(): number {
    return this.#size
  }
  /** Everybody who is registered. */
  get processes(): Process[] {
    return [...this.#byProcess.keys()]
  }

  /** Enters the process; where keys are unique and this one is taken, gives the entry that has it instead. @throws NotATerm */
  enter(given: unknown, value: unknown, process: Process): Entry | undefined {
    const key = share(given, { root: "key" })
    const text = keyText(key, defaultStructs)
    if (this.#unique) {
      const holder = this.holder(text)
      if (holder !== undefined) return holder
      // One that has ended just now, and whose watch has not come to this registry yet.
      for (const former of all(this.#byKey.get(text))) this.ended(former.process)
    }
    const entry: Entry = { key, text, process, value: share(value, { root: "value" }) }
    const holding = this.#byProcess.get(process)
    if (holding === undefined) {
      const watch = this.#watch(process, () => this.ended(process))
      this.#byProcess.set(process, { watch, entries: entry })
    } else holding.entries = added(holding.entries, entry)
    this.#byKey.set(text, added(this.#byKey.get(text), entry))
    this.#size++
    this.#told("registered", entry)
    return undefined
  }

  remove(entry: Entry): void {
    const holding = this.#byProcess.get(entry.process)
    if (holding === undefined) return
    holding.entries = removed(holding.entries, entry)
    if (holding.entries === undefined) {
      holding.watch.cancel()
      this.#byProcess.delete(entry.process)
    }
    const others = removed(this.#byKey.get(entry.text), entry)
    if (others === undefined) this.#byKey.delete(entry.text)
    else this.#byKey.set(entry.text, others)
    this.#size--
    this.#told("unregistered", entry)
  }

  /** The process has ended: so have its entries. */
  ended(process: Process): void {
    for (const entry of [...all(this.#byProcess.get(process)?.entries)]) this.remove(entry)
  }

  /** Who has the key of that text, where keys are unique. */
  holder(text: string): Entry | undefined {
    const entry = this.#byKey.get(text)
    return entry === undefined || entry instanceof Set || entry.process.status === ENDED ? undefined : entry
  }
  /** The entries under the key of that text, oldest first. */
  *under(text: string): Generator<Entry, void, undefined> {
    for (const entry of all(this.#byKey.get(text))) if (entry.process.status !== ENDED) yield entry
  }
  /** The entries under that key, oldest first. @throws NotATerm */
  at(key: unknown): Entry[] {
    return [...this.under(keyText(copy(key, { root: "key" }), defaultStructs))]
  }
  /** The entries of that process, oldest first. */
  of(process: Process): Entry[] {
    return [...all(this.#byProcess.get(process)?.entries)]
  }
  /** Every entry. */
  *[Symbol.iterator](): Generator<Entry, void, undefined> {
    for (const text of [...this.#byKey.keys()]) yield* this.under(text)
  }

  /** Forgets everybody; returns who was registered. Listeners are not told: the registry itself ends. */
  close(): Process[] {
    const { processes } = this
    for (const { watch } of this.#byProcess.values()) watch.cancel()
    this.#byProcess.clear()
    this.#byKey.clear()
    this.#size = 0
    return processes
  }
}

const all = (entries: Entries): Iterable<Entry> =>
  entries === undefined ? [] : entries instanceof Set ? entries : [entries]

function added(entries: Entries, entry: Entry): Entries {
  if (entries === undefined) return entry
  return entries instanceof Set ? entries.add(entry) : new Set([entries, entry])
}

function removed(entries: Entries, entry: Entry): Entries {
  if (!(entries instanceof Set)) return entries === entry ? undefined : entries
  entries.delete(entry)
  return entries.size === 0 ? undefined : entries
}
