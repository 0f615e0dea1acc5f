/**
 * A full screen in a terminal, drawn anew in place: keys are read as they are typed, and the terminal is as it was afterwards, however it ends.
 *
 * ```ts
 * await using screen = new LiveScreen()
 * while (!screen.over) {
 *   screen.draw(lines, "q quits")
 *   const key = await screen.key(1_000)
 * }
 * ```
 */
const ESC = "\u001b["
const INTO = `${ESC}?1049h${ESC}?25l`
const OUT_OF = `${ESC}?25h${ESC}?1049l`

export class LiveScreen implements AsyncDisposable {
  over = false
  #wake: (key: string | undefined) => void = () => {}
  readonly #onData = (bytes: Buffer): void => {
    const key = bytes.toString()
    // Raw mode: Ctrl-C is a key like any other, 3.
    if (key === "q" || key === "\u0003" || key === "\u001b") this.over = true
    this.#wake(key)
  }
  readonly #onResize = (): void => this.#wake(undefined)
  readonly #onEnd = (): void => {
    this.over = true
    this.#wake(undefined)
  }
  readonly #restore = (): void => void process.stdout.write(OUT_OF)

  constructor() {
    process.stdin.setRawMode(true)
    process.stdin.resume()
    process.stdin.on("data", this.#onData)
    process.stdout.on("resize", this.#onResize)
    process.on("SIGTERM", this.#onEnd)
    process.on("exit", this.#restore)
    process.stdout.write(INTO)
  }

  get columns(): number {
    return process.stdout.columns
  }

  /** As many of the lines as there is room for, and `foot` in the last one. */
  draw(lines: readonly string[], foot: string): void {
    const rows = Math.max(1, process.stdout.rows - 1)
    const body = lines.slice(0, rows).map((line) => `${line}${ESC}K`)
    while (body.length < rows) body.push(`${ESC}K`)
    // One write, so that nobody sees half of it.
    process.stdout.write(`${ESC}H${body.join("\r\n")}\r\n${foot}${ESC}K`)
  }

  /** The key that was typed; undefined after that time, or when the terminal has another size. */
  key(ms: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(undefined), ms)
      this.#wake = (key) => {
        clearTimeout(timer)
        this.#wake = () => {}
        resolve(key)
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.stdin.off("data", this.#onData)
    process.stdin.setRawMode(false)
    process.stdin.pause()
    process.stdout.off("resize", this.#onResize)
    process.off("SIGTERM", this.#onEnd)
    process.off("exit", this.#restore)
    this.#restore()
  }
}
