/**
 * Many processes: a window of the sorted and filtered list, and who is found by a text.
 *
 * ```ts
 * await list.page({ sort: "cpuRate", filter: "cart", from: 0, count: 50 })
 * list.find("cart", 20)
 * ```
 *
 * Nothing is made for a process that is not shown. Measured on two busy cores, a page out of 100,000 by a number takes 10 to 150 ms, by a word up to 370 ms, a
 * text that is nowhere 25 ms. Sorting by memory measures every process (0.1 to 0.4 s in all), a thousand at a time, and lets the event loop breathe between.
 */
import { type Node, type Process, statusOf } from "../../runtime/index.ts"
import { applicationsOf } from "../application-controller.ts"
import { kindOf, labelOf, moduleOf, titleOf } from "./kinds.ts"
import { memoryOf } from "./memory-estimate.ts"
import { Rates } from "./rates.ts"
import type { FoundProcess, ProcessListRow, ProcessPage, ProcessQuery, ProcessSort } from "./says/processes.ts"
import { windowOf } from "./window-of.ts"

const COUNT_MAX = 1_000
const FOUND_MAX = 100
/** Objects looked at per process when all are measured. */
const SMALL_WALK = 100
/** Processes measured until the event loop gets its turn. */
const SLICE = 1_000

type NumberSort = Exclude<ProcessSort, "title" | "module">
const WORDS: ReadonlySet<ProcessSort> = new Set<ProcessSort>(["pid", "title", "module", "status"])
const SORTS: ReadonlySet<string> = new Set<ProcessSort>([
  ...WORDS,
  "mailbox",
  "handled",
  "cpu",
  "memory",
  "handledRate",
  "cpuRate",
  "mailboxRate",
])

export class ProcessList {
  readonly #node: Node
  readonly rates: Rates

  constructor(node: Node) {
    this.#node = node
    this.rates = new Rates(node)
  }

  /** A promise only where it must measure very many. @throws TypeError for a query that is none */
  page(query: ProcessQuery): ProcessPage | Promise<ProcessPage> {
    const { clock } = this.#node.platform
    const began = clock.now()
    const asked = checked(query)
    const rateMs = this.rates.look(began)
    const chosen = this.#matching(asked)
    const finish = (keys: ArrayLike<number> | readonly string[], took: number): ProcessPage => {
      const again = clock.now()
      const { from, count, descending } = asked
      const compare = comparison(keys, descending)
      const rows = windowOf(chosen.length, from, count, compare).map((index) => this.#row(chosen[index]!))
      return {
        node: this.#node.name,
        at: clock.wallTime(),
        total: this.#node.count,
        matching: chosen.length,
        from,
        rows,
        rateMs,
        tookMs: took + clock.now() - again,
      }
    }
    if (asked.sort === "memory" && chosen.length > SLICE) return this.#measured(chosen, finish)
    const keys = this.#keys(chosen, asked.sort)
    return finish(keys, clock.now() - began)
  }

  async #measured(
    chosen: readonly Process[],
    finish: (keys: Float64Array, took: number) => ProcessPage,
  ): Promise<ProcessPage> {
    const { clock } = this.#node.platform
    const keys = new Float64Array(chosen.length)
    let took = 0
    for (let start = 0; start < chosen.length; start += SLICE) {
      const began = clock.now()
      const end = Math.min(start + SLICE, chosen.length)
      for (let i = start; i < end; i++) keys[i] = memoryOf(chosen[i]!, SMALL_WALK).bytes
      took += clock.now() - began
      await new Promise<void>((resolve) => clock.after(0, resolve))
    }
    return finish(keys, took)
  }

