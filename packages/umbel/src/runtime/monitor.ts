/**
 * A monitor: one watcher's wish to hear of one end, once.
 *
 * It fires when the watched process ends, at once with `noproc` where there is none, and with `noconnection` when the connection
 * to its node is lost; and it fires never after it was cancelled.
 */
import type { Pid, Ref, Target } from "../term/index.ts"
import type { Node } from "./node.ts"
import type { Process } from "./process.ts"
import type { Watch } from "./remote.ts"
import { Watchers } from "./watchers.ts"

export class Monitor implements Watch {
  readonly ref: Ref
  readonly from: Pid
  readonly target: Target
  /** False once it has fired or was cancelled. */
  active: boolean
  place = -1
  readonly #node: Node
  readonly #onDown: (reason: unknown) => void
  /** The watched process, where it lives on this node. */
  #process: Process | undefined

  constructor(node: Node, watcher: Pid, target: Target, onDown: (reason: unknown) => void) {
    this.ref = node.identities.ref()
    this.target = target
    this.active = true
    this.from = watcher
    this.#node = node
    this.#onDown = onDown
    this.#process = undefined
  }

  watchLocal(process: Process): void {
    this.#process = process
    const watchers = (process.cold.watchers ??= new Watchers())
    watchers.add(this)
  }

  ended(reason: unknown): void {
    if (!this.active) return
    this.active = false
    this.#onDown(reason)
  }

  cancel(): void {
    if (!this.active) return
    this.active = false
    if (this.#process !== undefined) this.#process.extras?.watchers?.delete(this)
    else this.#node.signals.forgetFar(this.from, this.target, this.ref)
  }
}
