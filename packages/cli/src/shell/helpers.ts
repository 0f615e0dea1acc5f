/**
 * What a shell knows without being told: the helpers of iex, for a node of Umbel. `h()` lists them.
 *
 * A process is given as a pid, a name, or as people write it: `"counter"`, `"<0.12.0>"`.
 */
import { type Process as Capability, inspect, kill as killReason, Name, type Node, Pid, type Running } from "umbel"
import {
  type Application,
  type ApplicationController,
  applicationsOf,
  INSPECTOR,
  redact,
  type TreeNode,
} from "umbel/otp"
import { type ProcessRow, printed, processDetails, processRow } from "umbel/runtime"
import { copy, NotATerm } from "umbel/term"
import { addressesOf } from "../addresses.ts"
import { treeLines } from "../remote/tree-lines.ts"
import { definitionHelp } from "./help.ts"
import { type Look, type Shown, shownAs, table } from "./print.ts"

export interface Host {
  /** Imports as a file of the project does. */
  readonly import: (specifier: string) => Promise<object>
  /** Reloads what has changed; lines to show. Undefined where code does not change while it runs. */
  readonly recompile: (() => Promise<readonly string[]>) | undefined
}

export interface Setting {
  readonly node: Node
  /** The process that evaluates now. */
  readonly self: () => Running
  readonly host: Host
  /** Values by the number of their line. */
  readonly values: ReadonlyMap<number, unknown>
  /** Whether only helpers that read are there. */
  readonly readOnly: boolean
  /** What is said of helpers that are other than usual. */
  readonly instead: Readonly<Record<string, Helper>>
  /** Whether a message is one of the shell's own. */
  readonly isOwn: (message: unknown) => boolean
}

export interface Helper {
  readonly usage: string
  readonly text: string
  /** It changes nothing. */
  readonly reads: boolean
  /** It is not there on nodes of this kind. */
  readonly missing?: boolean
}

export const HELPERS: Readonly<Record<string, Helper>> = {
  h: {
    usage: "h(what?)",
    text: "this list; of a helper its use; of a server or its name what it can be asked",
    reads: true,
  },
  v: { usage: "v(n?)", text: "the value of line n; of the last one; with -2 of the one before", reads: true },
  i: { usage: "i(value)", text: "what a value is", reads: true },
  ps: { usage: "ps(text?, sort?)", text: 'processes, by "cpu", "mailbox", "handled" or "title"', reads: true },
  tree: { usage: "tree(application?)", text: "a supervision tree, or all of them", reads: true },
  info: { usage: "info(process)", text: "everything about one process", reads: true },
  state: { usage: "state(process)", text: "the state of a server, as a copy", reads: true },
  nodes: { usage: "nodes()", text: "this node and those it is connected to", reads: true },
  whereis: { usage: "whereis(name)", text: "the pid behind a registered name", reads: true },
  pid: { usage: 'pid("<0.12.0>")', text: "the pid that is written so", reads: true },
  trace: { usage: "trace(process, { limit, ms }?)", text: "what a process receives, from now on", reads: true },
  flush: { usage: "flush()", text: "the messages of this shell's process, which are then gone", reads: false },
  kill: { usage: "kill(process, reason?)", text: "ends a process; its supervisor starts the next one", reads: false },
  connect: { usage: "connect(node)", text: "connects to another node", reads: false },
  recompile: { usage: "recompile()", text: "reloads the applications whose files have changed", reads: false },
  observer: {
    usage: "observer(port?)",
    text: "the address of the observer, which is started if need be",
    reads: false,
  },
  self: { usage: "self", text: "this shell's process: self.pid, self.send(…), await self.receive()", reads: false },
  node: { usage: "node", text: "this node: node.call(NAME).request(…), node.start(…)", reads: false },
  exit: { usage: "exit()", text: "leaves the shell; what it looks at runs on", reads: true },
}

export type Functions = Readonly<Record<string, (...args: never[]) => unknown>>

