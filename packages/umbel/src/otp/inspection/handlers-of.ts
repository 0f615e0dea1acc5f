/**
 * The handlers of a process and where they are written: asked for by hand, as V8's debugger has to be asked for it (some 10 ms of the thread).
 *
 * ```ts
 * await handlersOf(node, pid)     // [{ kind: "call", name: "increment", place: "shop/counter.ts:14", current: true }, …]
 * ```
 */
import type { Node } from "../../runtime/index.ts"
import { CALL, requestTerm, termOf } from "../../runtime/index.ts"
import { isAtom, type Pid, Tuple } from "../../term/index.ts"
import { Server } from "../server.ts"
import type { HandlerView } from "./says/processes.ts"

const HANDLERS_MAX = 200
const OTHERS = ["init", "info", "continue", "request", "terminate"] as const

/** Undefined for a process that has ended; none of what is no server, or where the platform cannot tell. */
export async function handlersOf(node: Node, pid: Pid): Promise<readonly HandlerView[] | undefined> {
  const process = node.find(pid)
  if (process === undefined) return undefined
  const { diagnostics } = node.platform
  if (!(process instanceof Server) || diagnostics === undefined) return []
  const { calls, casts, spec } = process.definition
  const found: { kind: HandlerView["kind"]; name: string; handler: object }[] = []
  for (const [name, handler] of calls) found.push({ kind: "call", name, handler })
  for (const [name, handler] of casts) found.push({ kind: "cast", name, handler })
  for (const name of OTHERS) {
    const handler = spec[name]
    if (typeof handler === "function") found.push({ kind: "other", name, handler })
  }
  const shown = found.slice(0, HANDLERS_MAX)
  const current = currentOf(process)
  const places = await diagnostics.places(shown.map(({ handler }) => handler))
  return shown.map(({ kind, name }, index) => ({
    kind,
    name,
    place: places[index]?.place ?? "",
    current: current !== undefined && current.kind === kind && current.name === name,
  }))
}

/** Which of them has the message in hand. */
function currentOf({ current, definition }: Server): { kind: HandlerView["kind"]; name: string } | undefined {
  if (current === undefined) return undefined
  const term = current.kind === CALL ? requestTerm(current.request, current.args) : termOf(current)
  const cast = labelled(term, "$gen_cast", 2)
  const word = wordOf(cast ?? term)
  if (current.kind === CALL)
    return word === undefined || !definition.calls.has(word)
      ? { kind: "other", name: "request" }
      : { kind: "call", name: word }
  if (cast !== undefined && word !== undefined) return { kind: "cast", name: word }
  return { kind: "other", name: "info" }
}

const labelled = (term: unknown, label: string, size: number): unknown => {
  if (!(term instanceof Tuple) || term.elements.length !== size) return undefined
  const [first] = term.elements
  return isAtom(first) && first.text === label ? term.elements[size - 1] : undefined
}
function wordOf(term: unknown): string | undefined {
  const first = term instanceof Tuple ? term.elements[0] : term
  return isAtom(first) ? first.text : undefined
}
