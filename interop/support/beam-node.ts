/**
 * A real BEAM node for a test: started with a script, spoken to by its standard output, and gone when the test is.
 *
 * A script says `ready` on a line of its own once it can be talked to; every other line is kept for the test to look at.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"

const START_MS = 30_000

export interface BeamOptions {
  readonly program: "erl" | "elixir"
  /** The whole name. */
  readonly name: string
  readonly cookie: string
  readonly epmdPort: number
  /** Erlang expressions for `-eval`, or the path of an Elixir script. */
  readonly script: string
}

export class BeamNode implements AsyncDisposable {
  readonly name: string
  readonly lines: string[] = []
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  readonly #waiting = new Set<() => void>()

  private constructor(name: string, child: ChildProcess) {
    this.name = name
    this.#child = child
    this.#exited = new Promise((resolve) => child.on("exit", () => resolve()))
    child.on("exit", () => this.#wake())
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on("line", (line) => {
        this.lines.push(line)
        this.#wake()
      })
    }
  }

  /** Resolves when the script has said `ready`. */
  static async start(options: BeamOptions): Promise<BeamNode> {
    const { program, name, cookie, epmdPort, script } = options
    const args =
      program === "erl"
        ? ["-noshell", "-name", name, "-setcookie", cookie, "-eval", script]
        : ["--name", name, "--cookie", cookie, "--no-halt", script]
    const env = { ...process.env, ERL_EPMD_PORT: String(epmdPort), ERL_CRASH_DUMP: "/dev/null" }
    const node = new BeamNode(name, spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] }))
    await node.line((line) => line === "ready")
    return node
  }

  /** The first line, past or to come, that fits. Rejects when the node ends without it. */
  async line(fits: (line: string) => boolean): Promise<string> {
    const until = Date.now() + START_MS
    for (;;) {
      const found = this.lines.find(fits)
      if (found !== undefined) return found
      if (this.#child.exitCode !== null || Date.now() > until) {
        throw new Error(
          `${this.name} ended, or did not say what was expected of it; it said:\n${this.lines.join("\n")}`,
        )
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

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL")
    await this.#exited
  }
}

/** Runs Erlang expressions on a node of its own, and gives what they printed. */
export async function evaluate(options: Omit<BeamOptions, "program">): Promise<readonly string[]> {
  await using node = await BeamNode.start({
    ...options,
    program: "erl",
    script: `${options.script} io:format("ready~n").`,
  })
  return node.lines.filter((line) => line !== "ready")
}
