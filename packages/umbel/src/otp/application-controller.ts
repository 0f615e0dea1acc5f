/**
 * The application controller: which applications a node runs, started in order of need and stopped in reverse.
 *
 * Rules: OTP's `application`. When an application ends by itself, a `permanent` one ends the node, a `transient` one ends it unless it ended in
 * order, and of a `temporary` one there is a report.
 */
import { type Creatable, isOrderly, type Node } from "../runtime/index.ts"
import { inspect, kill, type Pid, shutdown } from "../term/index.ts"
import type { Application, LoadedApplication } from "./application.ts"
import { bootOrder } from "./boot-order.ts"

/** What the end of an application means to its node. */
export type ApplicationType = "permanent" | "transient" | "temporary"

export interface RunningApplication {
  readonly name: string
  readonly description: string
  readonly type: ApplicationType
  /** The top of its supervision tree; undefined for a library. */
  readonly supervisor: Pid | undefined
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

/** An application did not start, and so neither did what was to follow. */
export class ApplicationFailed extends Error {
  override readonly name = "ApplicationFailed"
  readonly application: string
  constructor(application: string, cause: unknown) {
    super(`application ${application} did not start: ${cause instanceof Error ? cause.message : inspect(cause)}`, {
      cause,
    })
    this.application = application
  }
}

/** How long an application may take to stop, in milliseconds, before what is left of it is killed. */
const STOP_MS = 30_000

interface Running extends RunningApplication {
  readonly loaded: LoadedApplication
  unwatch: Disposable | undefined
}

export class ApplicationController {
  readonly #node: Node
  readonly #running = new Map<string, Running>()
  readonly #nodeEnds: (application: string, reason: unknown) => void

  /** `nodeEnds` is told when an application has ended whose end is the node's. */
  constructor(node: Node, nodeEnds: (application: string, reason: unknown) => void) {
    this.#node = node
    this.#nodeEnds = nodeEnds
    node.attachments.set(controllerKey, this)
    node.onStop(() => this.stopAll())
  }

  /** In the order they were started. */
  get running(): readonly RunningApplication[] {
    return [...this.#running.values()]
  }

  /**
   * Starts these and all they need; what runs already is left alone. When one fails, those started here are stopped again.
   * @throws ApplicationFailed, DependencyCycle
   */
  async start(
    applications: readonly Application[],
    types: Readonly<Record<string, ApplicationType>> = {},
  ): Promise<void> {
    const started: string[] = []
    for (const loaded of bootOrder(applications as readonly LoadedApplication[])) {
      if (this.#running.has(loaded.name)) continue
      try {
        await this.#startOne(loaded, types[loaded.name] ?? "temporary")
        started.push(loaded.name)
      } catch (thrown) {
        for (const name of started.reverse()) await this.stop(name)
        throw new ApplicationFailed(loaded.name, thrown)
      }
    }
  }

  async #startOne(loaded: LoadedApplication, type: ApplicationType): Promise<void> {
    const node = this.#node
    const { spec, name } = loaded
    for (const definition of loaded.definitions)
      node.definitions.set(definition.module, definition as unknown as Creatable)
    const config = await loaded.config()
    let supervisor: Pid | undefined
    let unwatch: Disposable | undefined
    if (spec.start !== undefined) {
      const top = await spec.start(config, node)
      supervisor = await node.startFor(node.root, top, undefined)
      unwatch = node.monitor(supervisor, ({ reason }) => this.#ended(name, reason))
    }
    const { description = "" } = spec
    const startedAt = node.platform.clock.wallTime()
    this.#running.set(name, { name, description, type, supervisor, startedAt, loaded, unwatch })
  }

  #ended(name: string, reason: unknown): void {
    const running = this.#running.get(name)
    if (running === undefined) return
    this.#running.delete(name)
    const level = isOrderly(reason) ? "info" : "error"
    this.#node.reports.note(
      level,
      "application",
      `application ${name} (${running.type}) ended: ${inspect(reason, { limit: 20 })}`,
    )
    if (running.type === "permanent" || (running.type === "transient" && !isOrderly(reason)))
      this.#nodeEnds(name, reason)
  }

  /** Stops one application; those that need it go on without. Nothing happens where it does not run. */
  async stop(name: string): Promise<void> {
    const running = this.#running.get(name)
    if (running === undefined) return
    this.#running.delete(name)
    const { supervisor } = running
    running.unwatch?.[Symbol.dispose]()
    if (supervisor !== undefined) await this.#end(name, supervisor)
    await running.loaded.spec.stop?.()
  }

  async #end(name: string, supervisor: Pid): Promise<void> {
    const node = this.#node
    await new Promise<void>((resolve) => {
      const timer = node.platform.clock.after(STOP_MS, () => {
        node.reports.note(
          "error",
          "application",
          `application ${name} did not stop within ${STOP_MS} ms and was killed`,
        )
        node.signals.exit(node.root.pid, supervisor, kill)
      })
      node.monitor(supervisor, () => {
        timer.cancel()
        resolve()
      })
      node.signals.exit(node.root.pid, supervisor, shutdown)
    })
  }

  /** The last started first. */
  async stopAll(): Promise<void> {
    for (const name of [...this.#running.keys()].reverse()) await this.stop(name)
  }
}

const controllerKey = Symbol.for("umbel.application_controller")

/** The applications a node runs; none where it was booted without a controller. */
export function applicationsOf(node: Node): readonly RunningApplication[] {
  return (node.attachments.get(controllerKey) as ApplicationController | undefined)?.running ?? []
}
