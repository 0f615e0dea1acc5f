/**
 * How long a supervision tree may take to end, if each part takes as long as it may.
 */
import type { Node, Process } from "../runtime/index.ts"
import type { Shutdown } from "./child.ts"
import { isKeeping } from "./running-child.ts"
import { Server } from "./server.ts"
import { Supervision } from "./supervisor-state.ts"

/** What a child may take that is killed at once: what it was still awaiting is waited for so long. */
const BRUTAL_MS = 5_000

/**
 * Milliseconds. The children of a supervisor end one after the other, those of a dynamic one together. A child that may take as long as it likes makes it infinite; a
 * supervisor that may takes as long as its children.
 * @internal
 */
export function patienceOf(node: Node, process: Process): number {
  if (!(process instanceof Server) || !isKeeping(process.state)) return 0
  const each: number[] = []
  for (const { pid, spec } of process.state.known()) {
    const child = pid === undefined ? undefined : node.find(pid)
    if (child !== undefined) each.push(patienceWith(node, child, spec.shutdown))
  }
  if (process.state instanceof Supervision) return each.reduce((sum, ms) => sum + ms, 0)
  return each.reduce((most, ms) => Math.max(most, ms), 0)
}

function patienceWith(node: Node, child: Process, shutdown: Shutdown): number {
  if (shutdown === "brutal_kill") return BRUTAL_MS
  // Once to end, and once more for what it was still awaiting.
  if (shutdown !== "infinity") return 2 * shutdown
  return child.describe().kind === "supervisor" ? patienceOf(node, child) : Number.POSITIVE_INFINITY
}
