/**
 * Where long handlers are, found once there are any: where the handler is written, and the stack of the next time.
 *
 * ```ts
 * stacks.held(report, group)        // group.handler is known a moment later
 * stacks.tick(wallTime)             // once a second
 * ```
 *
 * As long as no handler holds the thread, nothing watches it. The first one has a thread of its own watch the next ten minutes, and each after it the ten
 * minutes after that: that costs a timer a few dozen times a second, and for each long handler a look by V8's debugger.
 */
import type { LongHandlerReport, Node } from "../../runtime/index.ts"
import { Server } from "../server.ts"
import type { LongGroup, LongHandlers } from "./long-handlers.ts"

const WATCHED_MS = 600_000

export class LongStacks implements Disposable {
  readonly #node: Node
  readonly #ledger: LongHandlers
  #watch: Disposable | undefined
  #heldAt = 0

  constructor(node: Node, ledger: LongHandlers) {
    this.#node = node
    this.#ledger = ledger
  }

  get watching(): boolean {
    return this.#watch !== undefined
  }

  held(report: LongHandlerReport, group: LongGroup): void {
    const { diagnostics } = this.#node.platform
    if (diagnostics === undefined) return
    this.#heldAt = report.at
    // Looked at a good while before it counts as long; what does not become so is forgotten.
    const { longHandlerMs } = this.#node.scheduler
    this.#watch ??= diagnostics.watchStacks(longHandlerMs / 2, (stack) => this.#ledger.heldAt(stack))
    const handler = group.handler === undefined ? handlerOf(this.#node, report, group.request) : undefined
    if (handler === undefined) return
    const failed = (thrown: unknown): void =>
      this.#node.reports.note("warning", "inspector", `where ${group.module} is written cannot be told: ${thrown}`)
    diagnostics.places([handler]).then(([place]) => {
      if (place !== undefined && place.place !== "") group.handler = place
    }, failed)
  }

  /** Nothing was held for long: nothing is watched any more. */
  tick(wallTime: number): void {
    if (this.#watch !== undefined && wallTime - this.#heldAt > WATCHED_MS) this[Symbol.dispose]()
  }
  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]()
    this.#watch = undefined
  }
}

/** The function that has handled it; undefined where that is not known, or the process is none of tables. */
function handlerOf(node: Node, { pid, message }: LongHandlerReport, request: string | undefined): object | undefined {
  const process = node.find(pid)
  if (!(process instanceof Server) || message === undefined || request === undefined) return undefined
  const { calls, casts, spec } = process.definition
  const found = message.startsWith("call ")
    ? (calls.get(request) ?? spec.request)
    : message.startsWith("cast ") || message.startsWith('{:"$gen_cast"')
      ? casts.get(request)
      : spec.info
  return typeof found === "function" ? found : undefined
}
