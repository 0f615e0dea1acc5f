/**
 * Who waits until something full has room again: the processes that sent too much into it, and promises of `ready`.
 *
 * As on the BEAM a process that sends over a full link is suspended: its handler runs to its end, and it gets no further turn until the link has
 * drained. Code outside processes has no turns; for it there are `ready` and, in the end, `Busy`.
 */
import type { Node, Process } from "../runtime/index.ts"
import { Pid } from "../term/index.ts"
import type { Control } from "../wire/index.ts"

export class Congestion {
  readonly #node: Node
  readonly #suspended = new Set<Process>()
  #waiting: (() => void)[] = []

  constructor(node: Node) {
    this.#node = node
  }

  /** How many processes it holds up. */
  get suspended(): number {
    return this.#suspended.size
  }

  /** Whoever sent this gets no further turn until it is over. */
  suspendSender(control: Control): void {
    // An acknowledgement is the node's own doing, though it goes in the name of a process.
    if (control.op === "unlinkIdAck") return
    const { from } = control as { readonly from?: unknown }
    if (!(from instanceof Pid)) return
    const node = this.#node
    const process = node.find(from)
    // `init` and `user` stand for code outside processes, and have all others to look after.
    if (process === undefined || process === node.root || process === node.user) return
    if (process.extras?.essential === true) return
    if (this.#suspended.has(process)) return
    this.#suspended.add(process)
    node.scheduler.suspend(process)
  }

  /** Resolves when it is over. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** It is over. */
  end(): void {
    if (this.#suspended.size > 0) {
      const suspended = [...this.#suspended]
      this.#suspended.clear()
      for (const process of suspended) this.#node.scheduler.resume(process)
    }
    if (this.#waiting.length > 0) {
      const waiting = this.#waiting
      this.#waiting = []
      for (const resolve of waiting) resolve()
    }
  }
}
