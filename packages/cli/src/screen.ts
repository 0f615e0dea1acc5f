/**
 * What `umbel up` shows: lines, each with its node's name before it, and at the bottom, on a terminal, the progress of long work.
 */
import { styleText } from "node:util"

const COLOURS = ["cyan", "magenta", "yellow", "green", "blue"] as const
const BAR = 28
/** Milliseconds between two lines of progress where there is no terminal. */
const PLAIN_MS = 3_000

export interface ProgressLine {
  readonly label: string
  readonly done: number
  readonly total: number | undefined
}

export class Screen {
  readonly #out: NodeJS.WriteStream
  readonly #colour: boolean
  readonly #live: boolean
  readonly #names: string[] = []
  #bar: string | undefined
  #plainAt = 0

  /** `names` of the nodes whose lines will come, so that these stand under one another from the first. */
  constructor(out: NodeJS.WriteStream, colour: boolean, names: readonly string[] = []) {
    this.#names.push(...names)
    this.#out = out
    this.#colour = colour
    this.#live = out.isTTY === true
  }

  style(format: Parameters<typeof styleText>[0], text: string): string {
    return this.#colour ? styleText(format, text, { validateStream: false }) : text
  }

  /** A line of that node's. */
  from(node: string, text: string): void {
    if (!this.#names.includes(node)) this.#names.push(node)
    const width = Math.max(...this.#names.map((name) => name.length))
    const colour = COLOURS[this.#names.indexOf(node) % COLOURS.length]!
    this.line(`${this.style(colour, node.padEnd(width))} ${this.style("dim", "│")} ${text}`)
  }

  line(text: string): void {
    this.#erase()
    this.#out.write(`${text}\n`)
    this.#draw()
  }

  /** Shows how far the work is, in place; undefined takes it away. */
  progress(line: ProgressLine | undefined): void {
    if (!this.#live) {
      const now = Date.now()
      if (line === undefined || now - this.#plainAt < PLAIN_MS) return
      this.#plainAt = now
      this.#out.write(`${text(line)}\n`)
      return
    }
    this.#erase()
    this.#bar = line === undefined ? undefined : this.#drawn(line)
    this.#draw()
  }

  #drawn(line: ProgressLine): string {
    const share = line.total === undefined || line.total === 0 ? 0 : Math.min(1, line.done / line.total)
    const filled = Math.round(share * BAR)
    return `  ${this.style("green", "━".repeat(filled))}${this.style("dim", "━".repeat(BAR - filled))} ${text(line)}`
  }
  #erase(): void {
    if (this.#bar !== undefined) this.#out.write("\r\u001b[2K")
  }
  #draw(): void {
    if (this.#bar !== undefined) this.#out.write(this.#bar)
  }
}

function text({ label, done, total }: ProgressLine): string {
  return `${label} ${done.toLocaleString("en")}${total === undefined ? "" : ` of ${total.toLocaleString("en")}`}`
}

/** The same for programs: an object a line. */
export class JsonScreen extends Screen {
  readonly #to: NodeJS.WriteStream
  constructor(out: NodeJS.WriteStream) {
    super(out, false)
    this.#to = out
  }
  override from(node: string, text: string): void {
    this.tell({ node, text })
  }
  override line(text: string): void {
    if (text.trim() !== "") this.tell({ text: text.trim() })
  }
  override progress(line: ProgressLine | undefined): void {
    if (line !== undefined) this.tell({ progress: line })
  }
  tell(what: object): void {
    this.#to.write(`${JSON.stringify(what)}\n`)
  }
}
