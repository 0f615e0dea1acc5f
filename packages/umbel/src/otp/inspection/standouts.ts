/**
 * Who stood out in a walk over all processes: the first few by each of some measures, without keeping the others.
 *
 * ```ts
 * const standouts = new Standouts<Process>(3, 20)
 * standouts.offer(process, [cpu, handled, mailbox])
 * standouts.all()       // at most 60, each once
 * ```
 *
 * What measures 0 never stands out, so an idle process costs three comparisons.
 */
interface Place<T> {
  readonly value: number
  readonly of: T
}

export class Standouts<T> {
  readonly #places: Place<T>[][]
  /** What must be exceeded, by measure. */
  readonly #least: number[]
  readonly #size: number

  constructor(measures: number, size: number) {
    this.#size = size
    this.#places = Array.from({ length: measures }, () => [])
    this.#least = new Array<number>(measures).fill(0)
  }

  offer(measure: number, value: number, of: T): void {
    if (value <= this.#least[measure]!) return
    const places = this.#places[measure]!
    let at = places.length
    while (at > 0 && places[at - 1]!.value < value) at--
    places.splice(at, 0, { value, of })
    if (places.length > this.#size) places.pop()
    if (places.length === this.#size) this.#least[measure] = places.at(-1)!.value
  }

  /** Each once: those of the first measure first. */
  all(): readonly T[] {
    return [...new Set(this.#places.flatMap((places) => places.map(({ of }) => of)))]
  }
}
