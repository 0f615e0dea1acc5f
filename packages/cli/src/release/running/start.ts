/**
 * `bin/NAME start`: boots the node with the release's applications, and ends when it is told to, or when a permanent application does.
 *
 * SIGTERM and Ctrl-C stop in order: not ready, `UMBEL_DRAIN_MS` for load balancers to notice, applications in reverse; exit code 0. A second signal, or
 * `UMBEL_STOP_MS`, ends it at once. The end of a permanent application is exit code 1.
 */
import { type Application, ConfigError, Drain, type Node } from "umbel"
import { boot, consoleReports, EpmdServer, epmdPort } from "umbel/nodejs"
import { inlineMore } from "../../node-flags.ts"
import type { ReleaseParts } from "../parts.ts"
import { Control, type Question, socketOf } from "./control.ts"
import { evaluate, printed } from "./evaluate.ts"
import { type Status, serveHealth, statusOf } from "./health.ts"
import { type Place, readSettings, type Settings } from "./settings.ts"

/** Exit codes of a process that a signal ended. */
const SIGNALLED = { SIGINT: 130, SIGTERM: 143 } as const

/** Runs until the node has ended. @throws ConfigError, ApplicationFailed, EpmdError */
export async function start(parts: ReleaseParts, place: Place, set: readonly string[], daemon: boolean): Promise<void> {
  const settings = await readSettings(parts, place.home, process.env, set)
  inlineMore()
  const life = new Life(parts, settings, daemon)
  const control = await Control.listen(socketOf({ ...place, name: settings.name }), (question) => life.answer(question))
  if (control === undefined) {
    throw new ConfigError("$UMBEL_NODE", `${settings.name} runs already here; stop it, or give this one another name`)
  }
  const health = settings.health === undefined ? undefined : await serveHealth(settings.health, () => life.status)
  try {
    await life.run()
  } finally {
    health?.close()
    health?.closeAllConnections()
    await control[Symbol.asyncDispose]()
  }
}

/** The release's own names for `eval` and `rpc`: what each application exports. */
export async function scopeOf(parts: ReleaseParts): Promise<Record<string, unknown>> {
  const entries = parts.applications.map(async ({ name, exports }) => [name, await exports?.()] as const)
  return { umbel: await import("umbel"), ...Object.fromEntries(await Promise.all(entries)) }
}

/** The applications with their configuration. @throws ConfigError */
export async function configured(parts: ReleaseParts, layers: Settings["layers"]): Promise<readonly Application[]> {
  return Promise.all(
    parts.applications.map(async ({ name, load }) =>
      layers.reduce<Application>(
        (one, layer) => (layer[name] === undefined ? one : one.with(layer[name])),
        await load(),
      ),
    ),
  )
}

class Life {
  readonly #parts: ReleaseParts
  readonly #settings: Settings
  readonly #daemon: boolean
  #node: Node | undefined
  #state: Status["state"] = "starting"
  /** What people keep between two evaluations. */
  readonly #kept = {}
  readonly #ended: Promise<void>
  #end: () => void = () => {}

  constructor(parts: ReleaseParts, settings: Settings, daemon: boolean) {
    this.#parts = parts
    this.#settings = settings
    this.#daemon = daemon
    this.#ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  get status(): Status {
    // Somebody may have drained it from elsewhere, as the observer does.
    const drains = this.#state === "running" && this.#node !== undefined && Drain.isOn(this.#node)
    return statusOf(this.#parts, this.#node, drains ? "draining" : this.#state, this.#daemon)
  }

  async run(): Promise<void> {
    const { name, cookie, listenOn, port, placement, traceContext, log, observer } = this.#settings
    const parts = this.#parts
    const applications = [...(await configured(parts, this.#settings.layers)), ...(await this.#observed(observer))]
    // The node itself brings an EPMD for this machine where there is none; for others to find it here, it must listen where they look.
    const epmd = isLoopback(listenOn) ? undefined : await EpmdServer.listen(epmdPort(process.env), listenOn)
    this.#node = await boot({
      name,
      cookie,
      listenOn,
      port,
      placement,
      traceContext,
      applications,
      types: Object.fromEntries(parts.applications.map((one) => [one.name, one.type])),
      report: consoleReports(log),
      // Long before peers give the node up.
      watchdogMs: 5_000,
      onEnd: (application) => {
        process.exitCode = 1
        process.stderr.write(`${parts.name}: ${application} has ended, and with it this node\n`)
        this.#end()
      },
      // Reported already. What nobody handled may have left anything half done: better a new life than to go on with it.
      onRejection: () => {
        process.exitCode = 1
        process.stderr.write(`${parts.name}: a rejection that nobody handled ends this node\n`)
        void this.#stop(0)
      },
    })
    this.#state = "running"
    process.on("SIGTERM", () => this.#signalled("SIGTERM"))
    process.on("SIGINT", () => this.#signalled("SIGINT"))
    if (process.send !== undefined) {
      process.send("ready")
      process.disconnect()
    }
    await this.#ended
    await epmd?.close()
  }

  async #observed(port: number | undefined): Promise<readonly Application[]> {
    if (port === undefined) return []
    if (this.#parts.observer === undefined) {
      throw new ConfigError("$UMBEL_OBSERVER", "this release was built without the observer (--no-observer)")
    }
    return [(await this.#parts.observer()).with({ port })]
  }

  async answer(question: Question): Promise<unknown> {
    switch (question.verb) {
      case "status":
        return this.status
      case "drain":
        if (this.#node !== undefined) Drain.begin(this.#node)
        await new Promise((resolve) => setTimeout(resolve, question.ms))
        return this.status
      case "stop":
        void this.#stop(question.drainMs)
        return this.status
      case "evaluate":
        if (this.#node === undefined) throw new Error("the node has not started yet")
        return printed(
          await evaluate(question.code, { node: this.#node, kept: this.#kept, ...(await scopeOf(this.#parts)) }),
        )
    }
  }

  #signalled(signal: keyof typeof SIGNALLED): void {
    if (this.#state === "stopping") process.exit(SIGNALLED[signal])
    void this.#stop(undefined)
  }

  async #stop(drainMs: number = this.#settings.drainMs): Promise<void> {
    if (this.#state === "stopping") return
    this.#state = "stopping"
    if (drainMs > 0) await new Promise((resolve) => setTimeout(resolve, drainMs))
    const { stopMs } = this.#settings
    const late = setTimeout(() => {
      process.stderr.write(
        `${this.#parts.name}: it did not stop within ${stopMs} ms (UMBEL_STOP_MS), and ends at once\n`,
      )
      process.exit(1)
    }, stopMs)
    await this.#node?.stop()
    clearTimeout(late)
    this.#end()
  }
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.")
