/**
 * The modules a node has, as Erlang counts them: those of its servers, and those whose functions it exposes. For `code`, and for `M:module_info/0,1`,
 * which tools ask of every module they are told of.
 */
import type { ExposedFunction, Node } from "../runtime/index.ts"
import { type Atom, atom, error, tuple } from "../term/index.ts"
import { aritiesOf, atomOf, type Functions, overloaded, textOfAtom } from "./answers.ts"
import { behaviourOf, moduleOf } from "./process-kind.ts"

interface Module {
  /** `gen_server` or `supervisor`; undefined for one that only exposes functions. */
  readonly behaviour: Atom | undefined
}

/** What is known of that module; undefined where nothing is. */
function find(node: Node, name: string): Module | undefined {
  const defined = node.definitions.get(name) as { readonly spec?: { readonly supervision?: unknown } } | undefined
  if (defined !== undefined) {
    const statem = "states" in defined
    return {
      behaviour: atom(statem ? "gen_statem" : defined.spec?.supervision === undefined ? "gen_server" : "supervisor"),
    }
  }
  // What the initial call of every supervisor names is, in Erlang, a gen_server itself.
  if (name === "supervisor") return { behaviour: atom("gen_server") }
  if (node.exposed.has(name)) return { behaviour: undefined }
  for (const process of node.all()) {
    if (moduleOf(process) === name) return { behaviour: behaviourOf(process) }
  }
  return undefined
}

function names(node: Node): Set<string> {
  const all = new Set([...node.definitions.keys(), ...node.exposed.keys()])
  for (const process of node.all()) all.add(moduleOf(process))
  return all
}

/** `M:module_info`, of every module the node has. */
export function moduleInfo(node: Node, module: string, name: string): ExposedFunction | undefined {
  if (name !== "module_info") return undefined
  const found = find(node, module)
  if (found === undefined) return undefined
  return overloaded([0, 1], (_self, ...wanted: unknown[]) => {
    const all = describe(node, module, found)
    if (wanted.length === 0) return Object.entries(all).map(([key, value]) => tuple(atom(key), value))
    const key = textOfAtom(wanted[0], `${module}:module_info/1`)
    if (Object.hasOwn(all, key)) return all[key]
    throw new TypeError(`${module}:module_info/1 has no ${key}; it has ${Object.keys(all).join(", ")}`)
  })
}

function describe(node: Node, module: string, { behaviour }: Module): Readonly<Record<string, unknown>> {
  const functions = [tuple(atom("module_info"), 0), tuple(atom("module_info"), 1)]
  if (behaviour !== undefined) functions.push(tuple(atom("init") as Atom, 1) as never)
  for (const [name, f] of Object.entries(node.exposed.get(module) ?? {})) {
    for (const arity of aritiesOf(f)) functions.push(tuple(atomOf(name), arity) as never)
  }
  return {
    module: atomOf(module),
    exports: functions,
    functions,
    attributes: behaviour === undefined ? [] : [tuple(atom("behaviour"), [behaviour])],
    compile: [],
  }
}

const preloaded = atom("preloaded")

/** The module `code`. There are no files of code to tell of: everything is preloaded. */
export function code(node: Node): Functions {
  return {
    all_loaded: () => Array.from(names(node), (name) => tuple(atomOf(name), preloaded)),
    ensure_loaded: (_self, module: unknown) =>
      find(node, textOfAtom(module, "code:ensure_loaded/1")) === undefined
        ? tuple(error, atom("nofile"))
        : tuple(atom("module"), module),
    is_loaded: (_self, module: unknown) =>
      find(node, textOfAtom(module, "code:is_loaded/1")) === undefined ? false : tuple(atom("file"), preloaded),
    which: (_self, module: unknown) =>
      find(node, textOfAtom(module, "code:which/1")) === undefined ? atom("non_existing") : preloaded,
  }
}
