/**
 * `umbel start RELEASE`: one node, in this process, until it is told to stop.
 *
 * Under `umbel up` it is told over the channel between the two, and ends when that breaks: nothing is left behind.
 */
import { type Application, ApplicationFailed, ConfigError, type Node, type Placement } from "umbel"
import { boot, consoleReports, EpmdError, type Level } from "umbel/nodejs"
import type { Report } from "umbel/runtime"
import { addressesOf } from "../addresses.ts"
import { cookieOf } from "../cookie.ts"
import { layered, layersOf } from "../layers.ts"
import type { FromNode, ToNode } from "../messages.ts"
import { inlineMore } from "../node-flags.ts"
import { importFrom } from "../reload/import-from.ts"
import type { Mode } from "../shell/protocol.ts"
import { findRoot, list, loadApplication, loadUmbrella } from "../umbrella.ts"
import { UsageError } from "../usage-error.ts"

export interface StartOptions {
  readonly name?: string
  readonly set: readonly string[]
  readonly observer?: string
  readonly shell?: Mode
  readonly log: Level
}

export async function start(release: string, options: StartOptions): Promise<void> {
  try {
    await run(release, options)
  } catch (error) {
    const problem = asUsage(error)
    if (process.send === undefined || problem === undefined) throw problem ?? error
    // Whoever started us prints it, once.
    tell({ kind: "failed", problem: problem.message, cure: problem.cure })
    process.exitCode = 1
    process.disconnect()
  }
}

async function run(release: string, options: StartOptions): Promise<void> {
  const root = findRoot(process.cwd())
  const umbrella = await loadUmbrella(root)
  const chosen = umbrella.releases[release]
  if (chosen === undefined) throw new UsageError(`there is no release ${release}`, list("releases", umbrella.releases))
  const { layers, node: said } = await layersOf({ root, umbrella, release, env: process.env, set: options.set })
  const configured = async (name: string): Promise<Application> => layered(await loadApplication(root, name), layers)
  const applications = await Promise.all(Object.keys(chosen.applications).map(configured))
  let stop: (() => Promise<void>) | undefined
  inlineMore()
  const node = await boot({
    name: options.name ?? said.name ?? `${release}@127.0.0.1`,
    cookie: said.cookie ?? (await cookieOf(root, process.env)),
    listenOn: said.listenOn,
    port: said.port,
    traceContext: said.traceContext,
    applications: [...applications, ...(await observed(options.observer)), ...(await shellFor(options.shell, root))],
    types: chosen.applications,
    placement: placementFor(said.placement),
    report: reports(options.log),
    // Long before peers give the node up.
    watchdogMs: 5_000,
    onEnd: (application) => {
      process.exitCode = 1
      process.stderr.write(`umbel: ${application} has ended, and with it this node\n`)
      leave()
    },
    // Reported already. What nobody handled may have left anything half done: better a new life than to go on with it.
    onRejection: () => {
      process.exitCode = 1
      process.stderr.write("umbel: a rejection that nobody handled ends this node\n")
      if (stop === undefined) process.exit()
      void stop().then(() => process.exit())
    },
  })
  stop = stopWhenTold(node)
  tell({ kind: "ready", addresses: await addressesOf(node) })
}

/** What `umbel up` says holds; a node that is started by itself goes by its settings. */
function placementFor(said: Placement | undefined): Placement {
  const given = process.env["UMBEL_PLACEMENT"]
  return given === undefined ? (said ?? {}) : (JSON.parse(given) as Placement)
}

async function observed(port: string | undefined): Promise<Application[]> {
  if (port === undefined) return []
  const number = Number(port)
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new UsageError(`--observer ${port} is no port`, "0 to 65535; 0 takes any free one")
  }
  const { observer } = await import("@umbel/observer")
  return [observer.with({ port: number })]
}

/** Nobody types into a node that was not started so. */
async function shellFor(mode: Mode | undefined, root: string): Promise<Application[]> {
  if (mode === undefined) return []
  const { shell } = await import("../shell/server.ts")
  return [shell({ mode, import: (specifier) => importFrom(root, specifier) })]
}

/** To the console; progress to `umbel up`, which draws it for all nodes. */
function reports(level: Level): (report: Report) => void {
  const toConsole = consoleReports(level)
  return (report) => {
    if (report.kind === "progress" && process.send !== undefined) tell({ kind: "progress", progress: report })
    else toConsole(report)
  }
}

function tell(message: FromNode): void {
  process.send?.(message)
}

function leave(): void {
  if (process.connected) process.disconnect()
}

/** Gives what stops it without being told. */
function stopWhenTold(node: Node): () => Promise<void> {
  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) return
    stopping = true
    await node.stop()
    leave()
  }
  process.on("SIGTERM", stop)
  if (process.send === undefined) process.on("SIGINT", stop)
  else {
    // Ctrl-C at a terminal reaches the whole group: `umbel up` decides in which order its nodes stop.
    process.on("SIGINT", () => {})
    process.on("disconnect", stop)
    process.on("message", (message: ToNode) => {
      if (message.kind === "stop") void stop()
    })
  }
  return stop
}

/** What is no bug of the platform's but something its user can mend. */
function asUsage(error: unknown): UsageError | undefined {
  if (error instanceof UsageError) return error
  if (error instanceof EpmdError)
    return new UsageError(error.message, "umbel nodes and `epmd -names` show who is there")
  if (error instanceof ConfigError)
    return new UsageError(error.message, "umbel config --explain KEY shows who said what")
  if (error instanceof ApplicationFailed) return new UsageError(error.message, "the report above says where")
  return undefined
}
