/**
 * Trace context across nodes: the label of Erlang's sequential trace token.
 *
 * ```ts
 * tokenOf(node, self.pid)     // {0, {umbel_trace, Context}, 0, Self, 0}, or undefined outside of any context
 * ```
 *
 * A BEAM process takes the token over from a message it handles, and hands it on with those that it sends meanwhile. So a context goes through BEAM nodes and
 * comes back from them, though nothing there knows of it; with no flag set nothing is printed on the way. Rules: OTP's `seq_trace`.
 */
import type { Node } from "../runtime/index.ts"
import { atom, type Pid, Tuple, tuple } from "../term/index.ts"

const LABEL = atom("umbel_trace")

/** The token of what is sent now; undefined where there is no context. */
export function tokenOf(node: Node, from: Pid): unknown {
  const context = node.traceContext?.capture()
  return context === undefined ? undefined : tuple(0, tuple(LABEL, context), 0, from, 0)
}

/** The context in a token that came; undefined for a token of anybody else's, and where no hook would take it. */
export function contextIn(node: Node, token: unknown): unknown {
  if (node.traceContext === undefined || !(token instanceof Tuple)) return undefined
  const label: unknown = token.elements[1]
  return label instanceof Tuple && label.elements[0] === LABEL ? label.elements[1] : undefined
}