export function helpersOf(setting: Setting): Functions {
  const { node, host, values } = setting
  return {
    h: (what?: unknown) => help(setting, what),
    v(at = -1) {
      const lines = [...values.keys()]
      const line = at < 0 ? lines.at(at) : at
      if (line === undefined || !values.has(line))
        throw new RangeError(`line ${at} has no value; there are ${lines.join(", ") || "none"}`)
      return values.get(line)
    },
    i: (value: unknown) => about(node, value),
    ps: (text?: string, sort?: string) => processes(node, text, sort),
    tree: (name?: string) => trees(node, name),
    info: (target: unknown) => details(node, pidOf(node, target)),
    state: (target: unknown) => stateOf(node, pidOf(node, target)),
    nodes: () => [node.name, ...node.nodes],
    whereis: (name: string) => node.names.get(String(name))?.pid,
    pid: (text: string) => pidOf(node, text),
    trace: (target: unknown, options?: TraceOptions) => trace(setting, pidOf(node, target), options),
    flush: () => flush(setting),
    kill(target: unknown, reason: unknown = killReason) {
      const pid = pidOf(node, target)
      node.exit(pid, reason)
      return pid
    },
    connect: (name: string) => node.connect(String(name)),
    async recompile() {
      if (host.recompile === undefined)
        throw new Error("code does not change on this node; umbel dev and umbel shell reload it")
      const lines = await host.recompile()
      return shown(lines, () => (lines.length === 0 ? "nothing has changed" : lines.join("\n")))
    },
    observer: (port = 0) => observer(node, host, Number(port)),
  } as Functions
}

function shown<T extends object>(value: T, text: (look: Look) => string): T & Shown {
  return Object.defineProperty(value, shownAs, { value: text }) as T & Shown
}

// ---- which process -----------------------------------------------------------------------------------------------------------
function pidOf(node: Node, target: unknown): Pid {
  if (target instanceof Pid) return target
  if (isRunning(target)) return target.pid
  const text = typeof target === "string" ? target : String((target as Name | undefined)?.name ?? target)
  const named = node.names.get(text)
  if (named !== undefined) return named.pid
  const written = text.replace(/^#PID/, "")
  for (const process of node.all()) if (String(process.pid) === written) return process.pid
  throw new RangeError(`there is no process ${text} on ${node.name}; ps() shows those that are`)
}
const isRunning = (value: unknown): value is Capability =>
  typeof value === "object" && value !== null && "pid" in value && value.pid instanceof Pid

// ---- looking -----------------------------------------------------------------------------------------------------------------
const SORTS: Readonly<Record<string, (a: ProcessRow, b: ProcessRow) => number>> = {
  cpu: (a, b) => b.cpuMs - a.cpuMs,
  mailbox: (a, b) => b.mailbox - a.mailbox,
  handled: (a, b) => b.handled - a.handled,
  title: (a, b) => (a.title < b.title ? -1 : 1),
}
const ROWS_MAX = 50

function processes(node: Node, text = "", sort = "cpu"): readonly ProcessRow[] {
  const order = SORTS[sort]
  if (order === undefined) throw new RangeError(`ps sorts by ${Object.keys(SORTS).join(", ")}, not by ${sort}`)
  const rows: ProcessRow[] = []
  for (const process of node.all()) {
    const row = processRow(node, process)
    if (`${row.title} ${row.module}`.includes(text)) rows.push(row)
  }
  rows.sort(order)
  return shown(rows, (look) => {
    const lines = rows
      .slice(0, ROWS_MAX)
      .map(({ pid, title, module, status, mailbox, handled, cpuMs }) => [
        String(pid),
        title,
        status,
        String(mailbox),
        String(handled),
        cpuMs.toFixed(1),
        module === title ? "" : module,
      ])
    const more = rows.length > ROWS_MAX ? `\n… and ${rows.length - ROWS_MAX} more` : ""
    return `${table([["PID", "TITLE", "STATUS", "MAILBOX", "HANDLED", "CPU MS", "MODULE"], ...lines], look)}${more}`
  })
}

async function trees(node: Node, name: string | undefined): Promise<readonly TreeNode[]> {
  const names = name === undefined ? [...applicationsOf(node).map((one) => one.name), "user"] : [String(name)]
  const found = await Promise.all(names.map((one) => node.call(INSPECTOR).tree(one)))
  const tops = found.filter((one) => one !== undefined)
  if (name !== undefined && tops.length === 0) {
    throw new RangeError(
      `no application ${name} with a tree runs here; there are ${
        applicationsOf(node)
          .map((one) => one.name)
          .join(", ") || "none"
      }`,
    )
  }
  return shown(tops, () => tops.flatMap((top) => treeLines(top)).join("\n"))
}

function details(node: Node, pid: Pid): object {
  const found = processDetails(node, pid)
  if (found === undefined) throw new RangeError(`${pid} has ended`)
  const { description, current, ...rest } = found
  return { ...rest, ...(current === undefined ? {} : { current }), state: redact(description.state) }
}

function stateOf(node: Node, pid: Pid): unknown {
  const process = node.find(pid)
  if (process === undefined) throw new RangeError(`${pid} has ended, or is on another node`)
  const { state } = process.describe()
  try {
    return copy(redact(state), { fresh: true })
  } catch (error) {
    if (error instanceof NotATerm) return shown({}, () => inspect(redact(state)))
    throw error
  }
}

function about(node: Node, value: unknown): unknown {
  if (value instanceof Pid && node.find(value) !== undefined) return details(node, value)
  const facts: Record<string, unknown> = { type: typeOf(value) }
  if (typeof value === "string" || Array.isArray(value)) facts["length"] = value.length
  if (value instanceof Map || value instanceof Set) facts["size"] = value.size
  if (value instanceof Pid) facts["node"] = value.node
  if (typeof value === "object" && value !== null && typeOf(value) === "object") facts["keys"] = Object.keys(value)
  try {
    copy(value)
    facts["term"] = true
  } catch (error) {
    facts["term"] = error instanceof Error ? error.message : false
  }
  return facts
}
function typeOf(value: unknown): string {
  if (value === null) return "null"
  if (typeof value !== "object") return typeof value
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name
  return name === undefined || name === "Object" ? "object" : name
}

interface TraceOptions {
  readonly limit?: number
  readonly ms?: number
}
const TRACE_MS = 10_000

/** Resolves with what it received: so many messages, or what came in so many milliseconds. */
function trace(
  { node }: Setting,
  pid: Pid,
  { limit = 20, ms = TRACE_MS }: TraceOptions = {},
): Promise<readonly string[]> {
  const before = node.tracer
  const seen: string[] = []
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      // Another one that began meanwhile stays.
      if (node.tracer === mine) node.tracer = before
      resolve(shown(seen, () => (seen.length === 0 ? `nothing in ${ms} ms` : seen.join("\n"))))
    }
    const timer = setTimeout(end, ms)
    const mine: NonNullable<Node["tracer"]> = (event) => {
      before?.(event)
      if (event.kind === "deliver" && event.pid === pid) seen.push(printed(event.envelope))
      else if (event.kind === "exit" && event.pid === pid) seen.push(`ended: ${inspect(event.reason)}`)
      else return
      if (seen.length >= limit) end()
    }
    node.tracer = mine
  })
}

