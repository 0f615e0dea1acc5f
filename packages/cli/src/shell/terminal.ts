/**
 * The terminal of a shell: reads lines, waits until what is typed is whole, has it evaluated, prints.
 *
 * Ctrl-C drops what is being typed, or ends what is being evaluated; Ctrl-D leaves. Lines that are pasted are evaluated one after the other.
 */
import { createInterface, type Interface } from "node:readline"
import { styleText } from "node:util"
import type { Answer, Line } from "./protocol.ts"
import { prepare } from "./source.ts"

/** Who evaluates. */
export interface Evaluator {
  evaluate(line: Line): Promise<Answer>
  complete(text: string): Promise<readonly string[]>
  interrupt(): void
}

export interface TerminalOptions {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  readonly colour: boolean
  /** Before the number of the line. */
  readonly prompt: string
  /** The newest first. */
  readonly history: string[]
  readonly remember: (entry: string) => void
}

export class Terminal {
  readonly #evaluator: Evaluator
  readonly #options: TerminalOptions
  readonly #lines: Interface
  /** What was typed and is not whole yet. */
  #typed: string[] = []
  readonly #waiting: string[] = []
  #busy = false
  #closing = false
  #number = 1

  /** Whether a line is with the evaluator, and can be interrupted there. */
  #evaluating = false
  #dropped = false

  constructor(evaluator: Evaluator, options: TerminalOptions) {
    this.#evaluator = evaluator
    this.#options = options
    this.#lines = createInterface({
      input: options.input,
      output: options.output,
      terminal: options.input.isTTY === true && options.output.isTTY === true,
      history: options.history.map((entry) => entry.replaceAll("\n", " ")),
      historySize: 1_000,
      removeHistoryDuplicates: true,
      completer: (text: string, done: (error: Error | null, found: [string[], string]) => void) => {
        this.#complete(text).then(
          (found) => done(null, found),
          (error: Error) => done(error, [[], text]),
        )
      },
    })
  }

  /** Resolves when the person leaves. */
  run(): Promise<void> {
    return new Promise((resolve) => {
      this.#lines.on("line", (line) => {
        this.#waiting.push(line)
        void this.#drain()
      })
      this.#lines.on("SIGINT", () => this.#interrupted())
      this.#lines.on("close", () => {
        this.#closing = true
        if (!this.#busy) resolve()
        else this.#left = resolve
      })
      this.#ask()
    })
  }
  #left: (() => void) | undefined

  /** A line of somebody else's, above what is being typed. */
  notice(text: string): void {
    const { output } = this.#options
    if (output.isTTY === true) output.write("\r\u001b[2K")
    output.write(`${text}\n`)
    if (!this.#busy && !this.#closing && output.isTTY === true) this.#lines.prompt(true)
  }

  #style(style: Parameters<typeof styleText>[0], text: string): string {
    return this.#options.colour ? styleText(style, text, { validateStream: false }) : text
  }
  #print(text: string): void {
    if (text !== "") this.#options.output.write(`${text}\n`)
  }

  #ask(): void {
    const name = `${this.#options.prompt}(${this.#number})`
    const prompt = this.#typed.length === 0 ? `${name}> ` : `${"…".padStart(name.length)}> `
    this.#lines.setPrompt(this.#style("bold", prompt))
    if (this.#options.output.isTTY === true) this.#lines.prompt()
  }

  #interrupted(): void {
    if (this.#busy) return this.#evaluating ? this.#evaluator.interrupt() : this.#drop()
    this.#print("")
    if (this.#typed.length === 0 && this.#lines.line === "") this.#print(this.#style("dim", "Ctrl-D or exit() leaves"))
    this.#typed = []
    this.#lines.write(null, { ctrl: true, name: "u" })
    this.#ask()
  }

  /** What was typed is still being read: it, and what waits behind it, will not be run. */
  #drop(): void {
    this.#waiting.length = 0
    this.#dropped = true
  }

  async #drain(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    try {
      while (this.#waiting.length > 0) await this.#take(this.#waiting.shift()!)
    } finally {
      this.#busy = false
    }
    if (!this.#closing) return this.#ask()
    // The input is over: what is not whole never will be.
    if (this.#typed.length > 0) this.#print(this.#style("red", "the input ended within an expression"))
    this.#left?.()
  }

  async #take(line: string): Promise<void> {
    if (this.#typed.length === 0 && /^\s*(?:exit|quit)(?:\(\))?;?\s*$/.test(line)) {
      this.#waiting.length = 0
      this.#lines.close()
      return
    }
    this.#typed.push(line)
    const typed = this.#typed.join("\n")
    this.#dropped = false
    const prepared = await prepare(typed)
    if (this.#dropped) {
      this.#typed = []
      return this.#print(this.#style("dim", "interrupted before it began"))
    }
    if (prepared.kind === "more") return
    this.#typed = []
    if (typed.trim() === "") return
    this.#options.remember(typed)
    if (prepared.kind === "wrong") {
      const { problem, line: at, column } = prepared
      this.#print(
        `${this.#style("dim", typed.split("\n")[at - 1] ?? "")}\n${" ".repeat(column - 1)}${this.#style("red", `^ ${problem}`)}`,
      )
      return
    }
    const { code, names, expression } = prepared
    const answer = await this.#evaluate({ typed, code, names, expression })
    this.#print(answer.text)
    if (answer.kind === "value") this.#number = answer.number + 1
    else this.#number++
  }

  async #evaluate(line: Line): Promise<Answer> {
    this.#evaluating = true
    try {
      return await this.#evaluator.evaluate(line)
    } finally {
      this.#evaluating = false
    }
  }

  async #complete(text: string): Promise<[string[], string]> {
    const found = await this.#evaluator.complete(text)
    const word = /[\w$.?]*$/.exec(text)?.[0] ?? ""
    return [[...found], word]
  }
}
