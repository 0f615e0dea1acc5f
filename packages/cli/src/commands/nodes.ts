/** `umbel nodes`: the nodes that a machine's EPMD knows, Umbel and BEAM, each asked what it is. */
import type { ObserverClient } from "@umbel/observer/client"
import { atom, type Node, timeout } from "umbel"
import { INSPECTOR, type InspectorApi } from "umbel/otp"
import { paint, say } from "../project/files.ts"
import { nodesOf, withVisitor } from "../remote/connect.ts"
import { nodesSeen, type ObserverOptions, observerOf, withObserver } from "../remote/observer.ts"
import { duration, plainJson, table } from "../remote/table.ts"

export interface NodesOptions extends ObserverOptions {
  readonly host: string
  readonly json?: boolean
}

interface Row {
  readonly name: string
  /** `umbel`, `OTP 25`; undefined when it did not answer. */
  readonly kind: string | undefined
  readonly uptimeMs: number | undefined
  readonly processes: number | undefined
  readonly applications: readonly string[]
  /** Why nothing is known of it. */
  readonly problem: string | undefined
}

const ANSWER_MS = 3_000

export async function nodes(options: NodesOptions): Promise<void> {
  const { host, json } = options
  const rows = observerOf(options) === undefined ? await rowsOn(host) : await withObserver(options, rowsBy)
  if (json === true) return say(plainJson(rows))
  if (rows.length === 0) return say(`no node runs on ${host}; umbel up and umbel start start some`)
  const [titles = "", ...lines] = table<Row>(
    [
      { title: "NODE", of: ({ name }) => name },
      { title: "IS", of: ({ kind }) => kind ?? "?" },
      { title: "UP FOR", of: ({ uptimeMs }) => (uptimeMs === undefined ? "" : duration(uptimeMs)), right: true },
      { title: "PROCESSES", of: ({ processes }) => processes ?? "", right: true },
      { title: "APPLICATIONS", of: ({ applications, problem }) => problem ?? applications.join(", ") },
    ],
    rows,
    process.stdout.columns,
  )
  say(paint("bold", titles))
  for (const line of lines) say(line)
}

async function rowsOn(host: string): Promise<readonly Row[]> {
  const names = await nodesOf(host)
  return names.length === 0 ? [] : withVisitor((visitor) => Promise.all(names.map((name) => look(visitor, name))))
}

/** The nodes that an observer sees. */
async function rowsBy(client: ObserverClient): Promise<readonly Row[]> {
  return (await nodesSeen(client)).map(({ name, status, vitals }) => ({
    name,
    kind: vitals?.release,
    uptimeMs: vitals?.uptime,
    processes: vitals?.processes,
    applications: (vitals?.applications ?? []).map((one) => one.name).filter((one) => !OF_EVERY_NODE.includes(one)),
    problem: status === "up" ? undefined : "does not answer the observer",
  }))
}

/** Applications that say nothing of a node. */
const OF_EVERY_NODE: readonly string[] = ["kernel", "stdlib"]

async function look(visitor: Node, name: string): Promise<Row> {
  const nothing = { name, kind: undefined, uptimeMs: undefined, processes: undefined, applications: [] }
  if (!(await visitor.connect(name).catch(() => false))) {
    return { ...nothing, problem: "does not let us in: another cookie, or it is ending" }
  }
  try {
    return await umbel(visitor, name)
  } catch (error) {
    if ((error as { reason?: unknown }).reason === timeout)
      return { ...nothing, kind: "umbel", problem: "does not answer" }
  }
  return beam(visitor, name).catch((error: Error) => ({ ...nothing, problem: error.message }))
}

async function umbel(visitor: Node, name: string): Promise<Row> {
  const overview = await visitor.call<InspectorApi>(INSPECTOR.at(name), { timeout: ANSWER_MS }).overview()
  return {
    name,
    kind: "Umbel",
    uptimeMs: overview.now - overview.bootedAt,
    processes: overview.processes,
    applications: overview.applications.map((one) => one.name),
    problem: undefined,
  }
}

interface Otp {
  erlang: {
    system_info(what: unknown): unknown
    statistics(what: unknown): unknown
  }
  application: { which_applications(): readonly unknown[] }
}

async function beam(visitor: Node, name: string): Promise<Row> {
  const otp = visitor.rpc<Otp>(name, { timeout: ANSWER_MS })
  const [release, wall, count, applications] = await Promise.all([
    otp.erlang.system_info(atom("otp_release")),
    otp.erlang.statistics(atom("wall_clock")),
    otp.erlang.system_info(atom("process_count")),
    otp.application.which_applications(),
  ])
  const text = Array.isArray(release) ? String.fromCharCode(...(release as number[])) : String(release)
  const elements = (value: unknown): readonly unknown[] => [...(value as Iterable<unknown>)]
  const running = applications.map((one) => String(elements(one)[0]))
  return {
    name,
    kind: `${running.includes("elixir") ? "Elixir, " : ""}OTP ${text}`,
    uptimeMs: Number(elements(wall)[0]),
    processes: Number(count),
    applications: running.filter((one) => !OF_EVERY_NODE.includes(one)).sort(),
    problem: undefined,
  }
}
