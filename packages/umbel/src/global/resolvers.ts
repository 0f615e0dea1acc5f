/**
 * Whose a name is when two partitions meet and both have it.
 *
 * | resolver | what it does |
 * | --- | --- |
 * | `randomExitName` | one keeps the name, the other process is killed: OTP's and ours unless told |
 * | `randomNotifyName` | one keeps the name, the other is sent `{global_name_conflict, Name}` |
 * | `notifyAllName` | neither has it any more, each is sent `{global_name_conflict, Name, OtherPid}` |
 * | `exported("shop", "merge", 3)` | `shop:merge(Name, Pid, OtherPid)`, exposed on every node, gives the one that keeps it, or `none` |
 *
 * "Random" is OTP's word: the process of the smaller node keeps it, so that all nodes decide alike. It is decided once, on a node where one of the two lives. What a function throws,
 * and anything but one of the two processes, means that nobody has the name.
 */
import { CallExit, type Node, type ProcessCapability, type Running } from "../runtime/index.ts"
import { atom, compare, Export, exported, Fun, inspect, kill, Pid, tuple } from "../term/index.ts"
import type { Op } from "./protocol.ts"
import type { GlobalName, Tables } from "./tables.ts"

/** A function of Erlang with three arguments. */
export type Resolver = Export

export const randomExitName: Resolver = exported("global", "random_exit_name", 3)
export const randomNotifyName: Resolver = exported("global", "random_notify_name", 3)
export const notifyAllName: Resolver = exported("global", "notify_all_name", 3)

const none = atom("none")
const conflict = atom("global_name_conflict")
const exitWord = atom("EXIT")
const undef = atom("undef")

type Decide = (self: Running, name: unknown, one: Pid, other: Pid) => unknown

/** The one that keeps it first. */
const inOrder = (one: Pid, other: Pid): readonly [Pid, Pid] =>
  compare(atom(one.node), atom(other.node)) < 0 ? [one, other] : [other, one]

/** OTP's three, by their names there. */
export const predefined: Readonly<Record<string, Decide>> = {
  random_exit_name: (self, _name, one, other) => {
    const [keeps, goes] = inOrder(one, other)
    self.exitOther(goes, kill)
    return keeps
  },
  random_notify_name: (self, name, one, other) => {
    const [keeps, goes] = inOrder(one, other)
    self.send(goes, tuple(conflict, name))
    return keeps
  },
  notify_all_name: (self, name, one, other) => {
    self.send(one, tuple(conflict, name, other))
    self.send(other, tuple(conflict, name, one))
    return none
  },
}

/** `global:resolve_it/4`: never throws; what the function throws is `{'EXIT', Reason}`, which is no process. */
export async function resolveIt(
  self: Running,
  node: Node,
  method: unknown,
  name: unknown,
  one: Pid,
  other: Pid,
): Promise<unknown> {
  const decide = decider(node, method)
  if (decide === undefined) return tuple(exitWord, tuple(undef, []))
  try {
    return await decide(self, name, one, other)
  } catch (thrown) {
    return tuple(exitWord, String(thrown))
  }
}

function decider(node: Node, method: unknown): Decide | undefined {
  // OTP's default is a closure of its module `global`, of which there is but this one.
  if (method instanceof Fun) return method.module === "global" ? predefined.random_exit_name : undefined
  if (!(method instanceof Export)) return undefined
  if (method.module === "global") return Object.hasOwn(predefined, method.name) ? predefined[method.name] : undefined
  return node.exposedFunction(method.module, method.name)
}

export interface Decision {
  /** To be done here. */
  readonly ops: readonly Op[]
  /** To be done there. */
  readonly theirs: readonly Op[]
}

/**
 * What becomes of the names of `node`: new ones are taken over; of those that both have the smaller node decides, so that it is done once.
 */
export async function decideNames(
  self: ProcessCapability,
  us: { readonly node: Node; readonly tables: Tables },
  node: string,
  names: readonly GlobalName[],
): Promise<Decision> {
  const ops: Op[] = []
  const theirs: Op[] = []
  const weDecide = compare(atom(us.node.name), atom(node)) < 0
  for (const his of names) {
    const ours = us.tables.name(his.name)
    const take: Op = { kind: "insert", name: his.name, pid: his.pid, method: his.method }
    if (ours === undefined) ops.push(take)
    else if (ours.pid.key === his.pid.key || !weDecide) continue
    else {
      const keeps = await ask(self, us.node, ours, his.pid)
      if (keeps === "gone" || keeps?.key === his.pid.key) ops.push(take)
      else if (keeps?.key === ours.pid.key) {
        theirs.push({ kind: "insert", name: ours.name, pid: ours.pid, method: ours.method })
      } else {
        ops.push({ kind: "delete", name: his.name })
        theirs.push({ kind: "delete", name: his.name })
      }
    }
  }
  return { ops, theirs }
}

/** Asked where our process lives. `gone` when that node cannot be asked any more: then the name is the other's. */
async function ask(self: ProcessCapability, node: Node, ours: GlobalName, his: Pid): Promise<Pid | undefined | "gone"> {
  try {
    const there = self.rpc<{ global: ResolveModule }>(ours.pid.node, { timeout: "infinity" })
    const kept = await there.global.resolve_it(ours.method, ours.name, his, ours.pid)
    if (kept instanceof Pid && (kept.key === his.key || kept.key === ours.pid.key)) return kept
    if (kept !== none) note(node, ours, `gave ${inspect(kept, { limit: 20 })}: nobody has it now`)
    return undefined
  } catch (thrown) {
    note(
      node,
      ours,
      `could not be asked on ${ours.pid.node}: ${thrown instanceof CallExit ? inspect(thrown.reason) : String(thrown)}`,
    )
    return "gone"
  }
}

interface ResolveModule {
  resolve_it(method: unknown, name: unknown, one: Pid, other: Pid): unknown
}

function note(node: Node, { name }: GlobalName, what: string): void {
  node.reports.note(
    "info",
    "global",
    `the resolver of the name ${inspect(name, { limit: 20 })}, which two had, ${what}`,
  )
}
