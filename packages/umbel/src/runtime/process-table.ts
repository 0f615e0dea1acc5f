/**
 * Very many processes, found by their pids: a set in the order of their starts.
 *
 * ```ts
 * const table = new ProcessTable()
 * table.add(process)
 * table.find(pid)   // the process
 * ```
 *
 * A Map or Set that grows leaves its former contents behind as garbage, and once that is old it keeps the ended processes in it from being collected with
 * the young ones: with ten thousand that come and go, half of what a start costs. Pids are counted up, so processes lie in pieces by their numbers, each of
 * which is emptied as they end.
 */
import type { Pid } from "../term/index.ts"
import type { Process } from "./process.ts"

/** Processes in one piece: so many words are held for the last of them. */
const PIECE = 32

class Piece {
  readonly processes: (Process | undefined)[] = new Array<Process | undefined>(PIECE).fill(undefined)
  size = 0
}

/** The number of a pid. */
const numberOf = ({ id, serial }: Pid): number => (serial === 0 ? id : serial * 2 ** 32 + id)

export class ProcessTable {
  readonly #pieces = new Map<number, Piece>()
  #size = 0
  /** Where the last one was added: the next one mostly comes beside it. */
  #lastKey = -1
  #last: Piece | undefined

  get size(): number {
    return this.#size
  }

  /** Undefined also for one of an earlier life of the node, if nothing of that number lives. */
  find(pid: Pid): Process | undefined {
    const number = numberOf(pid)
    return this.#pieces.get(Math.floor(number / PIECE))?.processes[number % PIECE]
  }

  add(process: Process): void {
    const number = numberOf(process.pid)
    const key = Math.floor(number / PIECE)
    const piece = key === this.#lastKey ? this.#last! : this.#pieceOf(key)
    const place = number % PIECE
    if (piece.processes[place] === undefined) {
      piece.size++
      this.#size++
    }
    piece.processes[place] = process
  }

  #pieceOf(key: number): Piece {
    let piece = this.#pieces.get(key)
    if (piece === undefined) this.#pieces.set(key, (piece = new Piece()))
    this.#lastKey = key
    this.#last = piece
    return piece
  }

  delete(process: Process): void {
    const number = numberOf(process.pid)
    const key = Math.floor(number / PIECE)
    const piece = this.#pieces.get(key)
    const place = number % PIECE
    if (piece?.processes[place] !== process) return
    piece.processes[place] = undefined
    this.#size--
    if (--piece.size > 0) return
    this.#pieces.delete(key)
    if (key === this.#lastKey) {
      this.#lastKey = -1
      this.#last = undefined
    }
  }

  clear(): void {
    for (const { processes } of this.#pieces.values()) processes.fill(undefined)
    this.#pieces.clear()
    this.#size = 0
    this.#lastKey = -1
    this.#last = undefined
  }

  *[Symbol.iterator](): IterableIterator<Process> {
    for (const { processes } of this.#pieces.values()) {
      for (const process of processes) if (process !== undefined) yield process
    }
  }
}
