/**
 * A worker process for tests that starts at once, while vitest itself is still being loaded here: on two cores the one hides behind the other.
 *
 * ```ts
 * const ready = new ReadyWorker({ root, vitest: "/…/vitest", watch: false })
 * vitest.startVitest("test", [], { ...ready.options(vitest), … })
 * ```
 *
 * Vitest says only when it starts one how a worker is to be started. If that turns out otherwise than it was guessed here, or if it wants more than one,
 * it gets workers of its own kind, as it does without this.
 */
import { type ChildProcess, fork } from "node:child_process"
import { join } from "node:path"
import { isatty } from "node:tty"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { PoolOptions, PoolRunnerInitializer, PoolWorker } from "vitest/node"

export interface ReadyWorkerOptions {
  readonly root: string
  /** The folder of the project's vitest. */
  readonly vitest: string
  readonly watch: boolean
}
type Vitest = typeof import("vitest/node")

/** Loaded beforehand, as near to all tests ask for them. */
const LIBRARY = ["umbel", "umbel/testing"]
const ENTRY = fileURLToPath(new URL("./worker.js", import.meta.url))
/** The name of this kind of worker: those of a kind may run several files one after the other. */
const KIND = "umbel"
/** Milliseconds that a process may take to end when it is told to, as vitest gives it. */
const END_MS = 1_000

export class ReadyWorker {
  #child: ChildProcess | undefined
  readonly #env: NodeJS.ProcessEnv
  readonly #flags: readonly string[]

  constructor({ root, vitest, watch }: ReadyWorkerOptions) {
    // As vitest's `resolveOptions` and Vite have it for a project without settings of its own.
    this.#env = {
      TEST: "true",
      VITEST: "true",
      NODE_ENV: "test",
      PROD: "",
      DEV: "1",
      BASE_URL: "/",
      MODE: "test",
      VITEST_MODE: watch ? "WATCH" : "RUN",
      FORCE_TTY: isatty(1) ? "true" : "",
      ...process.env,
    }
    this.#flags = [
      "--experimental-import-meta-resolve",
      "--require",
      join(vitest, "suppress-warnings.cjs"),
      ...["node", "development"].flatMap((condition) => ["--conditions", condition]),
    ]
    const worker = pathToFileURL(join(vitest, "dist", "workers", "forks.js")).href
    this.#child = fork(ENTRY, [worker, join(root, "package.json"), ...LIBRARY], {
      cwd: root,
      env: this.#env,
      execArgv: [...this.#flags],
      stdio: "pipe",
      serialization: "advanced",
    })
  }

  /** For `startVitest`. */
  options({ ForksPoolWorker }: Vitest): { pool: PoolRunnerInitializer } {
    class Further extends ForksPoolWorker {
      override readonly name = KIND
    }
    const createPoolWorker = (options: PoolOptions): PoolWorker => {
      const child = this.#child
      if (child === undefined || child.exitCode !== null || !this.#suits(options)) return new Further(options)
      this.#child = undefined
      return new Started(child, options)
    }
    return { pool: { name: KIND, createPoolWorker } }
  }

  /** Ends it if nobody has taken it. */
  close(): void {
    this.#child?.kill()
  }

  #suits({ env, execArgv }: PoolOptions): boolean {
    const same = Object.entries(env).every(([key, value]) => (value ?? "") === (this.#env[key] ?? ""))
    return same && JSON.stringify(execArgv) === JSON.stringify(this.#flags)
  }
}

/** A process that runs already, as vitest handles one. */
class Started implements PoolWorker {
  readonly name = KIND
  readonly cacheFs = true
  readonly #child: ChildProcess
  readonly #out: readonly [NodeJS.WritableStream, NodeJS.WritableStream]

  constructor(child: ChildProcess, { project }: PoolOptions) {
    this.#child = child
    const { outputStream, errorStream } = project.vitest.logger
    this.#out = [outputStream, errorStream]
  }

  on(event: string, callback: (argument: unknown) => void): void {
    this.#child.on(event, callback)
  }
  off(event: string, callback: (argument: unknown) => void): void {
    this.#child.off(event, callback)
  }
  send(message: Parameters<PoolWorker["send"]>[0]): void {
    this.#child.send(message)
  }
  deserialize(data: unknown): unknown {
    return data
  }
  async start(): Promise<void> {
    this.#child.stdout?.pipe(this.#out[0], { end: false })
    this.#child.stderr?.pipe(this.#out[1], { end: false })
  }
  async stop(): Promise<void> {
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once("exit", resolve))
    const late = setTimeout(() => child.kill("SIGKILL"), END_MS)
    child.kill()
    await ended
    clearTimeout(late)
  }
}
