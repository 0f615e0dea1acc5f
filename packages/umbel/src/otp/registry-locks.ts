/**
 * Locks of a registry: one process at a time per key, the others in the order they asked.
 *
 * A lock is given back when the work settles, or when its process ends, however that happens.
 */
import { ENDED, type Monitor, type Process, ProcessEnded } from "../runtime/index.ts"

interface Turn {
  readonly process: Process
  readonly begin: () => void
  readonly refuse: (error: Error) => void
}

export class RegistryLocks {
  /** Per key: the turn under way, and behind it those that wait. */
  readonly #turns = new Map<string, Turn[]>()
  readonly #watch: (process: Process, onEnd: () => void) => Monitor

  constructor(watch: (process: Process, onEnd: () => void) => Monitor) {
    this.#watch = watch
  }

  /** How many keys are locked. */
  get size(): number {
    return this.#turns.size
  }

  /** Runs `work` when the key's lock is `process`'s, and gives what it comes to. Rejects when the process has or awaits that lock already. */
  async run<T>(process: Process, text: string, shown: string, work: () => T | Promise<T>): Promise<T> {
    if (this.#turns.get(text)?.some((turn) => turn.process === process) === true) {
      throw new TypeError(`process ${process.pid} has asked for the lock ${shown} already: it would wait for itself`)
    }
    let turn: Turn | undefined
    const begun = new Promise<void>((resolve, reject) => {
      turn = { process, begin: resolve, refuse: reject }
    })
    const mine = turn!
    const watch = this.#watch(process, () => {
      this.#over(text, mine)
      mine.refuse(new ProcessEnded(process.pid))
    })
    this.#ask(text, mine)
    try {
      await begun
      if (process.status === ENDED) throw new ProcessEnded(process.pid)
      return await work()
    } finally {
      watch.cancel()
      this.#over(text, mine)
    }
  }

  #ask(text: string, turn: Turn): void {
    const turns = this.#turns.get(text)
    if (turns !== undefined) return void turns.push(turn)
    this.#turns.set(text, [turn])
    turn.begin()
  }

  /** The turn is over, or was given up; the next may begin. A second time, nothing happens. */
  #over(text: string, turn: Turn): void {
    const turns = this.#turns.get(text)
    const place = turns?.indexOf(turn) ?? -1
    if (turns === undefined || place < 0) return
    turns.splice(place, 1)
    if (turns.length === 0) this.#turns.delete(text)
    else if (place === 0) turns[0]!.begin()
  }

  /** The registry ends: nobody waits on. */
  close(title: string): void {
    const waiting = [...this.#turns.values()].flatMap((turns) => turns.slice(1))
    this.#turns.clear()
    for (const { refuse } of waiting) refuse(new Error(`the registry ${title} ended while its lock was waited for`))
  }
}
