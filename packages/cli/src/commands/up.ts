/**
 * `umbel up DEPLOYMENT`: the nodes of a deployment on this machine, one operating-system process each.
 *
 * They are started in the order of the deployment and stopped in reverse; one that ends by itself is started again. SIGHUP, or `r` and Enter, restarts one
 * after the other, each ready before the next: with several of a release somebody always answers. An EPMD runs here when
 * the machine has none, so it outlives any single node. Ctrl-C stops everything and leaves nothing behind; a second one does so at once.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Placement } from "umbel"
import { EpmdServer, epmdPort } from "umbel/nodejs"
import { wantsColour } from "../colour.ts"
import { cookieOf } from "../cookie.ts"
import type { Address, FromNode, ToNode } from "../messages.ts"
import { nodeFlags } from "../node-flags.ts"
import { observedFrom, overrides, type PlannedNode, placementOf, plan } from "../plan.ts"
import { JsonScreen, Screen } from "../screen.ts"
import { findRoot, loadUmbrella, type Umbrella } from "../umbrella.ts"
import { UsageError } from "../usage-error.ts"

export interface UpOptions {
  readonly set: readonly string[]
  readonly host: string
  readonly observer?: string | false
  readonly log: string
  readonly json?: boolean
}

const BIN = fileURLToPath(new URL("../../bin/umbel.mjs", import.meta.url))
const STOP_MS = 15_000
const BACKOFF_MS = [500, 1_000, 2_000, 5_000, 10_000] as const
/** A node that ran for so long has had a good start: the next one is not delayed. */
const STEADY_MS = 30_000

export async function up(deployment: string, options: UpOptions): Promise<void> {
  const root = findRoot(process.cwd())
  const umbrella = await loadUmbrella(root)
  const nodes = plan(umbrella, deployment, options.host)
  overrides(options.set)
  const cookie = await cookieOf(root, process.env)
  const colour = options.json !== true && wantsColour(process.stdout, process.env)
  const shorts = nodes.map(({ name }) => shortOf(name))
  const screen = options.json === true ? new JsonScreen(process.stdout) : new Screen(process.stdout, colour, shorts)
  const port = epmdPort(process.env)
  const epmd = await EpmdServer.listen(port, "127.0.0.1")
  screen.line(
    `${screen.style("bold", deployment)}  ${nodes.map((node) => node.name).join(", ")}${epmd === undefined ? "" : screen.style("dim", `  with an EPMD of its own on port ${port}`)}`,
  )
  const observerPort = options.observer ?? umbrella.observer ?? 4040
  const fleet = new Fleet(screen, {
    root,
    cookie,
    placement: placementOf(umbrella, nodes),
    set: options.set,
    log: options.log,
    observer: observerPort === false ? undefined : { node: observedFrom(nodes), port: String(observerPort) },
    colour,
  })
  const stopped = fleet.stopOnSignals()
  fleet.restartOnRequest()
  try {
    for (const node of nodes) await fleet.start(node)
    await fleet.settled()
    if (fleet.stopping) {
      // Whoever stopped it needs no addresses.
    } else if (screen instanceof JsonScreen) {
      screen.tell({ ready: nodes.map(({ name }) => name), addresses: fleet.addresses })
    } else banner(screen, fleet, expressionsOf(umbrella, nodes), options.host, cookie)
  } catch (error) {
    await fleet.stop()
    await epmd?.close()
    throw error
  }
  await stopped
  await epmd?.close()
}

function expressionsOf(umbrella: Umbrella, nodes: readonly PlannedNode[]): readonly string[] {
  const placement = placementOf(umbrella, nodes)
  const nodeOf = (application: string): string => placement[application]?.[0] ?? nodes[0]!.name
  return umbrella.tryFromErlang?.(nodeOf) ?? [`net_adm:ping('${nodes[0]!.name}')`]
}

