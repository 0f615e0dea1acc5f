/**
 * Rejections that nobody handles, on Node.js.
 *
 * The promise of a handler, or of a verb of `self`, that is rejected ends its process; any other one, left alone, has no owner that could be known for
 * free. Told to, a node finds it: each turn of a process runs in an async context of its own, and what is rejected later in that context is the
 * process's crash.
 *
 * ```ts
 * await boot({ name: "a@127.0.0.1", attributeRejections: true })
 * genServer("shop.cart", { init: () => ({}), casts: { pay: () => void charge() } }) // `charge` rejects: this server crashes, and its supervisor hears
 * ```
 *
 * What belongs to no process goes to `onRejection`, or where there is none the way that Node.js takes with it, which ends the program. Either way it was
 * listened to by others too (a test runner, say): then it is theirs.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import type { Attribution, Node, Process } from "../runtime/index.ts"
import { inspect } from "../term/index.ts"

/** What a listener of ours can be asked, by those of other nodes in this thread, and of other copies of this library. */
const asked = Symbol.for("umbel.rejections")
interface Asked {
  /** Whether the rejection that is being told of is one of its processes'. */
  owns(): boolean
  /** Whether it takes those of nobody. */
  readonly takesOthers: boolean
}
type Listener = NodeJS.UnhandledRejectionListener & { readonly [asked]?: Asked }

export class Rejections implements Attribution {
  readonly #turns = new AsyncLocalStorage<Process>()

  run(process: Process, turn: (process: Process) => void): void {
    this.#turns.run(process, turn, process)
  }

  /** Listens until the node stops. `onRejection` is told of those that are nobody's, after they were reported. */
  listen(node: Node, onRejection: ((reason: unknown) => void) | undefined): void {
    const own: Asked = { owns: () => this.#turns.getStore() !== undefined, takesOthers: onRejection !== undefined }
    const listener: Listener = Object.assign(
      (reason: unknown): void => {
        const owner = this.#turns.getStore()
        if (owner !== undefined) return node.rejected(owner, reason)
        const listeners = process.listeners("unhandledRejection") as Listener[]
        if (listeners.some((other) => other[asked]?.owns() === true)) return
        if (onRejection !== undefined) {
          node.reports.note("error", "runtime", `a rejection that nobody handled, of no process: ${told(reason)}`)
          return onRejection(reason)
        }
        // With none of ours listening Node.js would have thrown it.
        const alone = listeners.every((other) => other[asked]?.takesOthers === false)
        if (alone && listeners[0] === listener) throw reason
      },
      { [asked]: own },
    )
    process.on("unhandledRejection", listener)
    node.onStop(() => void process.off("unhandledRejection", listener))
  }
}

const told = (reason: unknown): string =>
  reason instanceof Error ? (reason.stack ?? String(reason)) : inspect(reason, { limit: 50 })
