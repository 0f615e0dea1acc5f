/**
 * The application controller: which applications a node runs, started in order of need and stopped in reverse.
 *
 * Rules: OTP's `application`. When an application ends by itself, a `permanent` one ends the node, a `transient` one ends it unless it ended in
 * order, and of a `temporary` one there is a report.
 */
import { type Creatable, isOrderly, type Node, type Process, reasonText } from "../runtime/index.ts"
import { inspect, kill, type Pid, shutdown } from "../term/index.ts"
import type { Application, LoadedApplication } from "./application.ts"
import { bootOrder } from "./boot-order.ts"
import { type ConfigExplanation, type ConfigSources, type ResolvedConfig, resolveConfig } from "./config-layers.ts"
import { describeGiveUp, giveUpsBelow } from "./give-ups.ts"
import { patienceOf } from "./patience.ts"

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

/** How long an application may take to stop, in milliseconds, before what is left of it is killed; longer where its children may take longer. */
const STOP_MS = 30_000
/** Beyond what its children may take. */
const STOP_MARGIN_MS = 5_000

interface Running extends RunningApplication {
  readonly loaded: LoadedApplication
  readonly resolved: ResolvedConfig
  unwatch: Disposable | undefined
}

export class ApplicationController {
  readonly #node: Node
  readonly #running = new Map<string, Running>()
  /** All that ran here at some time or was loaded, to be started by name. */
  readonly #known = new Map<string, LoadedApplication>()
  readonly #nodeEnds: (application: string, reason: unknown) => void
  readonly #settings: ControllerSettings

  /** `nodeEnds` is told when an application has ended whose end is the node's. */
  constructor(node: Node, nodeEnds: (application: string, reason: unknown) => void, settings: ControllerSettings = {}) {
    this.#node = node
    this.#settings = settings
    this.#nodeEnds = nodeEnds
    node.attachments.set(controllerKey, this)
    node.onStop(() => this.stopAll())
  }