  #keys(chosen: readonly Process[], sort: ProcessSort): ArrayLike<number> | readonly string[] {
    if (sort === "title") return chosen.map(titleOf)
    if (sort === "module") return chosen.map(moduleOf)
    const keys = new Float64Array(chosen.length)
    const key = this.#key(sort)
    for (let i = 0; i < keys.length; i++) keys[i] = key(chosen[i]!)
    return keys
  }

  #key(sort: NumberSort): (process: Process) => number {
    const { meters } = this.#node.scheduler
    switch (sort) {
      case "pid":
        return ({ pid }) => pid.serial * 2 ** 32 + pid.id
      case "status":
        return ({ status }) => status
      case "mailbox":
        return ({ size }) => size
      case "handled":
        return ({ handled }) => handled
      case "cpu":
        return ({ slot }) => meters.read(slot)
      case "memory":
        return (process) => memoryOf(process, SMALL_WALK).bytes
      case "handledRate":
        return (process) => this.rates.handled(process)
      case "cpuRate":
        return (process) => this.rates.cpu(process)
      case "mailboxRate":
        return (process) => this.rates.mailbox(process)
    }
  }

  #matching({ filter, application }: Checked): Process[] {
    const node = this.#node
    if (filter === "" && application === undefined) return [...node.all()]
    const where = filter === "" ? () => "pid" : searcher(filter)
    const isOf = application === undefined ? () => true : membership(node, application)
    const chosen: Process[] = []
    for (const process of node.all()) if (where(process) !== undefined && isOf(process)) chosen.push(process)
    return chosen
  }

  #row(process: Process): ProcessListRow {
    const { bytes, cut } = memoryOf(process)
    return {
      pid: process.pid,
      title: titleOf(process),
      module: moduleOf(process),
      kind: kindOf(process),
      status: statusOf(process),
      mailbox: process.size,
      handled: process.handled,
      cpuMs: this.#node.scheduler.meters.read(process.slot),
      memory: bytes,
      memoryCut: cut,
      handledRate: this.rates.handled(process),
      cpuRate: this.rates.cpu(process),
      mailboxRate: this.rates.mailbox(process),
    }
  }

  /** Exact matches first, then as they were started. */
  find(text: string, limit: number): FoundProcess[] {
    const most = Math.max(0, Math.min(Math.floor(limit) || 0, FOUND_MAX))
    if (text === "" || most === 0) return []
    const wanted = text.toLowerCase()
    const where = searcher(wanted)
    const exact: FoundProcess[] = []
    const other: FoundProcess[] = []
    for (const process of this.#node.all()) {
      const found = where(process)
      if (found === undefined) continue
      const isExact = [process.registeredName, labelOf(process), String(process.pid)].some(
        (name) => name?.toLowerCase() === wanted,
      )
      if (!isExact && other.length >= most) continue
      const row = {
        pid: process.pid,
        title: titleOf(process),
        module: moduleOf(process),
        kind: kindOf(process),
        in: found,
      }
      ;(isExact ? exact : other).push(row)
      if (exact.length >= most) break
    }
    return [...exact, ...other].slice(0, most)
  }
}

interface Checked {
  readonly sort: ProcessSort
  readonly descending: boolean
  readonly filter: string
  readonly application: string | undefined
  readonly from: number
  readonly count: number
}

function checked(query: ProcessQuery): Checked {
  const { sort = "cpu", filter = "", application, from = 0, count = 50 } = query ?? {}
  if (!SORTS.has(sort)) throw new TypeError(`processes are sorted by ${[...SORTS].join(", ")}, not by ${String(sort)}`)
  return {
    sort,
    descending: query?.descending ?? !WORDS.has(sort),
    filter: String(filter).toLowerCase(),
    application,
    from: Math.max(0, Math.floor(Number(from)) || 0),
    count: Math.max(0, Math.min(Math.floor(Number(count)) || 0, COUNT_MAX)),
  }
}

function comparison(
  keys: ArrayLike<number> | readonly string[],
  descending: boolean,
): (a: number, b: number) => number {
  const sign = descending ? -1 : 1
  if (keys instanceof Float64Array) return (a, b) => sign * (keys[a]! - keys[b]!)
  const texts = keys as readonly string[]
  return (a, b) => (texts[a]! < texts[b]! ? -sign : texts[a]! > texts[b]! ? sign : 0)
}

/** Where the text stands, which is in small letters. Modules are few, and looked at once each. */
function searcher(text: string): (process: Process) => FoundProcess["in"] | undefined {
  const modules = new Map<string, boolean>()
  const couldBePid = /^[<#\d.a-z]*[\d.][\d.>]*$/.test(text)
  const has = (value: string | undefined): boolean => value?.toLowerCase().includes(text) === true
  return (process) => {
    if (has(process.registeredName)) return "name"
    if (process.extras !== undefined && has(labelOf(process))) return "label"
    const module = moduleOf(process)
    let inModule = modules.get(module)
    if (inModule === undefined) {
      inModule = has(module)
      modules.set(module, inModule)
    }
    if (inModule) return "module"
    return couldBePid && has(String(process.pid)) ? "pid" : undefined
  }
}

/** Whether a process stands in the application's tree. Parents are few, and asked once each. */
function membership(node: Node, application: string): (process: Process) => boolean {
  const top = applicationsOf(node).find(({ name }) => name === application)?.supervisor
  const root = top === undefined ? undefined : node.find(top)
  const known = new Map<Process, boolean>()
  // By a loop: a process that starts the next, and so on, makes a chain of any length.
  const isOf = (process: Process): boolean => {
    const passed: Process[] = []
    let above: Process | undefined = process
    let its: boolean | undefined
    for (; above !== undefined && its === undefined; above = above.parent) {
      its = above === root ? true : known.get(above)
      if (above !== process) passed.push(above)
    }
    for (const parent of passed) known.set(parent, its === true)
    return its === true
  }
  return root === undefined ? () => false : isOf
}