// ---- doing -------------------------------------------------------------------------------------------------------------------
async function flush({ self, isOwn }: Setting): Promise<readonly unknown[]> {
  const messages: unknown[] = []
  const process = self()
  for (;;) {
    const taken: { message?: unknown } = {}
    const isOther = (message: unknown): message is unknown => {
      if (isOwn(message)) return false
      taken.message = message
      return true
    }
    await process.receive(isOther, { timeout: 0 })
    if (!("message" in taken)) break
    messages.push(taken.message)
  }
  return shown(messages, () => messages.map((message) => inspect(message)).join("\n") || "no messages")
}

const CONTROLLER = Symbol.for("umbel.application_controller")

async function observer(node: Node, host: Host, port: number): Promise<string> {
  const running = async (): Promise<string | undefined> =>
    (await addressesOf(node)).find(({ title }) => title.includes("observer"))?.url
  const there = await running()
  if (there !== undefined) return there
  const loaded = (await host.import("@umbel/observer")) as { observer: Application }
  await (node.attachments.get(CONTROLLER) as ApplicationController).start([loaded.observer.with({ port })])
  return (await running()) ?? "the observer runs, and has no address"
}

function help({ node, readOnly, instead }: Setting, what: unknown): unknown {
  const name = typeof what === "string" ? what : typeof what === "function" ? what.name : undefined
  if (what === undefined) {
    const there = Object.entries({ ...HELPERS, ...instead }).filter(
      ([, { reads, missing }]) => missing !== true && (reads || !readOnly),
    )
    const rows = there.map(([, { usage, text }]) => [usage, text])
    return shown(rows, (look) => table([["HELPER", "WHAT IT DOES"], ...rows], look))
  }
  const helper = name === undefined ? undefined : { ...HELPERS, ...instead }[name]
  if (helper !== undefined) return shown([helper], () => `${helper.usage}\n  ${helper.text}`)
  const text = definitionHelp(what) ?? definitionHelp(definitionOf(node, what))
  if (text === undefined)
    throw new RangeError(`there is no help on ${inspect(what, { limit: 5 })}; h() lists what there is`)
  return shown([what], () => text)
}

/** What a process is made of; undefined where that is no process of this node. */
function definitionOf(node: Node, what: unknown): unknown {
  if (typeof what !== "string" && !(what instanceof Pid) && !(what instanceof Name) && !isRunning(what))
    return undefined
  try {
    // As servers keep what they are made of.
    return (node.find(pidOf(node, what)) as { readonly definition?: unknown } | undefined)?.definition
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
