/**
 * Zombies: processes that have ended while JavaScript of theirs still awaits something.
 *
 * That code can do nothing more through its `self`, but it may still write to a file. So a supervisor waits for it before the next life
 * starts, and the observer shows it.
 */
import type { Pid } from "../term/index.ts"
import type { Process } from "./process.ts"

interface Zombie {
  readonly process: Process
  readonly waiting: (() => void)[]
}

export class Zombies {
  /** By the key of their pid. */
  readonly #all = new Map<string, Zombie>()

  add(process: Process): void {
    const { key } = process.pid
    if (!this.#all.has(key)) this.#all.set(key, { process, waiting: [] })
  }

  /** What the process was awaiting has settled. */
  settled(process: Process): void {
    const { key } = process.pid
    const zombie = this.#all.get(key)
    if (zombie === undefined) return
    this.#all.delete(key)
    for (const resolve of zombie.waiting) resolve()
  }

  /** Calls `then` once nothing of the process runs any more; at once where nothing does. */
  whenGone(pid: Pid, then: () => void): void {
    const zombie = this.#all.get(pid.key)
    if (zombie === undefined) then()
    else zombie.waiting.push(then)
  }

  *all(): IterableIterator<Process> {
    for (const { process } of this.#all.values()) yield process
  }

  get size(): number {
    return this.#all.size
  }
}
