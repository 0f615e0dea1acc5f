/**
 * Keys of processes, as the page gets them instead of pids, and the pids behind them.
 *
 * ```ts
 * const key = shown.key(pid)      // the page may ask for it from now on
 * shown.pid(key)                  // the pid, or undefined for a key that was never shown
 * shown.linked(key)               // the pid that a deep link names: it may be looked at, and acted on once it was found
 * ```
 */
import type { Pid } from "umbel"
import { makePid } from "umbel/term"
import type { PidKey } from "./protocol.ts"

/** Processes that one page has been shown: those it may act on. */
export class Shown {
  readonly #pids = new Map<PidKey, Pid>()
  readonly #max: number

  /** Beyond `max` those that were not shown for the longest time are forgotten. */
  constructor(max = 20_000) {
    this.#max = max
  }

  key(pid: Pid): PidKey {
    const { key } = pid
    this.#pids.delete(key)
    this.#pids.set(key, pid)
    if (this.#pids.size > this.#max) {
      for (const oldest of this.#pids.keys()) {
        this.#pids.delete(oldest)
        break
      }
    }
    return key
  }
  pid(key: PidKey): Pid | undefined {
    return this.#pids.get(key)
  }
}

const KEY = /^(?<node>[^/\s]{1,255})\/(?<creation>\d{1,10})\.(?<serial>\d{1,10})\.(?<id>\d{1,10})$/
const PID = /^<\d+\.(?<id>\d{1,10})\.(?<serial>\d{1,10})>$/
const WORD_MAX = 0xffff_ffff

/** The pid that a key spells; undefined when it spells none. That there is such a process is another matter. */
export function pidOfKey(key: string): Pid | undefined {
  const { node, creation, serial, id } = KEY.exec(key)?.groups ?? {}
  const words = [id, serial, creation].map(Number)
  if (node === undefined || !words.every((word) => word <= WORD_MAX)) return undefined
  return makePid(node, words[0]!, words[1]!, words[2]!)
}

/** The numbers of a printed pid, of whatever node. */
export function pidNumbers(text: string): { readonly id: number; readonly serial: number } | undefined {
  const { id, serial } = PID.exec(text.trim())?.groups ?? {}
  return id === undefined ? undefined : { id: Number(id), serial: Number(serial) }
}
