/**
 * A view: a named read with parameters and a capability. The page watches it, `GET /api/<name>` answers with it.
 *
 * ```ts
 * export const uptime: View<{ node: string }, { ms: number }> = {
 *   name: "uptime",
 *   about: "How long a node has been up.",
 *   capability: "inspect",
 *   params: ({ node }) => (typeof node === "string" ? { node } : undefined),
 *   async read(context, { node }) {
 *     const { bootedAt, now } = await context.umbel(node).overview()
 *     return here({ ms: now - bootedAt })
 *   },
 * }
 * ```
 *
 * What `read` throws is told to the page in words: an `Unavailable` as it says, an unreachable node as unreachable, anything else as failed.
 */
import type { Caller, Node, Pid } from "umbel"
import type { InspectorApi } from "umbel/otp"
import type { Calls } from "umbel/runtime"
import type { Audit } from "./audit.ts"
import type { ClusterView, KnownNode } from "./cluster.ts"
import type { Capability, Params, PidKey, Snapshot, Status } from "./protocol.ts"

/** What a view or an action gets to work with. */
export interface Context {
  /** The node that serves the page. */
  readonly node: Node
  /** In whose name nodes are asked: the process of the page, or the node for a request. */
  readonly caller: Caller
  readonly visitor: Visitor
  readonly refreshMs: number
  /** As configured: where a line of source opens. */
  readonly sourceLink: string | undefined
  readonly audit: Audit
  /** Whether what ends something wants its name typed first. */
  readonly confirmByName: boolean
  /** What this watch keeps from one read to the next: for rates. Empty for a single read. */
  readonly memory: Map<string, unknown>
  /** Everything known of every node. */
  cluster(since?: number): Promise<ClusterView>
  /** One node of the cluster. @throws Unavailable when it is not in the cluster, or cannot be reached */
  known(node: string): Promise<KnownNode>
  /** The inspector of an Umbel node. */
  umbel(node: string, patienceMs?: number): Calls<InspectorApi>
  /** Calls a function of a BEAM node. */
  rpc(node: string, module: string, name: string, args: readonly unknown[], patienceMs?: number): Promise<unknown>
  /** The key of a process, from now on known to this page. */
  key(pid: Pid): PidKey
  /** The process that the parameters name: by a key that was shown here, or by `pid` and `node`. @throws Unavailable */
  process(named: ProcessParams): Promise<Pid>
}

/** Who looks: for the audit, and for what may be done. */
export interface Visitor {
  readonly name: string
  readonly address: string
  readonly capabilities: ReadonlySet<Capability>
}

export interface View<P, T> {
  readonly name: string
  /** One sentence, for `GET /api`. */
  readonly about: string
  readonly capability: Capability
  /**
   * Reading it does something to the node: begins a trace, stops it for a snapshot. Over HTTP it needs what a change needs, or a page of another site could ask for it
   * in the visitor's name.
   */
  readonly costs?: true
  /** The parameters as given, checked; undefined when they do not fit. Over HTTP every one is a text. */
  params(loose: Params): P | undefined
  read(context: Context, params: P): Promise<Snapshot<T>>
  /** The same of a moment of the past, in milliseconds since 1970: what was kept of it, and nothing that is so now. */
  past?(context: Context, params: P, at: number): Promise<Snapshot<T>>
  /** Of a view without a past: why there is none, and what there is instead. */
  readonly unkept?: string
}
// In a table each is told apart by its name; parameters are made by `params` alone.
// biome-ignore lint/suspicious/noExplicitAny: parameters are contravariant
export type AnyView = View<any, unknown>

export const here = <T>(data: T): Snapshot<T> => ({ status: "here", data, text: "" })
export const missing = (status: Exclude<Status, "here">, text: string): Snapshot<never> => ({
  status,
  data: null,
  text,
})

/** Thrown where something cannot be shown: the snapshot becomes that. */
export class Unavailable extends Error {
  override readonly name = "Unavailable"
  readonly status: Exclude<Status, "here">
  constructor(status: Exclude<Status, "here">, text: string) {
    super(text)
    this.status = status
  }
}

// ---- parameters --------------------------------------------------------------------------------------------------------------
/** Names a process: by `process`, a key; or by `node` and `pid`, `<0.12.0>`. */
export type ProcessParams = { readonly process: PidKey } | { readonly node: string; readonly pid: string }

export function processParams({ process, node, pid }: Params): ProcessParams | undefined {
  if (typeof process === "string") return { process }
  return typeof node === "string" && typeof pid === "string" ? { node, pid } : undefined
}

/** A text; `otherwise` when it is not given. */
export const textOf = (value: Params[string] | undefined, otherwise = ""): string =>
  value === undefined ? otherwise : String(value)

/** A whole number within bounds, also as a text; `otherwise` when it is not given, or none. */
export function countOf(value: Params[string] | undefined, otherwise: number, max: number): number {
  const number = typeof value === "boolean" || value === undefined || value === "" ? Number.NaN : Number(value)
  return Number.isFinite(number) ? Math.max(0, Math.min(max, Math.floor(number))) : otherwise
}

export const flagOf = (value: Params[string] | undefined): boolean =>
  value === true || value === "true" || value === "1"

/** One of a few words; the first when it is not given, or none of them. */
export const oneOf = <const W extends string>(value: Params[string] | undefined, words: readonly [W, ...W[]]): W =>
  words.find((word) => word === value) ?? words[0]