/** What a person can do now: addresses to open, lines to paste. */
function banner(screen: Screen, fleet: Fleet, expressions: readonly string[], host: string, cookie: string): void {
  screen.line("")
  for (const { title, url } of fleet.addresses) {
    const words = title.replaceAll("_", " ").replace(/^umbel /, "")
    screen.line(`  ${screen.style("dim", words.padEnd(12))} ${screen.style(["bold", "underline"], url)}`)
  }
  screen.line("")
  screen.line(`  ${screen.style("dim", "from a terminal with Erlang:")}`)
  screen.line(`    erl -name visitor@${host} -setcookie ${cookie}`)
  for (const expression of expressions) screen.line(`    ${expression}.`)
  screen.line("")
  const restart = process.stdin.isTTY === true ? "r and Enter restarts one node after the other; " : ""
  screen.line(`  ${screen.style("dim", `${restart}Ctrl-C stops everything`)}`)
}

/** `back` of `back@127.0.0.1`. */
const shortOf = (name: string): string => name.slice(0, name.indexOf("@"))

interface FleetOptions {
  readonly root: string
  readonly cookie: string
  readonly placement: Placement
  readonly set: readonly string[]
  readonly log: string
  readonly observer: { readonly node: string; readonly port: string } | undefined
  /** Whether the nodes write in colour. */
  readonly colour: boolean
}

interface Running {
  readonly node: PlannedNode
  child: ChildProcess
  exited: Promise<void>
  addresses: readonly Address[]
  startedAt: number
  failures: number
  retry: NodeJS.Timeout | undefined
  /** It ends because it is to be started anew. */
  replacing: boolean
}

/** The operating-system processes of a deployment. */
class Fleet {
  stopping = false
  readonly #screen: Screen
  readonly #options: FleetOptions
  readonly #running: Running[] = []
  readonly #progress = new Map<string, { label: string; done: number; total: number | undefined }>()
  #idle: (() => void)[] = []
  #stopped: Promise<void> | undefined
  #restarting: Promise<void> | undefined

  constructor(screen: Screen, options: FleetOptions) {
    this.#screen = screen
    this.#options = options
  }

  get addresses(): readonly Address[] {
    return this.#running.flatMap((running) => running.addresses)
  }

  /** Resolves when the node is ready. @throws UsageError when its first start fails */
  async start(node: PlannedNode): Promise<void> {
    if (this.stopping) return
    const running = {
      node,
      addresses: [],
      startedAt: Date.now(),
      failures: 0,
      retry: undefined,
      replacing: false,
    } as unknown as Running
    this.#running.push(running)
    await this.#launch(running)
  }

