/**
 * What a change of code leaves to do in a supervision tree: children that are no longer listed end, and those whose argument is another one start anew with it.
 *
 * ```ts
 * const before = childrenBelow(node, top)
 * await changeCode(node, definitions)
 * await settleTree(node, before)      // [{ title: "search_page", what: "restarted" }]
 * ```
 *
 * Children that are new have been started by then: supervisors do that when their code changes.
 */
import type { Node, Pid } from "umbel"
import type { SupervisorApi } from "umbel/otp"
import { equal, Local } from "umbel/term"

interface Spec {
  readonly id: string
  readonly start: readonly [module: string, arg: unknown]
}
/** The part of a supervisor's state that is read here. */
interface Supervision {
  readonly children: readonly { readonly spec: Spec }[]
  readonly listed: ReadonlySet<string>
}

interface Kept {
  readonly listed: ReadonlySet<string>
  readonly args: ReadonlyMap<string, unknown>
}
export type Children = ReadonlyMap<Pid<SupervisorApi>, Kept>

export interface Settled {
  readonly title: string
  readonly what: "restarted" | "stopped" | "failed"
  readonly reason?: unknown
}

/** The supervisors at and below `top`, with what each of their children was started with. */
export function childrenBelow(node: Node, top: Pid): Children {
  const found = new Map<Pid<SupervisorApi>, Kept>()
  const visit = (pid: Pid): void => {
    const process = node.find(pid)
    if (process === undefined) return
    const supervision = supervisionOf(process)
    if (supervision !== undefined) {
      const args = new Map(supervision.children.map(({ spec }) => [spec.id, spec.start[1]]))
      found.set(pid as Pid<SupervisorApi>, { listed: new Set(supervision.listed), args })
    }
    for (const child of process.describe().supervision?.children ?? []) if (child.pid !== undefined) visit(child.pid)
  }
  visit(top)
  return found
}

const supervisionOf = (process: object): Supervision | undefined => {
  const { state } = process as { state?: Partial<Supervision> }
  return Array.isArray(state?.children) && state.listed instanceof Set ? (state as Supervision) : undefined
}

export async function settleTree(node: Node, before: Children): Promise<readonly Settled[]> {
  const settled: Settled[] = []
  for (const [pid, { listed, args }] of before) {
    const process = node.find(pid)
    const now = process === undefined ? undefined : supervisionOf(process)
    if (now === undefined) continue
    for (const { spec } of [...now.children]) {
      const { id } = spec
      if (listed.has(id) && !now.listed.has(id)) {
        await node.call(pid).terminateChild(id)
        await node.call(pid).deleteChild(id)
        settled.push({ title: id, what: "stopped" })
      } else if (now.listed.has(id) && args.has(id) && !same(args.get(id), spec.start[1])) {
        await node.call(pid).terminateChild(id)
        const failed = await node
          .call(pid)
          .restartChild(id)
          .then(
            () => undefined,
            (reason: unknown) => ({ reason }),
          )
        settled.push({ title: id, what: failed === undefined ? "restarted" : "failed", ...failed })
      }
    }
  }
  return settled
}

/** What is no term (a listener, a closure) is made anew by the new code, so it never is the same. */
const same = (a: unknown, b: unknown): boolean =>
  a === b || (!(a instanceof Local) && !(b instanceof Local) && equal(a, b))