  /** In the order they were started. */
  get running(): readonly RunningApplication[] {
    return [...this.#running.values()]
  }

  /** Known from now on, with what they need, and not started. @throws DependencyCycle */
  load(applications: readonly Application[]): void {
    for (const loaded of bootOrder(applications as readonly LoadedApplication[])) this.#known.set(loaded.name, loaded)
  }
  /** Known and not running, in the order of their names. */
  get loaded(): readonly { readonly name: string; readonly description: string }[] {
    const idle = [...this.#known.values()].filter(({ name }) => !this.#running.has(name))
    return idle
      .map(({ name, spec: { description = "" } }) => ({ name, description }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** One that runs here, or did, or was loaded. */
  known(name: string): Application | undefined {
    return this.#known.get(name)
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
    const order = bootOrder(applications as readonly LoadedApplication[])
    const names = order.map(({ name }) => name)
    for (const loaded of order) {
      if (this.#running.has(loaded.name)) continue
      try {
        await this.#startOne(loaded, types[loaded.name] ?? "temporary", names)
        started.push(loaded.name)
      } catch (thrown) {
        for (const name of started.reverse()) await this.stop(name)
        throw new ApplicationFailed(loaded.name, thrown)
      }
    }
  }

  async #startOne(loaded: LoadedApplication, type: ApplicationType, names: readonly string[]): Promise<void> {
    const node = this.#node
    const { spec, name } = loaded
    for (const definition of loaded.definitions) {
      // Code that was changed since stays as it is now, whatever the application was defined with.
      const { module } = definition
      if (!node.changedModules.has(module)) node.definitions.set(module, definition as unknown as Creatable)
    }
    const resolved = await resolveConfig(loaded, { ...this.#settings.sources, applications: names })
    for (const variable of resolved.unknownVariables) {
      node.reports.note(
        "warning",
        "application",
        `${variable} sets nothing: the configuration of ${name} has no such key`,
      )
    }
    const config = resolved.value
    let supervisor: Pid | undefined
    let unwatch: Disposable | undefined
    if (spec.start !== undefined) {
      const top = await spec.start(config, node)
      supervisor = await node.startFor(node.root, top, undefined)
      unwatch = node.monitor(supervisor, ({ reason }) => this.#ended(name, reason))
    }
    const { description = "" } = spec
    const startedAt = node.platform.clock.wallTime()
    const running: Running = { name, description, type, supervisor, startedAt, loaded, resolved, unwatch }
    this.#known.set(loaded.name, loaded)
    this.#running.set(name, running)
    for (const [phase, run] of Object.entries(spec.phases ?? {})) {
      try {
        await run(config, node)
      } catch (thrown) {
        await this.stop(name)
        throw new PhaseFailed(phase, thrown)
      }
    }
    // Its tree may have ended meanwhile, by its own doing.
    if (this.#running.get(name) !== running) throw new Error("it ended while it started")
  }

  /** What an application that runs is configured with, and why. */
  configuration(name: string): ResolvedConfig | undefined {
    return this.#running.get(name)?.resolved
  }

  #ended(name: string, reason: unknown): void {
    const running = this.#running.get(name)
    if (running === undefined) return
    this.#running.delete(name)
    const { supervisor, type } = running
    const giveUps = supervisor === undefined ? [] : giveUpsBelow(this.#node, supervisor)
    const why = giveUps.length === 0 ? reasonText(reason) : giveUps.map(describeGiveUp).join("; ")
    const level = giveUps.length === 0 && isOrderly(reason) ? "info" : "error"
    const meta = { application: name, type, reason, giveUps }
    this.#node.reports.note(level, "application", `application ${name} (${type}) ended: ${why}`, undefined, meta)
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
    const top = node.find(supervisor)
    const patience = top === undefined ? 0 : patienceOf(node, top)
    const deadline = this.#settings.stopTimeoutMs ?? Math.max(STOP_MS, patience + STOP_MARGIN_MS)
    await new Promise<void>((resolve) => {
      const late = (): void => {
        const text = `application ${name} did not stop within ${deadline} ms and was killed`
        node.reports.note("error", "application", text)
        // A supervisor that is about to stop a child is not linked to it any more, and would leave it behind.
        for (const process of below(node, top)) node.signals.exit(node.root.pid, process.pid, kill)
        node.signals.exit(node.root.pid, supervisor, kill)
      }
      const timer = deadline === Number.POSITIVE_INFINITY ? undefined : node.platform.clock.after(deadline, late)
      node.monitor(supervisor, () => {
        timer?.cancel()
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

/** What holds for all applications of a node. @internal */
export interface ControllerSettings {
  readonly sources?: ConfigSources | undefined
  /** Milliseconds; as long as the children may take unless told. */
  readonly stopTimeoutMs?: number | undefined
}

/** One of an application's start phases failed. */
class PhaseFailed extends Error {
  constructor(phase: string, cause: unknown) {
    super(`phase ${phase} failed: ${cause instanceof Error ? cause.message : inspect(cause)}`, { cause })
  }
}

/** What that process has started, and what that has started in turn. */
function below(node: Node, top: Process | undefined): Process[] {
  return [...node.all()].filter((process) => {
    for (let above = process.parent; above !== undefined; above = above.parent) if (above === top) return true
    return false
  })
}

const controllerKey = Symbol.for("umbel.application_controller")

/** The applications a node runs; none where it was booted without a controller. */
export function applicationsOf(node: Node): readonly RunningApplication[] {
  return controllerOf(node)?.running ?? []
}

/** Those it knows and does not run. */
export function loadedOf(node: Node): ApplicationController["loaded"] {
  return controllerOf(node)?.loaded ?? []
}

const controllerOf = (node: Node): ApplicationController | undefined =>
  node.attachments.get(controllerKey) as ApplicationController | undefined

function neededController(node: Node): ApplicationController {
  const controller = controllerOf(node)
  if (controller !== undefined) return controller
  throw new TypeError(`${node.name} was made without applications: boot it`)
}

/**
 * Starts an application, and what it needs, on a node that runs: `temporary` unless told otherwise. What runs already is left alone. When it fails, what
 * it started is stopped again.
 * @throws ApplicationFailed, DependencyCycle
 */
export function startApplication(
  node: Node,
  application: Application,
  options: { readonly type?: ApplicationType | undefined } = {},
): Promise<void> {
  return node.awaited(neededController(node).start([application], { [application.name]: options.type ?? "temporary" }))
}

/** Stops an application of a node that runs; those that need it go on without, and what it needs goes on. Gives whether it ran. */
export async function stopApplication(node: Node, name: string): Promise<boolean> {
  const controller = neededController(node)
  const ran = controller.running.some((application) => application.name === name)
  await node.awaited(controller.stop(name))
  return ran
}

/**
 * What a value of the configuration is, which layer said so, and what those below said: `explainConfig(node, "shop.log.level")`. Undefined where no such
 * application runs or it has no such key.
 */
export function explainConfig(node: Node, path: string): ConfigExplanation | undefined {
  const [application = ""] = path.split(".")
  return controllerOf(node)?.configuration(application)?.explain(path)
}
