/**
 * What views and actions work with: the cluster, its nodes with a limit on patience, and the processes that the visitor may name.
 *
 * ```ts
 * const context = makeContext({ node, caller: self, visitor, refreshMs, sourceLink, audit, confirmByName, shown, strict: false })
 * await context.umbel("b@h").overview()
 * ```
 */

import { charlist, Pid } from "umbel"
import { INSPECTOR } from "umbel/otp"
import { makePid } from "umbel/term"
import { CLUSTER, type KnownNode, PATIENCE_MS } from "./cluster.ts"
import type { PidKey, Status } from "./protocol.ts"
import { pidNumbers, pidOfKey, type Shown } from "./shown.ts"
import { type Context, type ProcessParams, Unavailable } from "./view.ts"

export interface ContextOptions
  extends Pick<Context, "node" | "caller" | "visitor" | "refreshMs" | "sourceLink" | "audit" | "confirmByName"> {
  readonly shown: Shown
  /** Only processes that were shown, by their keys: for what changes something from a page. */
  readonly strict: boolean
  readonly memory?: Map<string, unknown>
}

/** How often, and how long, a node that has not been asked before is waited for. */
const ASKING_MS = 50
const ASKING_MAX = 40

export function makeContext(options: ContextOptions): Context {
  const {
    node,
    caller,
    visitor,
    refreshMs,
    sourceLink,
    audit,
    confirmByName,
    shown,
    strict,
    memory = new Map(),
  } = options
  const cluster = (since = Number.MAX_SAFE_INTEGER) => caller.call(CLUSTER).look(since)
  const context: Context = {
    node,
    caller,
    visitor,
    refreshMs,
    sourceLink,
    audit,
    confirmByName,
    memory,
    cluster,
    async known(name) {
      for (let tries = 0; ; tries++) {
        const known = (await cluster()).nodes.find((candidate) => candidate.name === name)
        if (known?.status !== "asking" || tries === ASKING_MAX) return reachable(known, name)
        await new Promise((resolve) => setTimeout(resolve, ASKING_MS))
      }
    },
    umbel: (name, patienceMs = PATIENCE_MS) => caller.call(INSPECTOR.at(name), { timeout: patienceMs }),
    // A client makes a function of any name.
    rpc: (name, module, f, args, patienceMs = PATIENCE_MS) =>
      caller.rpc(name, { timeout: patienceMs })[module]![f]!(...args) as Promise<unknown>,
    key: (pid) => shown.key(pid),
    process: (named) => resolve(context, shown, strict, named),
  }
  return context
}

function reachable(known: KnownNode | undefined, name: string): KnownNode {
  const not = (status: Exclude<Status, "here">, text: string): never => {
    throw new Unavailable(status, text)
  }
  // Only nodes of the cluster are asked, so that no page makes this node dial another.
  if (known === undefined) return not("unknown", `There is no node ${name} in this cluster.`)
  if (known.status !== "up") return not("unreachable", `${name} does not answer.`)
  return known
}

async function resolve(context: Context, shown: Shown, strict: boolean, named: ProcessParams): Promise<Pid> {
  const pid = "process" in named ? byKey(shown, strict, named.process) : await byText(context, strict, named)
  if (pid === undefined) throw new Unavailable("unknown", "That process was never shown here.")
  await context.known(pid.node)
  return pid
}

const byKey = (shown: Shown, strict: boolean, key: PidKey): Pid | undefined =>
  shown.pid(key) ?? (strict ? undefined : pidOfKey(key))

async function byText(
  context: Context,
  strict: boolean,
  { node, pid }: { readonly node: string; readonly pid: string },
): Promise<Pid | undefined> {
  const numbers = pidNumbers(pid)
  if (numbers === undefined || strict) return undefined
  const known = await context.known(node)
  if (known.kind === "beam") {
    const answered = await context.rpc(node, "erlang", "list_to_pid", [charlist(`<0.${numbers.id}.${numbers.serial}>`)])
    return answered instanceof Pid ? answered : undefined
  }
  const creation = known.vitals?.creation || (await context.umbel(node).tree("init"))?.pid?.creation
  return creation === undefined ? undefined : makePid(node, numbers.id, numbers.serial, creation)
}
