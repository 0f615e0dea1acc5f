/**
 * Zombies: processes that have ended while JavaScript of theirs still awaits something.
 *
 * That code can do nothing more through its `self`, but it may still write to a file. So a supervisor waits for it before the next life
 * starts, and the observer shows it.
 */
import type { Pid } from "../term/index.ts"
import type { Process } from "./process.ts"

export class Zombies {
  readonly #waiting = new Map<Process, (() => void)[]>()

  add(process: Process): void {
    if (!this.#waiting.has(process)) this.#waiting.set(process, [])
  }

  /** What the process was awaiting has settled. */
  settled(process: Process): void {
    const waiting = this.#waiting.get(process)
    if (waiting === undefined) return
    this.#waiting.delete(process)
    for (const resolve of waiting) resolve()
  }

  /** Calls `then` once nothing of the process runs any more; at once where nothing does. */
  whenGone(pid: Pid, then: () => void): void {
    let waiting: (() => void)[] | undefined
    for (const [process, resolves] of this.#waiting) if (process.pid === pid) waiting = resolves
    if (waiting === undefined) then()
    else waiting.push(then)
  }

  all(): IterableIterator<Process> {
    return this.#waiting.keys()
  }

  get size(): number {
    return this.#waiting.size
  }
}
