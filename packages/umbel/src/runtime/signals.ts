/**
 * Signals that bind processes together: links, monitors, exits. Rules: the Erlang reference manual, "Processes".
 */
import { copy, kill, killed, noproc, normal, type Pid, type Ref, type Target } from "../term/index.ts"
import type { Exit } from "./capability.ts"
import { addLink, removeLink } from "./links.ts"
import { Monitor } from "./monitor.ts"
import type { Node } from "./node.ts"
import { ENDED, type Process, RUNNING } from "./process.ts"

export class Signals {
  readonly #node: Node
  /** Monitors of processes on other nodes, by the key of their reference. */
  readonly #farMonitors = new Map<string, (reason: unknown) => void>()
  readonly #broken: { readonly other: Process; readonly from: Pid; readonly reason: unknown }[] = []
  #telling = false

  constructor(node: Node) {
    this.#node = node
  }

  link(process: Process, target: Pid): void {
    const other = this.#node.find(target)
    if (other === process) return
    if (other !== undefined) bind(process, other)
    else if (this.#node.isFar(target)) {
      const links = (process.cold.farLinks ??= new Map())
      if (links.has(target.key)) return
      links.set(target.key, target)
      this.#node.remote.link(process.pid, target)
    } else this.linkBroken(process, target, noproc)
  }
  unlink(process: Process, target: Pid): void {
    const other = this.#node.find(target)
    if (other !== undefined) {
      removeLink(process, other)
      removeLink(other, process)
    } else if (process.extras?.farLinks?.delete(target.key)) this.#node.remote.unlink(process.pid, target)
  }

  watch(watcher: Pid, target: Target, onDown: (reason: unknown) => void): Monitor {
    const far = this.#node.names.far(target)
    if (far !== undefined && this.#node.isFar(far)) return this.watch(watcher, far, onDown)
    const monitor = new Monitor(this.#node, watcher, target, onDown)
    const process = this.#node.isFar(target) ? undefined : this.#node.findTarget(target)
    if (process !== undefined) monitor.watchLocal(process)
    else if (this.#node.isFar(target)) {
      this.#farMonitors.set(monitor.ref.key, (reason) => monitor.ended(reason))
      this.#node.remote.monitor(watcher, target, monitor.ref)
    } else queueMicrotask(() => monitor.ended(noproc))
    return monitor
  }
  forgetFar(watcher: Pid, target: Target, ref: Ref): void {
    if (this.#farMonitors.delete(ref.key)) this.#node.remote.demonitor(watcher, target, ref)
  }
  far(ref: Ref, reason: unknown): void {
    const fire = this.#farMonitors.get(ref.key)
    if (fire === undefined) return
    this.#farMonitors.delete(ref.key)
    fire(reason)
  }

  exit(from: Pid, target: Pid, reason: unknown): void {
    if (this.#node.isFar(target)) return this.#node.remote.exit(from, target, reason)
    const process = this.#node.find(target)
    if (process === undefined) return
    if (reason === kill) this.exitSoon(process, killed)
    else if (process.trapping) this.#deliverExit(process, from, reason)
    else if (reason !== normal || process.pid === from) this.exitSoon(process, reason)
  }
  /** A linked process has ended. */
  linkBroken(process: Process, from: Pid, reason: unknown): void {
    if (process.status === ENDED) return
    if (process.trapping) this.#deliverExit(process, from, reason)
    else if (reason !== normal) this.exitSoon(process, reason)
  }
  farLinkExit(from: Pid, to: Pid, reason: unknown): void {
    const process = this.#node.find(to)
    if (process?.extras?.farLinks?.delete(from.key)) this.linkBroken(process, from, reason)
  }
  #deliverExit(process: Process, pid: Pid, reason: unknown): void {
    this.#node.deliverTerm(process, { kind: "exit", pid, reason: copy(reason) } satisfies Exit)
  }

  /** Ends the process; one whose handler is on the stack when that returns. */
  exitSoon(process: Process, reason: unknown): void {
    if (process.status === RUNNING) process.pendingExit ??= { reason }
    else this.#node.end(process, reason)
  }

  /** Links form chains of any length: the linked are told one after the other, not from within one another's end. */
  tellLinked(broken: Iterable<Process>, from: Pid, reason: unknown): void {
    for (const other of broken) this.#broken.push({ other, from, reason })
    if (this.#telling) return
    this.#telling = true
    // By index: taking the first of very many out of an array moves all others.
    for (let i = 0; i < this.#broken.length; i++) {
      const link = this.#broken[i]!
      this.linkBroken(link.other, link.from, link.reason)
    }
    this.#broken.length = 0
    this.#telling = false
  }
}

/** Both sides of a link of this node. */
export function bind(process: Process, other: Process): void {
  addLink(process, other)
  addLink(other, process)
}
