/**
 * The asking end of a worker: starts it, tells it to run, ends it. The protocol is in `../worker.mjs`.
 */
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"

/** Milliseconds until a worker is ready, or a run is done. */
const PATIENCE_MS = 120_000
/** Milliseconds to end by itself once its input has ended. */
const FAREWELL_MS = 3_000

/** A worker did not do what it was asked to. */
export class WorkerFailed extends Error {
  /** @override */
  name = "WorkerFailed"
}

export class WorkerProcess {
  /** @type {import("node:child_process").ChildProcessByStdio<import("node:stream").Writable, import("node:stream").Readable, null>} */
  #child
  #title
  /** @type {string[]} */
  #lines = []
  /** @type {{ resolve: (line: string) => void, reject: (error: Error) => void } | undefined} */
  #waiting
  /** @type {string | undefined} */
  #ended
  /** @type {Promise<void>} */
  #exit

  /**
   * @param {string} title For people.
   * @param {readonly string[]} command
   * @param {NodeJS.ProcessEnv} env
   */
  constructor(title, command, env) {
    const [program = "", ...args] = command
    this.#title = title
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"], env })
    // That the worker has gone shows by its exit.
    this.#child.stdin.on("error", () => {})
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#take(line))
    this.#exit = new Promise((resolve) => {
      /** @param {string} how */
      const over = (how) => {
        this.#ended ??= how
        this.#waiting?.reject(new WorkerFailed(`${title} ${this.#ended}`))
        resolve()
      }
      this.#child.on("error", (error) => over(`could not be started: ${error.message}`))
      this.#child.on("close", (code, signal) => over(`ended with ${signal ?? `exit code ${code}`}`))
    })
  }

  /** What the worker tells the others of its side. */
  async ready() {
    return /** @type {unknown} */ (JSON.parse(await this.#expect("ready")))
  }

  /**
   * Nanoseconds (or bytes) of `count` operations.
   * @param {number} count
   */
  async run(count) {
    this.#child.stdin.write(`run ${count}\n`)
    return Number(await this.#expect("done"))
  }

  /** Ends it, and waits until it is gone. */
  async stop() {
    this.#child.stdin.end()
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), FAREWELL_MS)
    await this.#exit
    clearTimeout(timer)
  }

  /** @param {string} word */
  async #expect(word) {
    const line = await this.#next()
    const space = line.indexOf(" ")
    if (line.slice(0, space) === word) return line.slice(space + 1)
    throw new WorkerFailed(`${this.#title} ${line}`)
  }

  /** @returns {Promise<string>} */
  #next() {
    const line = this.#lines.shift()
    if (line !== undefined) return Promise.resolve(line)
    if (this.#ended !== undefined) return Promise.reject(new WorkerFailed(`${this.#title} ${this.#ended}`))
    /** @type {NodeJS.Timeout | undefined} */
    let timer
    /** @type {Promise<string>} */
    const answer = new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      timer = setTimeout(
        () => reject(new WorkerFailed(`${this.#title} has not answered for ${PATIENCE_MS / 1000} s`)),
        PATIENCE_MS,
      )
    })
    return answer.finally(() => {
      clearTimeout(timer)
      this.#waiting = undefined
    })
  }

  /** @param {string} line */
  #take(line) {
    if (this.#waiting !== undefined) this.#waiting.resolve(line)
    else this.#lines.push(line)
  }
}