  #launch(running: Running): Promise<void> {
    const { node } = running
    const { root, cookie, placement, set, log, observer, colour } = this.#options
    const args = [BIN, "start", node.release, "--name", node.name, "--log", log]
    for (const setting of set) args.push("--set", setting)
    if (observer?.node === node.name) args.push("--observer", observer.port)
    const child = spawn(process.execPath, [...nodeFlags(process.env), ...process.execArgv, ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        ...process.env,
        UMBEL_COOKIE: cookie,
        UMBEL_PLACEMENT: JSON.stringify(placement),
        ...(colour ? { FORCE_COLOR: "1" } : {}),
      },
    })
    running.child = child
    running.startedAt = Date.now()
    const short = shortOf(node.name)
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on("line", (text) => this.#screen.from(short, text))
    }
    return new Promise((resolve, reject) => {
      let ready = false
      running.exited = new Promise((gone) => {
        child.on("exit", (code, signal) => {
          this.#forgetProgress(node.name)
          gone()
          if (!ready && running.failures === 0 && !this.stopping) {
            reject(
              new UsageError(
                `${node.name} ended before it was ready (${signal ?? `exit code ${code}`})`,
                "its own lines above say why",
              ),
            )
          } else this.#ended(running, code, signal)
          resolve()
        })
      })
      child.on("message", (message: FromNode) => {
        if (message.kind === "ready") {
          ready = true
          running.addresses = message.addresses
          this.#screen.from(
            short,
            `${this.#screen.style("green", "ready")} ${this.#screen.style("dim", `(pid ${child.pid})`)}`,
          )
          resolve()
        } else if (message.kind === "failed") {
          if (running.failures === 0 && !this.stopping)
            reject(new UsageError(`${node.name}: ${message.problem}`, message.cure))
          else this.#screen.from(short, `${message.problem}; ${message.cure}`)
        } else this.#follow(node.name, message)
      })
    })
  }

  #ended(running: Running, code: number | null, signal: NodeJS.Signals | null): void {
    if (this.stopping || running.replacing) return
    const short = shortOf(running.node.name)
    if (Date.now() - running.startedAt > STEADY_MS) running.failures = 0
    const delay = BACKOFF_MS[Math.min(running.failures, BACKOFF_MS.length - 1)]!
    running.failures++
    this.#screen.from(
      short,
      this.#screen.style("red", `ended (${signal ?? `exit code ${code}`}); starting again in ${delay / 1_000} s`),
    )
    running.retry = setTimeout(() => void this.#launch(running), delay)
  }

  // ---- progress ------------------------------------------------------------------------------------------------------------
  #follow(node: string, { progress }: Extract<FromNode, { kind: "progress" }>): void {
    const key = `${node} ${progress.label}`
    if (progress.finished === true) this.#progress.delete(key)
    else this.#progress.set(key, progress)
    this.#showProgress()
  }
  #forgetProgress(node: string): void {
    for (const key of [...this.#progress.keys()]) if (key.startsWith(`${node} `)) this.#progress.delete(key)
    this.#showProgress()
  }
  #showProgress(): void {
    const [first] = this.#progress.values()
    this.#screen.progress(first)
    if (first !== undefined) return
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }
  /** Resolves when no work is under way that tells of its progress. */
  settled(): Promise<void> {
    if (this.#progress.size === 0 || this.stopping) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  // ---- rolling restart -----------------------------------------------------------------------------------------------------
  restartOnRequest(): void {
    const restart = (): void => void this.restart()
    process.on("SIGHUP", restart)
    if (process.stdin.isTTY !== true) return
    createInterface({ input: process.stdin }).on("line", (line) => {
      if (line.trim() === "r") restart()
    })
    // What may be typed keeps nobody from ending.
    process.stdin.unref()
  }

  /** One node after the other, in the order of the deployment, each ready before the next; stops at the first that does not get ready. */
  restart(): Promise<void> {
    // One at a time: asked again meanwhile, it goes on as it is.
    this.#restarting ??= this.#restartAll().finally(() => {
      this.#restarting = undefined
    })
    return this.#restarting
  }
  async #restartAll(): Promise<void> {
    for (const running of this.#running) {
      if (this.stopping) return
      const short = shortOf(running.node.name)
      this.#screen.from(short, this.#screen.style("dim", "restarting"))
      running.replacing = true
      clearTimeout(running.retry)
      await this.#end(running)
      running.replacing = false
      running.failures = 0
      if (this.stopping) return
      try {
        await this.#launch(running)
      } catch (error) {
        this.#screen.from(short, `${(error as Error).message}; the other nodes go on as they were`)
        await running.exited
        return this.#ended(running, running.child.exitCode, running.child.signalCode)
      }
    }
    this.#screen.line(this.#screen.style("dim", "all nodes have been restarted"))
  }

  // ---- the end -------------------------------------------------------------------------------------------------------------
  /** Resolves when everything has stopped because somebody asked for it. */
  stopOnSignals(): Promise<void> {
    return new Promise((resolve) => {
      const stop = (): void => {
        if (this.stopping) {
          for (const { child } of this.#running) child.kill("SIGKILL")
          return
        }
        void this.stop().then(resolve)
      }
      process.on("SIGINT", stop)
      process.on("SIGTERM", stop)
    })
  }

  /** In reverse order. */
  stop(): Promise<void> {
    this.stopping = true
    return (this.#stopped ??= this.#stopAll())
  }
  async #stopAll(): Promise<void> {
    this.#progress.clear()
    this.#showProgress()
    for (const running of [...this.#running].reverse()) {
      clearTimeout(running.retry)
      if (await this.#end(running)) {
        const { name } = running.node
        this.#screen.from(shortOf(name), this.#screen.style("dim", "stopped"))
      }
    }
  }

  /** In order, or by force when that takes too long. Whether there was anything to end. */
  async #end(running: Running): Promise<boolean> {
    const { child } = running
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return false
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS)
    // One that is going already may have closed its end: it needs no telling then, and its exit is awaited below.
    if (child.connected) child.send({ kind: "stop" } satisfies ToNode, () => {})
    else child.kill("SIGTERM")
    await running.exited
    clearTimeout(late)
    return true
  }
}
