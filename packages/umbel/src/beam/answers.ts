/**
 * What the exposed functions share: reading arguments that any node may have sent, and writing answers as Erlang wants them.
 *
 * ```ts
 * proplist({ uptime: 5, version: charlist("25") })   // [{uptime, 5}, {version, "25"}]
 * processOf(node, given, "erlang:process_info/2")    // the process, undefined for one that has ended, or a TypeError
 * ```
 */
import { encode } from "../etf/index.ts"
import type { ExposedFunction, Node, Process } from "../runtime/index.ts"
import {
  ATOM_CHARACTERS_MAX,
  type AtomValue,
  atom,
  atomText,
  atomValue,
  inspect,
  isAtomValue,
  makeName,
  NotATerm,
  Pid,
  type Target,
  Tuple,
  tuple,
} from "../term/index.ts"

/** The functions of one Erlang module. */
export type Functions = Readonly<Record<string, ExposedFunction>>

/** `[{key, value}, …]`, in the order of the keys. */
export function proplist(entries: Readonly<Record<string, unknown>>): unknown[] {
  return Object.entries(entries).map(([key, value]) => tuple(atom(key), value))
}

/** The atom of a module or a name, cut to what an atom can hold. */
export function atomOf(text: string): AtomValue {
  return atomValue(text.length > ATOM_CHARACTERS_MAX ? text.slice(0, ATOM_CHARACTERS_MAX) : text)
}

/** @throws TypeError naming the function for what is no atom */
export function textOfAtom(given: unknown, what: string): string {
  if (!isAtomValue(given)) throw new TypeError(`${what} needs an atom, not ${inspect(given, { limit: 10 })}`)
  return atomText(given)
}

/** @throws TypeError for what is no pid of this node */
export function processOf(node: Node, given: unknown, what: string): Process | undefined {
  if (given instanceof Pid && given.node === node.name) return node.find(given)
  throw new TypeError(`${what} needs a pid of ${node.name}, not ${inspect(given, { limit: 10 })}`)
}

/** A pid of any node. @throws TypeError */
export function pidOf(given: unknown, what: string): Pid {
  if (given instanceof Pid) return given
  throw new TypeError(`${what} needs a pid, not ${inspect(given, { limit: 10 })}`)
}

/** A pid, a name or `{Name, Node}` of this node, as `gen` takes them. @throws TypeError for anything else */
export function localTarget(node: Node, given: unknown, what: string): Target {
  if (given instanceof Pid && given.node === node.name) return given
  if (isAtomValue(given)) return makeName(atomText(given), undefined)
  if (given instanceof Tuple && given.elements.length === 2) {
    const [name, host] = given.elements
    if (isAtomValue(name) && isAtomValue(host) && atomText(host) === node.name) {
      return makeName(atomText(name), undefined)
    }
  }
  throw new TypeError(`${what} needs a process of ${node.name}, not ${inspect(given, { limit: 10 })}`)
}

/** The term itself, or in words what cannot leave the node (a socket, a via name). */
export function sendable(term: unknown): unknown {
  try {
    encode(term)
    return term
  } catch (thrown) {
    if (thrown instanceof NotATerm) return inspect(term, { limit: 60, text: 500, size: 20_000 })
    throw thrown
  }
}

const ARITIES = Symbol("umbel.arities")

/** A function that is to be called with any of these numbers of arguments. */
export function overloaded(arities: readonly number[], f: ExposedFunction): ExposedFunction {
  return Object.defineProperty(f, ARITIES, { value: arities })
}

/** With how many arguments a function may be called: those it declares beside `self`, unless it is {@link overloaded}. */
export function aritiesOf(f: ExposedFunction): readonly number[] {
  return (f as { [ARITIES]?: readonly number[] })[ARITIES] ?? [Math.max(0, f.length - 1)]
}
