/**
 * From the specs of a BEAM module, as its compiler keeps them, to a TypeScript interface.
 *
 * ```ts
 * interfaceOf("lists", specs, types)   // export interface Lists { lists: { reverse(list1: readonly unknown[]): readonly unknown[], … } }
 * ```
 *
 * The forms are those of Erlang's abstract format (`{type, Anno, list, [T]}` and so on). What has no TypeScript of its own is `unknown`: the interface says less
 * than the spec, and nothing wrong. Pure: where the specs come from is somebody else's.
 */
import { isAtom, isTuple, type Tuple } from "umbel"

/** `{Name, Arity}` and its specs, one for each clause. */
export interface Spec {
  readonly name: string
  readonly arity: number
  readonly clauses: readonly unknown[]
}
/** `-type name(Vars) :: Form.` */
export interface TypeDefinition {
  readonly name: string
  readonly form: unknown
  readonly vars: readonly unknown[]
}

type Scope = ReadonlyMap<string, unknown>

/** How far the types of the module are written out within one another; beyond it stands `unknown`. */
const DEPTH_MAX = 6

/** What is known of types of other modules. */
const REMOTE: Readonly<Record<string, string>> = {
  "Elixir.String.t": "string",
  "Elixir.String.codepoint": "string",
  "Elixir.String.grapheme": "string",
  "Elixir.Date.t": "unknown",
  "Elixir.DateTime.t": "Date",
  "Elixir.MapSet.t": "ReadonlySet<unknown>",
  "Elixir.Keyword.t": "readonly Tuple[]",
  "Elixir.GenServer.server": "unknown",
}

const PLAIN: Readonly<Record<string, string>> = {
  any: "unknown",
  term: "unknown",
  dynamic: "unknown",
  none: "never",
  no_return: "never",
  boolean: "boolean",
  byte: "number",
  char: "number",
  arity: "number",
  float: "number",
  integer: "number | bigint",
  pos_integer: "number | bigint",
  neg_integer: "number | bigint",
  non_neg_integer: "number | bigint",
  number: "number | bigint",
  timeout: 'number | bigint | Atom<"infinity">',
  atom: "AtomValue",
  module: "AtomValue",
  node: "AtomValue",
  pid: "Pid",
  port: "Port",
  reference: "Ref",
  identifier: "Pid | Port | Ref",
  string: "readonly number[]",
  nonempty_string: "readonly number[]",
  nil: "readonly never[]",
  mfa: "Tuple<readonly [AtomValue, AtomValue, number]>",
  function: "Fun | Export",
  fun: "Fun | Export",
  iolist: "unknown",
  iodata: "unknown",
}
const VALUES: Readonly<Record<string, string>> = { true: "true", false: "false", nil: "null", undefined: "undefined" }

/** The whole file. `from` is where it came from, for people. */
export function fileOf(module: string, specs: readonly Spec[], types: readonly TypeDefinition[], from: string): string {
  const text = interfaceOf(module, specs, types)
  const used = ["Atom", "Export", "Fun", "Pid", "Port", "Ref", "Tuple"].filter((word) =>
    new RegExp(`\\b${word}\\b`).test(text),
  )
  const own = text.includes("AtomValue")
  if (own && !used.includes("Atom")) used.unshift("Atom")
  return [
    `/** The functions of ${module}, as \`umbel gen beam-types\` read them ${from}. Made again, not edited. */`,
    ...(used.length > 0 ? [`import type { ${used.join(", ")} } from "umbel"`] : []),
    "",
    ...(own
      ? [
          "/** Any atom: four of them are JavaScript values. */",
          "type AtomValue = Atom | boolean | null | undefined",
          "",
        ]
      : []),
    text,
    "",
  ].join("\n")
}

export function interfaceOf(module: string, specs: readonly Spec[], types: readonly TypeDefinition[]): string {
  const writer = new TypeWriter(types)
  const names = [...new Set(specs.map(({ name }) => name))].sort()
  const methods = names.map((name) => {
    const sorted = specs.filter((spec) => spec.name === name).toSorted((a, b) => a.arity - b.arity)
    return `    ${property(name)}${writer.method(sorted.flatMap(({ clauses }) => clauses))}`
  })
  return [`export interface ${nameOf(module)} {`, `  ${property(module)}: {`, ...methods, "  }", "}"].join("\n")
}

/** What the interface itself speaks of. */
const TAKEN = /^(?:Atom|AtomValue|Date|Export|Fun|Pid|Port|ReadonlyMap|ReadonlySet|Ref|Tuple|Uint8Array)$/

