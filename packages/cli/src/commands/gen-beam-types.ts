/**
 * `umbel gen beam-types NODE MODULE`: a TypeScript interface from the specs of a module that runs on a BEAM node, for `node.rpc<Lists>("b@host").lists.reverse([1])`.
 *
 * On a node with Elixir its `Code.Typespec` is asked; on any other the module's own code, if it was compiled with debug information.
 */
import { writeFile } from "node:fs/promises"
import { atom, isAtom, isTuple, type Node, RpcFailed, type Tuple } from "umbel"
import { say } from "../project/files.ts"
import { withNode } from "../remote/connect.ts"
import { UsageError } from "../usage-error.ts"
import { fileOf, type Spec, type TypeDefinition } from "./gen-beam-types-text.ts"

export interface GenBeamTypesOptions {
  /** The file to write; to the screen unless told. */
  readonly output?: string
}

export async function genBeamTypes(nodeName: string, module: string, options: GenBeamTypesOptions): Promise<void> {
  await withNode({ node: nodeName }, async ({ visitor, name }) => {
    const text = await beamTypes(visitor, name, module)
    if (options.output === undefined) return say(text.trimEnd())
    await writeFile(options.output, text)
    say(`wrote ${options.output}`)
  })
}

/** The file for that module of that node. @throws UsageError when its specs cannot be had */
export async function beamTypes(visitor: Node, name: string, typed: string): Promise<string> {
  // Elixir's modules are written without their prefix.
  const module = /^[A-Z]/.test(typed) ? `Elixir.${typed}` : typed
  const { specs, types } = (await bySpecs(visitor, name, module)) ?? (await byCode(visitor, name, module))
  if (specs.length === 0) throw new UsageError(`${module} has no specs`, "write -spec or @spec for its functions")
  return fileOf(module, specs, types, `on ${name}`)
}

interface Found {
  readonly specs: readonly Spec[]
  readonly types: readonly TypeDefinition[]
}

const elements = (term: unknown): readonly unknown[] => (isTuple(term) ? (term as Tuple).elements : [])
const word = (term: unknown): string => (isAtom(term) ? term.text : term === null ? "nil" : String(term))

/** By Elixir. Undefined where there is none, or where it finds nothing. */
async function bySpecs(visitor: Node, name: string, module: string): Promise<Found | undefined> {
  const typespec = visitor.rpc(name)["Elixir.Code.Typespec"]!
  try {
    const [specs, types] = [await typespec.fetch_specs!(atom(module)), await typespec.fetch_types!(atom(module))]
    const [, all] = elements(specs)
    if (!Array.isArray(all)) return undefined
    const [, known] = elements(types)
    return {
      specs: all.map(specOf),
      types: (Array.isArray(known) ? known : []).map((one) => typeOf(elements(one)[1])),
    }
  } catch (error) {
    if (error instanceof RpcFailed && error.reason === atom("undef")) return undefined
    throw error
  }
}

/** By the code itself: its abstract code is among its debug information. */
async function byCode(visitor: Node, name: string, module: string): Promise<Found> {
  const there = visitor.rpc(name)
  const [, binary] = elements(await there.code!.get_object_code!(atom(module)))
  if (binary === undefined) throw new UsageError(`${name} has no module ${module}`, "see code:all_available() there")
  const [, found] = elements(await there.beam_lib!.chunks!(binary, [atom("abstract_code")]))
  const [, chunks] = elements(found)
  const [, code] = elements(Array.isArray(chunks) ? chunks[0] : undefined)
  const [, forms] = elements(code)
  if (!Array.isArray(forms)) {
    throw new UsageError(`${module} of ${name} was compiled without debug information`, "compile it with +debug_info")
  }
  const attributes = forms.map(elements).filter(([kind]) => word(kind) === "attribute")
  const named = (...names: string[]) =>
    attributes.filter(([, , what]) => names.includes(word(what))).map((all) => all[3])
  return { specs: named("spec").map(specOf), types: named("type", "opaque").map(typeOf) }
}

/** `{{Name, Arity}, Clauses}`. */
function specOf(term: unknown): Spec {
  const [id, clauses] = elements(term)
  const [name, arity] = elements(id).slice(-2)
  return { name: word(name), arity: Number(arity), clauses: Array.isArray(clauses) ? clauses : [] }
}

/** `{Name, Form, Vars}`. */
function typeOf(term: unknown): TypeDefinition {
  const [name, form, vars] = elements(term)
  return { name: word(name), form, vars: Array.isArray(vars) ? vars : [] }
}
