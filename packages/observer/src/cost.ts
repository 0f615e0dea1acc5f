/**
 * What the observer costs the node that serves it: CPU time of the processes that look, all pages together.
 *
 * ```ts
 * using entered = costs.enter(self.pid)
 * costs.cpuPerSecond()      // milliseconds of handlers a second, averaged since it was last asked some seconds ago
 * ```
 *
 * Counted are the viewers, the cluster's process and this node's inspector, by the meters that every process has. What other nodes spend on their
 * inspectors is on their own account: the list of processes shows it there.
 */
import type { Node, Pid } from "umbel"
import { INSPECTOR } from "umbel/otp"
import { processRow } from "umbel/runtime"
import { CLUSTER } from "./cluster.ts"

const SPAN_MS = 1_000

export class Costs {
  readonly #node: Node
  readonly #viewers = new Map<string, Pid>()
  #spent = new Map<string, number>()
  #at: number
  #rate = 0

  constructor(node: Node) {
    this.#node = node
    this.#at = node.platform.clock.now()
  }

  get pages(): number {
    return this.#viewers.size
  }

  enter(viewer: Pid): Disposable {
    this.#viewers.set(viewer.key, viewer)
    return { [Symbol.dispose]: () => void this.#viewers.delete(viewer.key) }
  }

  cpuPerSecond(): number {
    const now = this.#node.platform.clock.now()
    if (now - this.#at < SPAN_MS) return this.#rate
    const spent = this.#read()
    let sum = 0
    // Who came since counts from its start; who went no more.
    for (const [key, cpuMs] of spent) sum += Math.max(0, cpuMs - (this.#spent.get(key) ?? 0))
    this.#rate = Math.round((sum / (now - this.#at)) * 100_000) / 100
    this.#spent = spent
    this.#at = now
    return this.#rate
  }

  #read(): Map<string, number> {
    const node = this.#node
    const pids = [...this.#viewers.values(), node.whereis(CLUSTER), node.whereis(INSPECTOR)]
    return new Map(
      pids.flatMap((pid) => {
        const process = pid === undefined ? undefined : node.find(pid)
        return process === undefined ? [] : [[process.pid.key, processRow(node, process).cpuMs] as const]
      }),
    )
  }
}
