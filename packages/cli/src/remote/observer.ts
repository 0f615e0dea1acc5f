/**
 * How commands look at running nodes through an observer instead of joining the cluster: with its address, and a token where it asks for one. They see what
 * its page shows, and may do what the token grants.
 *
 * ```ts
 * await throughObserver({ observer: "http://127.0.0.1:4040", node: "back" }, async ({ client, name }) => {
 *   const { rows } = await client.ask("processes", { node: name })
 * })
 * ```
 */
import { ObserverClient, ObserverFault, type Params, type ViewData } from "@umbel/observer/client"
import { TimedOut, Unreachable, UsageError } from "../usage-error.ts"
import { theOneCalled, type Whom } from "./connect.ts"
import { type Row, type Rows, type Sort, sortedBy } from "./processes.ts"
import type { Branch } from "./tree-lines.ts"

export interface ObserverOptions extends Whom {
  /** Its address; `UMBEL_OBSERVER` unless given. */
  readonly observer?: string | undefined
  /** `UMBEL_OBSERVER_TOKEN` unless given, or part of the address. */
  readonly token?: string | undefined
}
export interface Look {
  readonly client: ObserverClient
  /** The node that is looked at. */
  readonly name: string
}
type Seen = ViewData["cluster"]["nodes"][number]

/** The address to look through; undefined where the cluster itself is to be joined. */
export const observerOf = ({ observer }: ObserverOptions): string | undefined =>
  observer ?? (process.env["UMBEL_OBSERVER"] || undefined)

/** @throws UsageError, Unreachable, TimedOut */
export async function throughObserver<T>(options: ObserverOptions, look: (look: Look) => Promise<T>): Promise<T> {
  return withObserver(options, async (client) => {
    const nodes = await nodesSeen(client)
    return look({ client, name: chosen(nodes, options.node) })
  })
}

/** @throws UsageError, Unreachable, TimedOut */
export async function withObserver<T>(
  options: ObserverOptions,
  look: (client: ObserverClient) => Promise<T>,
): Promise<T> {
  const address = observerOf(options) ?? ""
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) {
    throw new UsageError(
      `--observer ${address} is no address`,
      "such as http://127.0.0.1:4040, as umbel observe prints it",
    )
  }
  const token = options.token ?? (process.env["UMBEL_OBSERVER_TOKEN"] || undefined)
  try {
    await using client = await ObserverClient.connect(address, { token })
    return await look(client)
  } catch (fault) {
    throw fault instanceof ObserverFault ? mistake(fault) : fault
  }
}

function mistake({ kind, message }: ObserverFault): UsageError {
  switch (kind) {
    case "lost":
    case "unreachable":
      return new Unreachable(message, "umbel observe shows the address of the observer, or starts one")
    case "late":
      return new TimedOut(message, "it may be busy: try again")
    case "refused":
      return new UsageError(message, "--token or UMBEL_OBSERVER_TOKEN brings one")
    case "denied":
      return new UsageError(message, "its token grants less: observer.tokens of the observer says what")
    default:
      return new UsageError(message, "umbel nodes and umbel ps, with the same --observer, show what there is")
  }
}

/** Every node, once each was asked how it is. */
export async function nodesSeen(client: ObserverClient): Promise<readonly Seen[]> {
  // The first look of anybody for some time finds nodes that are yet to be asked.
  for await (const { nodes } of client.watch("cluster")) {
    if (nodes.length > 0 && nodes.every(({ status }) => status !== "asking")) return nodes
  }
  return []
}

/** @throws UsageError */
function chosen(nodes: readonly Seen[], typed: string | undefined): string {
  const found = nodes.find(({ name, home }) =>
    typed === undefined ? home : name === typed || name.startsWith(`${typed}@`),
  )
  if (found !== undefined) return found.name
  throw new UsageError(`the observer knows no node ${typed}`, `there are ${nodes.map(({ name }) => name).join(", ")}`)
}

/** What an action did, in a sentence. @throws UsageError when it was refused */
export async function done(client: ObserverClient, action: string, params: Params): Promise<string> {
  const { done, text } = await client.act(action, params)
  if (!done) throw new UsageError(text, "the page of the observer says who may do what, and what was done")
  return text
}

/** A process, and the key by which actions name it: only what was shown can be acted on. */
export interface ProcessSeen {
  readonly pid: string
  readonly key: string
}

/** A process as a person types it: its pid, or its title. @throws UsageError */
export async function processSeen({ client, name }: Look, typed: string): Promise<ProcessSeen> {
  if (/^<\d+\.\d+\.\d+>$/.test(typed)) {
    const { pid, key } = await client.ask("process", { node: name, pid: typed })
    return { pid, key }
  }
  const { found } = await client.ask("find", { text: typed })
  const here = found.filter(({ node }) => node === name)
  return theOneCalled(typed, name, here, ({ pid }) => pid)
}

/** As `rowsOf` of an inspector. Of a BEAM node reductions are what was handled, and CPU time is not known. */
export async function rowsSeen(
  { client, name }: Look,
  sort: Sort,
  count: number,
  filter = "",
  rates = false,
): Promise<Rows> {
  const { rows, matching } = await client.ask("processes", {
    node: name,
    sort: sortedBy(sort, rates),
    filter,
    count,
    ascending: sort === "title",
  })
  return {
    matching,
    rows: rows.map(
      ({ pid, title, module, kind, status, mailbox, handled, handledRate, cpu, cpuRate, memory }): Row => ({
        ...{ pid, title, module, kind, status, mailbox, handled, handledRate },
        ...{ cpuMs: cpu ?? 0, cpuRate: cpuRate ?? 0, memory: memory ?? 0 },
      }),
    ),
  }
}

/** The trees of a node, or of one application. @throws UsageError when that does not run there */
export async function treesSeen({ client, name }: Look, application: string | undefined): Promise<readonly Branch[]> {
  const node = (await nodesSeen(client)).find((one) => one.name === name)
  const applications = node?.vitals?.applications ?? []
  const names = applications.filter(({ supervised }) => supervised).map((one) => one.name)
  if (application !== undefined && !names.includes(application)) {
    throw new UsageError(
      `no application ${application} with a tree runs on ${name}`,
      `there are ${names.join(", ") || "none"}`,
    )
  }
  const trees = (application === undefined ? names : [application]).map((one) =>
    client.ask("tree", { node: name, application: one }),
  )
  return (await Promise.all(trees)).map(branchOf)
}

function branchOf({ pid, supervision, children, ...tree }: ViewData["tree"]): Branch {
  return {
    ...tree,
    pid: pid === "" ? undefined : pid,
    strategy: supervision?.strategy,
    children: children.map(branchOf),
  }
}
