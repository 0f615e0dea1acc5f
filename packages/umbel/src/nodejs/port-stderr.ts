/**
 * What a program says on standard error, as lines for people: bounded in length, number and rate, so that no program can flood a log.
 *
 * ```ts
 * const lines = new ErrorLines((line) => note(line), () => clock.now())
 * stderr.on("data", (chunk) => lines.push(chunk))
 * stderr.on("end", () => lines.end())
 * lines.latest            // for the crash report
 * ```
 */

/** Bytes of a line that are shown. */
const LINE_MAX = 1_000
/** Lines shown in any one second. */
const RATE_MAX = 100
/** Lines remembered for the crash report. */
const LATEST_MAX = 10
const NEWLINE = 10

export class ErrorLines {
  readonly #show: (line: string) => void
  readonly #now: () => number
  readonly #decoder = new TextDecoder()
  #line: number[] = []
  #cut = false
  #second = 0
  #shown = 0
  #unshown = 0
  /** The last lines, oldest first. */
  readonly latest: string[] = []

  /** `now`: milliseconds. */
  constructor(show: (line: string) => void, now: () => number) {
    this.#show = show
    this.#now = now
  }

  push(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (byte === NEWLINE) this.#give()
      else if (this.#line.length < LINE_MAX) this.#line.push(byte)
      else this.#cut = true
    }
  }

  /** No more will come: the last line, where it has no line end, and how many were not shown. */
  end(): void {
    if (this.#line.length > 0) this.#give()
    this.#tellUnshown()
  }

  #give(): void {
    const text = this.#decoder.decode(Uint8Array.from(this.#line)).trimEnd() + (this.#cut ? " …" : "")
    this.#line = []
    this.#cut = false
    if (text === "") return
    this.latest.push(text)
    if (this.latest.length > LATEST_MAX) this.latest.shift()
    const second = Math.floor(this.#now() / 1_000)
    if (second !== this.#second) {
      this.#tellUnshown()
      this.#second = second
      this.#shown = 0
    }
    if (this.#shown === RATE_MAX) this.#unshown++
    else {
      this.#shown++
      this.#show(text)
    }
  }

  #tellUnshown(): void {
    if (this.#unshown > 0) this.#show(`(${this.#unshown} more lines, not shown: over ${RATE_MAX} in a second)`)
    this.#unshown = 0
  }
}
