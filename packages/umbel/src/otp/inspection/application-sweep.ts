/**
 * What each application does, and which processes stand out: a walk over all processes, a slice at a time, that adds up what they did since the walk before.
 *
 * ```ts
 * if (sweep.step(2)) rows = sweep.take()     // at most 2 ms; true when it has been round
 * ```
 *
 * It remembers 30 bytes per process: who it was, its counters, and which application it belongs to. A process that came and went between two rounds is not
 * seen; its messages and time are the node's, not its application's.
 */
import type { Node, Process } from "../../runtime/index.ts"
import { applicationsOf } from "../application-controller.ts"
import { kindOf, moduleOf, numberOf, titleOf } from "./kinds.ts"
import { ROWS_PER_MEASURE } from "./recorder-bounds.ts"
import type { SceneRow } from "./says/moments.ts"
import type { ApplicationSample } from "./says/recording.ts"
import { Standouts } from "./standouts.ts"

/** What stands outside of all applications. */
const NOWHERE = ""
/** Processes looked at between two looks at the clock. */
const STRIDE = 200
const DEPTH_MAX = 1_000
const STATUSES = ["waiting", "ready", "running", "awaiting", "zombie", "suspended"] as const
/** By what a process stands out. */
const CPU = 0
const HANDLED = 1
const MAILBOX = 2
const MEASURES = 3

interface Sum {
  processes: number
  mailbox: number
  handled: number
  cpuMs: number
}

/** One that may stand out, and what it did since the round before. */
interface Seen {
  readonly process: Process
  readonly place: number
  readonly mailbox: number
  readonly handled: number
  readonly cpuMs: number
}

export class ApplicationSweep {
  readonly #node: Node
  #numbers = new Float64Array(256)
  #handled = new Float64Array(256)
  #cpu = new Float64Array(256)
  #mailboxes = new Int32Array(256)
  #places = new Int16Array(256)
  /** Applications by place; a place is never given to another one. */
  readonly #names: string[] = [NOWHERE]
  /** The places of the tops of trees, by the number of the process. */
  #tops = new Map<number, number>()
  #sums: Sum[] = []
  #standouts = new Standouts<Seen>(MEASURES, ROWS_PER_MEASURE)
  #walk: Iterator<Process> | undefined
  #began = 0
  #last = 0

  constructor(node: Node) {
    this.#node = node
    this.#last = node.platform.clock.now()
  }

  get bytes(): number {
    return 30 * this.#numbers.length
  }

  /** Goes on for about that many milliseconds; begins a round where none is under way. Whether the round is complete. */
  step(ms: number): boolean {
    const { clock } = this.#node.platform
    const until = clock.now() + ms
    if (this.#walk === undefined) this.#begin()
    const walk = this.#walk!
    do {
      for (let i = 0; i < STRIDE; i++) {
        const next = walk.next()
        if (next.done === true) {
          this.#walk = undefined
          return true
        }
        this.#add(next.value)
      }
    } while (clock.now() < until)
    return false
  }

  #begin(): void {
    const node = this.#node
    this.#began = node.platform.clock.now()
    this.#walk = node.all()
    this.#tops = new Map()
    for (const { name, supervisor } of applicationsOf(node)) {
      const top = supervisor === undefined ? undefined : node.find(supervisor)
      if (top !== undefined) this.#tops.set(numberOf(top), this.#placeOf(name))
    }
    this.#standouts = new Standouts(MEASURES, ROWS_PER_MEASURE)
    this.#sums = this.#names.map(() => ({ processes: 0, mailbox: 0, handled: 0, cpuMs: 0 }))
  }
  #placeOf(name: string): number {
    const known = this.#names.indexOf(name)
    return known >= 0 ? known : this.#names.push(name) - 1
  }

  #add(process: Process): void {
    const { slot } = process
    if (slot >= this.#numbers.length) this.#grow(slot)
    const number = numberOf(process)
    const cpuMs = this.#node.scheduler.meters.read(slot)
    const isKnown = this.#numbers[slot] === number
    const place = isKnown ? this.#places[slot]! : this.#find(process)
    const sum = this.#sums[place] ?? this.#sums[0]!
    sum.processes++
    sum.mailbox += process.size
    const handled = process.handled - (isKnown ? this.#handled[slot]! : 0)
    const spent = cpuMs - (isKnown ? this.#cpu[slot]! : 0)
    sum.handled += handled
    sum.cpuMs += spent
    if (handled > 0 || process.size > 0) {
      const mailbox = process.size - (isKnown ? this.#mailboxes[slot]! : 0)
      const seen: Seen = { process, place, mailbox, handled, cpuMs: spent }
      this.#standouts.offer(CPU, spent, seen)
      this.#standouts.offer(HANDLED, handled, seen)
      this.#standouts.offer(MAILBOX, process.size, seen)
    }
    this.#mailboxes[slot] = process.size
    this.#numbers[slot] = number
    this.#handled[slot] = process.handled
    this.#cpu[slot] = cpuMs
    this.#places[slot] = place
  }

  /** The place of the application in whose tree it stands. */
  #find(process: Process): number {
    let above: Process | undefined = process
    for (let depth = 0; above !== undefined && depth < DEPTH_MAX; depth++, above = above.parent) {
      const place = this.#tops.get(numberOf(above))
      if (place !== undefined) return place
      // Its parent has been looked at before, most of the time.
      if (above !== process && this.#numbers[above.slot] === numberOf(above)) return this.#places[above.slot]!
    }
    return 0
  }

  #grow(slot: number): void {
    const size = Math.max(slot + 1, this.#numbers.length * 2)
    const larger = <T extends { set(from: T): void }>(from: T, to: T): T => {
      to.set(from)
      return to
    }
    this.#numbers = larger(this.#numbers, new Float64Array(size))
    this.#handled = larger(this.#handled, new Float64Array(size))
    this.#cpu = larger(this.#cpu, new Float64Array(size))
    this.#mailboxes = larger(this.#mailboxes, new Int32Array(size))
    this.#places = larger(this.#places, new Int16Array(size))
  }

  /** What a complete round has found. */
  take(at: number): { readonly applications: ApplicationSample[]; readonly rows: SceneRow[] } {
    const ms = Math.max(1, this.#began - this.#last)
    this.#last = this.#began
    return { applications: this.#summed(at, ms), rows: this.#rows(ms) }
  }

  /** Those that stood out; words are made for them alone. What has ended since it was seen is what it was then. */
  #rows(ms: number): SceneRow[] {
    const rate = (change: number): number => Math.round((change * 10_000) / ms) / 10
    return this.#standouts.all().map(({ process, place, mailbox, handled, cpuMs }) => ({
      pid: String(process.pid),
      title: titleOf(process),
      module: moduleOf(process),
      kind: kindOf(process),
      status: STATUSES[process.status] ?? "zombie",
      application: this.#names[place]!,
      mailbox: process.size,
      mailboxRate: rate(mailbox),
      handled: process.handled,
      handledRate: rate(handled),
      cpuMs: Math.round(this.#node.scheduler.meters.read(process.slot) * 10) / 10,
      cpuRate: rate(cpuMs),
    }))
  }

  #summed(at: number, ms: number): ApplicationSample[] {
    return this.#sums.flatMap(({ processes, mailbox, handled, cpuMs }, place) => {
      if (processes === 0) return []
      const rates = { handledRate: (handled * 1_000) / ms, cpuRate: (cpuMs * 1_000) / ms }
      return [{ at, application: this.#names[place]!, processes, mailbox, ...rates }]
    })
  }
}