/** `Elixir.Shop.Cart` is ShopCart, `gen_server` is GenServer. */
export const nameOf = (module: string): string =>
  module
    .replace(/^Elixir\./, "")
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== "")
    .map((part) => part[0]!.toUpperCase() + part.slice(1))
    .join("")
    .replace(/^(?=[0-9])/, "Module")
    .replace(TAKEN, "$&Module")

const property = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))

const text = (value: unknown): string => {
  if (isAtom(value)) return value.text
  return value === null ? "nil" : String(value)
}
const parts = (value: unknown): readonly unknown[] => (isTuple(value) ? (value as Tuple).elements : [])
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

class TypeWriter {
  readonly #types: ReadonlyMap<string, TypeDefinition>

  constructor(types: readonly TypeDefinition[]) {
    this.#types = new Map(types.map((type) => [`${type.name}/${type.vars.length}`, type]))
  }

  /**
   * `(list: readonly unknown[]): number` of a clause. Several are one method whose arguments are one of several lists, and not overloads: of those
   * `rpc`, which makes another function of each, would see the last only.
   */
  method(clauses: readonly unknown[]): string {
    const all = clauses.map((clause) => this.#clause(clause))
    const results = new Set(all.flatMap(({ result }) => membersOf(result)))
    const result = results.has("unknown") ? "unknown" : [...results].join(" | ")
    const lists = [...new Set(all.map(({ args }) => args))]
    return lists.length === 1
      ? `(${lists[0]}): ${result}`
      : `(...args: ${lists.map((args) => `[${args}]`).join(" | ")}): ${result}`
  }

  /** `{type, _, 'fun', [{type, _, product, Args}, Result]}`, or that with the bounds of its variables. */
  #clause(clause: unknown): { readonly args: string; readonly result: string } {
    const [, , kind, inner] = parts(clause)
    const [fun, constraints] = text(kind) === "bounded_fun" ? list(inner) : [clause, []]
    const scope = bounds(list(constraints))
    const [product, result] = list(parts(fun)[3])
    const taken = new Set<string>()
    const args = list(parts(product)[3]).map((arg, i) => `${argumentName(arg, i, taken)}: ${this.type(arg, scope, 0)}`)
    return { args: args.join(", "), result: this.type(result, scope, 0) }
  }

  type(form: unknown, scope: Scope, depth: number): string {
    if (depth > DEPTH_MAX * 4) return "unknown"
    const [kind, , what, rest] = parts(form)
    switch (text(kind)) {
      case "atom":
        return Object.hasOwn(VALUES, text(what)) ? VALUES[text(what)]! : `Atom<${JSON.stringify(text(what))}>`
      case "integer":
      case "char":
        return typeof what === "number" ? String(what) : "bigint"
      case "op":
        return "number"
      case "ann_type":
        return this.type(list(what)[1], scope, depth)
      case "paren_type":
        return this.type(list(what)[0], scope, depth)
      case "var": {
        const bound = scope.get(text(what))
        // A variable that is bound to a type with itself in it says no more than that there is something.
        return bound === undefined ? "unknown" : this.type(bound, without(scope, text(what)), depth + 1)
      }
      case "remote_type":
        return this.#remote(list(what), scope, depth)
      case "user_type":
        return this.#own(text(what), list(rest), scope, depth)
      case "type":
        return this.#builtin(text(what), rest, scope, depth)
      default:
        return "unknown"
    }
  }

