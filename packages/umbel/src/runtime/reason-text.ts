/**
 * An exit reason in a few words, for a line in a log.
 *
 * ```ts
 * reasonText(tuple(new RangeError("no bombs"), stack)) // RangeError: no bombs
 * reasonText(killed)                                   // :killed
 * reasonText(tuple(atom("bad"), 1))                    // {:bad, 1}
 * ```
 *
 * Where it was thrown is in the crash report: stacks are left out.
 */
import { inspect, Tuple } from "../term/index.ts"

export function reasonText(reason: unknown): string {
  const what = withoutStack(reason)
  if (what instanceof Error) return `${what.name}: ${what.message}`
  return inspect(what, { limit: 10, text: 200, size: 300 })
}

/** Erlang's form of a throw is `{What, Stack}`, the stack a list of `{Module, Function, Arity, Location}`. */
function withoutStack(reason: unknown): unknown {
  if (!(reason instanceof Tuple) || reason.elements.length !== 2) return reason
  const [what, stack] = reason.elements
  const isStack = Array.isArray(stack) && stack.every((frame) => frame instanceof Tuple && frame.elements.length === 4)
  return isStack && (stack.length > 0 || what instanceof Error) ? what : reason
}
