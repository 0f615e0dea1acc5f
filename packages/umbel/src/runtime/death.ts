/**
 * What happens when a process ends, in order: it is found no more; what it held is given back; whoever waits for its answer, is linked
 * to it or watches it is told.
 *
 * Links can form long chains, so telling the linked is a queue and not a recursion.
 */
import { CALL, type Call } from "./envelope.ts"
import { isOrderly, ProcessEnded, StartFailed } from "./exits.ts"
import { forgetLinks, linksOf, removeLink } from "./links.ts"
import type { Node } from "./node.ts"
import { ENDED, type Extras, type Process } from "./process.ts"

/** Returns the processes of this node that were linked or tied to it, who are yet to be told. */
export function buryProcess(node: Node, process: Process, reason: unknown, thrown: unknown): readonly Process[] {
  const { starting, current } = process
  if (
    starting === undefined &&
    !process.quiet &&
    !isOrderly(reason) &&
    (thrown !== undefined || process.pendingExit !== undefined)
  ) {
    node.reports.crash(process, reason, thrown)
  }
  const { title } = process
  const linked = linksOf(process)
  process.status = ENDED
  process.pid.local = undefined
  if (process.registeredName !== undefined) node.names.unregister(process.registeredName, process)
  node.scheduler.meters.close(process.slot)
  process.onEnd(reason)
  failCalls(node, process, current?.kind === CALL ? current : undefined, reason)
  const { extras } = process
  if (extras !== undefined) release(node, process, extras)
  forgetLinks(process)
  for (const other of linked) removeLink(other, process)
  if (extras?.farLinks !== undefined) {
    for (const pid of extras.farLinks.values()) node.remote.linkExit(process.pid, pid, reason)
  }
  if (extras?.watchers !== undefined) for (const watch of extras.watchers.drain()) watch.ended(reason)
  if (starting !== undefined) {
    process.starting = undefined
    starting.failed(new StartFailed(title, reason, thrown))
  }
  const tied = process.tied()
  return tied === undefined ? linked : [...linked, ...tied]
}

/** What it had begun before its end has failed after it. */
export function threwLate({ node, title, pid }: Process, thrown: unknown): void {
  // That its self refuses is how it learns of its end; anything else somebody should know of.
  if (thrown instanceof ProcessEnded) return
  node.reports.note("warning", "runtime", `${title} ${pid} threw after it had ended: ${String(thrown)}`, pid)
}

/** The callers in its mailbox, and the one in hand, hear why. */
function failCalls(node: Node, process: Process, current: Call | undefined, reason: unknown): void {
  if (current !== undefined) node.calls.fail(current, reason)
  while (process.size > 0) {
    const envelope = process.take()
    if (envelope.kind === CALL) node.calls.fail(envelope, reason)
  }
}

function release(node: Node, process: Process, extras: Extras): void {
  if (extras.timers !== undefined) for (const timer of extras.timers) timer.cancel()
  if (extras.monitors !== undefined) for (const monitor of extras.monitors.values()) monitor.cancel()
  for (const alias of extras.aliases ?? []) node.aliases.delete(alias.key)
  extras.controller?.abort()
  for (const resource of extras.owned?.reverse() ?? []) dispose(node, process, resource)
}

function dispose(node: Node, process: Process, resource: Disposable | AsyncDisposable): void {
  const failed = (thrown: unknown): void =>
    node.reports.note("error", "runtime", `closing what ${process.pid} owned failed: ${String(thrown)}`)
  try {
    if (Symbol.asyncDispose in resource) Promise.resolve(resource[Symbol.asyncDispose]()).catch(failed)
    else resource[Symbol.dispose]()
  } catch (thrown) {
    failed(thrown)
  }
}