  #builtin(name: string, rest: unknown, scope: Scope, depth: number): string {
    const inner = (form: unknown): string => this.type(form, scope, depth + 1)
    switch (name) {
      case "union": {
        const members = new Set(list(rest).flatMap((form) => membersOf(inner(form))))
        return members.has("unknown") ? "unknown" : [...members].join(" | ")
      }
      case "list":
      case "nonempty_list":
        return `readonly ${bracketed(list(rest).length === 0 ? "unknown" : inner(list(rest)[0]))}[]`
      case "maybe_improper_list":
      case "nonempty_improper_list":
      case "nonempty_maybe_improper_list":
        return "unknown"
      case "binary":
      case "nonempty_binary":
      case "bitstring":
      case "nonempty_bitstring":
        return name.endsWith("binary") ? "string | Uint8Array" : "unknown"
      case "range":
        return "number"
      case "tuple":
        return Array.isArray(rest) ? `Tuple<readonly [${rest.map(inner).join(", ")}]>` : "Tuple"
      case "map":
        return this.#map(rest, scope, depth)
      case "record":
        return "Tuple"
      default:
        return Object.hasOwn(PLAIN, name) ? PLAIN[name]! : "unknown"
    }
  }

  /** A map all of whose keys are atoms is an object here, any other is a Map. */
  #map(fields: unknown, scope: Scope, depth: number): string {
    if (!Array.isArray(fields)) return "object"
    const entries = fields.map((field) => {
      const [, , kind, pair] = parts(field)
      const [key, value] = list(pair)
      return { optional: text(kind) === "map_field_assoc", key, value: this.type(value, scope, depth + 1) }
    })
    const isKey = (key: unknown): boolean => text(parts(key)[0]) === "atom"
    if (entries.every(({ key }) => isKey(key))) {
      const shown = entries.map(
        ({ key, optional, value }) => `${property(text(parts(key)[2]))}${optional ? "?" : ""}: ${value}`,
      )
      return shown.length === 0 ? "object" : `{ ${shown.join("; ")} }`
    }
    if (entries.some(({ key }) => isKey(key)) || entries.length > 1) return "object"
    const [only] = entries
    const key = this.type(only!.key, scope, depth + 1)
    // Which of the two it is depends on the keys that are there.
    return key === "unknown" || key.includes("Atom") ? "object" : `ReadonlyMap<${key}, ${only!.value}>`
  }

  #own(name: string, args: readonly unknown[], scope: Scope, depth: number): string {
    const type = this.#types.get(`${name}/${args.length}`)
    if (type === undefined || depth > DEPTH_MAX) return "unknown"
    const inside = new Map<string, unknown>()
    type.vars.forEach((variable, i) => {
      inside.set(text(parts(variable)[2]), substituted(args[i], scope))
    })
    return this.type(type.form, inside, depth + 1)
  }

  #remote([module, name, args]: readonly unknown[], scope: Scope, depth: number): string {
    const key = `${text(parts(module)[2])}.${text(parts(name)[2])}`
    if (key === "Elixir.Keyword.t" && list(args).length === 1) {
      return `readonly Tuple<readonly [AtomValue, ${this.type(list(args)[0], scope, depth + 1)}]>[]`
    }
    return Object.hasOwn(REMOTE, key) ? REMOTE[key]! : "unknown"
  }
}

/** `{type, _, constraint, [{atom, _, is_subtype}, [Var, Type]]}`, by the variable. */
function bounds(constraints: readonly unknown[]): Scope {
  return new Map(
    constraints.map((constraint) => {
      const [variable, type] = list(list(parts(constraint)[3])[1])
      return [text(parts(variable)[2]), type] as const
    }),
  )
}

function without(scope: Scope, name: string): Scope {
  const rest = new Map(scope)
  rest.delete(name)
  return rest
}

/** A variable that stands alone as an argument, as what it is bound to outside; a larger form keeps its variables, which are then unknown. */
const substituted = (form: unknown, scope: Scope): unknown =>
  text(parts(form)[0]) === "var" ? (scope.get(text(parts(form)[2])) ?? anything) : form
const anything = undefined

/** The members of a union as it is written; those of unions inside its members are not split. */
function membersOf(type: string): string[] {
  const found: string[] = []
  let depth = 0
  let start = 0
  for (const { 0: token, index } of type.matchAll(/"(?:[^"\\]|\\.)*"|[<[({]|[>\])}]| \| /g)) {
    if ("<[({".includes(token)) depth++
    else if (">])}".includes(token)) depth--
    else if (token === " | " && depth === 0) {
      found.push(type.slice(start, index))
      start = index + token.length
    }
  }
  return [...found, type.slice(start)]
}

const bracketed = (type: string): string =>
  membersOf(type).length > 1 || type.startsWith("readonly ") ? `(${type})` : type

const WORDS = new Set([
  "default",
  "function",
  "class",
  "new",
  "in",
  "case",
  "this",
  "delete",
  "return",
  "var",
  "with",
  "enum",
])

function argumentName(form: unknown, i: number, taken: Set<string>): string {
  const [kind, , what] = parts(form)
  const variable = text(kind) === "ann_type" ? list(what)[0] : form
  const given = text(parts(variable)[0]) === "var" ? text(parts(variable)[2]) : ""
  const camel = given
    .replace(/^_+/, "")
    .replace(/_+([A-Za-z0-9])/g, (_, c: string) => c.toUpperCase())
    .replace(/\W/g, "")
  let name = camel === "" || !/^[A-Za-z]/.test(camel) ? `arg${i + 1}` : camel[0]!.toLowerCase() + camel.slice(1)
  if (WORDS.has(name) || taken.has(name)) name = `${name}${i + 1}`
  taken.add(name)
  return name
}
