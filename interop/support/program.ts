/**
 * A program run by a test: its lines are kept as they come, and it is gone when the test is.
 *
 * ```ts
 * await using echo = new Program("cnode", "/tmp/x/cnode", ["serve"], { ERL_EPMD_PORT: "4370" })
 * await echo.line((line) => line === "ready")
 * echo.say("stop")
 * ```
 */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"

const PATIENCE_MS = 30_000

export interface ProgramOptions {
  /** It starts others and does not end them with itself (a shell script, say): all of them are ended, as a group of their own. */
  readonly group?: boolean
}

export class Program implements AsyncDisposable {
  /** What it is called in errors. */
  readonly name: string
  /** What it has said so far, to either of its outputs. */
  readonly lines: string[] = []
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  readonly #waiting = new Set<() => void>()
  readonly #group: boolean
  #over = false

  constructor(
    name: string,
    path: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    { group = false }: ProgramOptions = {},
  ) {
    this.name = name
    this.#group = group
    const child = spawn(path, args, {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: group,
    })
    this.#child = child
    this.#exited = new Promise((resolve) => {
      const over = (): void => {
        this.#over = true
        resolve()
        this.#wake()
      }
      // Not "exit": what it said last is still to be read then.
      child.on("close", over)
      child.on("error", (error) => {
        this.lines.push(error.message)
        over()
      })
    })
    // That it ended with something still to be told is seen by what it did not say.
    child.stdin?.on("error", () => {})
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on("line", (line) => {
        this.lines.push(line)
        this.#wake()
      })
    }
  }

  /** The process id; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Whether it has ended, by itself or not. */
  get isOver(): boolean {
    return this.#over
  }

  /** Writes a line to its input. */
  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  /** The first line, past or to come, that fits. Rejects when the program ends without it, or is late. */
  async line(fits: (line: string) => boolean, patienceMs = PATIENCE_MS): Promise<string> {
    const until = Date.now() + patienceMs
    for (;;) {
      const found = this.lines.find(fits)
      if (found !== undefined) return found
      if (this.#over || Date.now() > until) {
        const how = this.#over ? "ended" : "did not say what was expected of it"
        throw new Error(`${this.name} ${how}; it said:\n${this.lines.join("\n")}`)
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000)
        this.#waiting.add(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }
  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  /** All it has said, once it has ended by itself: with exit code 0, or this rejects. */
  async ended(): Promise<readonly string[]> {
    await this.#exited
    const { exitCode, signalCode } = this.#child
    if (exitCode === 0) return this.lines
    throw new Error(`${this.name} ended with ${exitCode ?? signalCode}; it said:\n${this.lines.join("\n")}`)
  }

  #kill(): void {
    const { pid } = this.#child
    if (this.#over || pid === undefined) return
    if (!this.#group) return void this.#child.kill("SIGKILL")
    try {
      process.kill(-pid, "SIGKILL")
    } catch (error) {
      // The last of them has just ended by itself.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill()
    await this.#exited
  }
}

/** Runs a program to its end and gives its lines. Rejects when it ends with another exit code than 0. */
export async function runProgram(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  await using program = new Program(path, path, args, env)
  return await program.ended()
}
