/** The `umbel` command while it runs: what it prints is waited for, and lines can be typed into it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, vi } from "vitest"

const UMBEL = fileURLToPath(new URL("../../bin/umbel.mjs", import.meta.url))

export class RunningUmbel {
  out = ""
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<number | null>

  constructor(cwd: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, ["--conditions=@umbel/source", UMBEL, ...args], {
      cwd,
      env: { ...process.env, NO_COLOR: "1", ...env },
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on("data", (text) => (this.out += text))
    this.#ended = new Promise((resolve) => this.#child.on("close", resolve))
  }

  /** Resolves when it has printed that, after what was there before `from`. */
  async says(text: string, from = 0): Promise<string> {
    await vi.waitFor(() => expect(this.out.slice(from)).toContain(text), { timeout: 30_000, interval: 5 })
    return this.out.slice(from)
  }

  type(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }
  endInput(): void {
    this.#child.stdin.end()
  }

  get ended(): Promise<number | null> {
    return this.#ended
  }

  /** Ctrl-C. Gives the exit code. */
  stop(): Promise<number | null> {
    this.#child.kill("SIGINT")
    return this.#ended
  }
}
