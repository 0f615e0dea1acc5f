/**
 * Starts that come to no process: `init` is late, or said `ignore`. (That it throws is an ordinary end: see `death.ts`.)
 */
import { kill, normal, timeout } from "../term/index.ts"
import { StartFailed, StartIgnored } from "./exits.ts"
import type { Process } from "./process.ts"

/** Gives up the start of `process`, which is about to be launched, when it is not up within `timeoutMs`: it is killed, its starter told `timeout`. */
export function limitStart(process: Process, parent: Process, timeoutMs: number): void {
  const { node, starting } = process
  if (starting === undefined) return
  const timer = node.platform.clock.after(timeoutMs, () => {
    process.starting = undefined
    const { title } = process
    // Who started it is told by the rejection, and not by its end.
    node.signals.unlink(parent, process.pid)
    node.signals.exit(parent.pid, process.pid, kill)
    starting.failed(new StartFailed(title, timeout, new Error(`its init took longer than ${timeoutMs} ms`)))
  })
  process.starting = {
    started: (pid) => {
      timer.cancel()
      starting.started(pid)
    },
    failed: (error) => {
      timer.cancel()
      starting.failed(error)
    },
  }
}

/** `init` said that there is to be no process: it ends in order, and then its starter is told. */
export function ignoreStart(process: Process): void {
  const { node, starting } = process
  process.starting = undefined
  process.pendingExit = { reason: normal }
  // Not before it is gone, so that its name is free again.
  const { title } = process
  node.signals.watch(node.root.pid, process.pid, () => starting?.failed(new StartIgnored(title)))
}
