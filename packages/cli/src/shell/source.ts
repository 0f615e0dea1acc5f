/**
 * What is typed, made ready to be evaluated: types taken off, and whatever is declared made a variable of the session, so that the next line knows it.
 *
 * ```ts
 * await prepare('const { a, b: [c] }: T = await f()\na + c')
 * // { kind: "code", names: ["a", "c"], code: ';({ a, b: [c] } = await f());\nreturn (a + c)' }
 * ```
 *
 * It is done where it is typed: a node needs no compiler to have a shell.
 */
import { type TransformFailure, transform } from "esbuild"
import { parseSync } from "rolldown/utils"

export interface Code {
  readonly kind: "code"
  /** The body of an async function; imports in it are calls of `__import`. */
  readonly code: string
  /** The variables that it declares. */
  readonly names: readonly string[]
  /** The one expression that it is, when it is one: for what must not do anything. */
  readonly expression?: Expression | undefined
}
export interface Expression {
  readonly text: string
  /** `tree("index")` calls `tree`, with one argument. */
  readonly call?: { readonly name: string; readonly args: readonly string[] } | undefined
}
/** `more`: it is not finished yet. */
export type Prepared =
  | Code
  | { readonly kind: "more" }
  | { readonly kind: "wrong"; readonly problem: string; readonly column: number; readonly line: number }

interface Syntax {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** What esbuild says of a text that could go on. */
const UNFINISHED = /end of file|Unterminated template|terminate multi-line comment/

export async function prepare(typed: string): Promise<Prepared> {
  // An object, as everybody means who types one: not a block.
  if (/^\s*\{[\s\S]*\}\s*$/.test(typed)) {
    const object = await prepared(`(${typed.trim()})`)
    if (object.kind === "code") return object
  }
  return prepared(typed)
}

async function prepared(typed: string): Promise<Prepared> {
  let text: string
  try {
    const { code } = await transform(typed, {
      loader: "ts",
      format: "esm",
      target: "esnext",
      // An import that nothing uses yet is used by the next line.
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    })
    text = code
  } catch (failure) {
    const [error] = (failure as TransformFailure).errors ?? []
    if (error === undefined) throw failure
    if (UNFINISHED.test(error.text) || (/Unterminated string/.test(error.text) && openTemplate(typed)))
      return { kind: "more" }
    return {
      kind: "wrong",
      problem: error.text,
      line: error.location?.line ?? 1,
      column: (error.location?.column ?? 0) + 1,
    }
  }
  const { program, errors } = parseSync("shell.mjs", text)
  if (errors.length > 0) return { kind: "wrong", problem: errors[0]!.message, line: 1, column: 1 }
  return rewritten(text, program as unknown as Syntax)
}

/** A template may go on in the next line; a string may not. */
const openTemplate = (typed: string): boolean => (typed.replace(/\\./gs, "").match(/`/g)?.length ?? 0) % 2 === 1

function rewritten(text: string, program: Syntax): Prepared {
  const names = new Set<string>()
  const hoisted: string[] = []
  const parts: string[] = []
  const body = program["body"] as Syntax[]
  const source = (node: Syntax): string => withImports(text, node)
  let expression: Expression | undefined
  for (const [i, statement] of body.entries()) {
    const last = i === body.length - 1
    switch (statement.type) {
      case "VariableDeclaration":
        for (const { id, init } of statement["declarations"] as { id: Syntax; init: Syntax | null }[]) {
          namesIn(id, names)
          parts.push(`(${text.slice(id.start, id.end)} = ${init === null ? "undefined" : source(init)});`)
        }
        break
      case "FunctionDeclaration":
      case "ClassDeclaration": {
        const { name } = statement["id"] as unknown as { name: string }
        names.add(name)
        // Functions may be called above where they stand.
        const into = statement.type === "FunctionDeclaration" ? hoisted : parts
        into.push(`${name} = ${source(statement)};`)
        break
      }
      case "ImportDeclaration":
        parts.push(imported(statement, names))
        break
      case "ExportNamedDeclaration":
      case "ExportDefaultDeclaration":
      case "ExportAllDeclaration":
        return { kind: "wrong", problem: "nothing can be exported from a shell", line: 1, column: 1 }
      case "ExpressionStatement": {
        const inner = statement["expression"] as Syntax
        assigned(inner, names)
        const code = source(inner)
        parts.push(last ? `return (${code});` : `(${code});`)
        if (body.length === 1) expression = { text: code, call: callOf(inner, source) }
        break
      }
      default:
        parts.push(source(statement))
    }
  }
  return { kind: "code", code: [...hoisted, ...parts].join("\n"), names: [...names], expression }
}

/** The text of a node, with `import(…)` as a call: an evaluated text has no loader. */
function withImports(text: string, node: Syntax): string {
  const places = [...nodes(node)].filter(({ type }) => type === "ImportExpression").map(({ start }) => start)
  let made = text.slice(node.start, node.end)
  for (const at of places.sort((a, b) => b - a)) {
    made = `${made.slice(0, at - node.start)}__import${made.slice(at - node.start + "import".length)}`
  }
  return made
}

function* nodes(from: Syntax): Generator<Syntax> {
  yield from
  for (const value of Object.values(from)) {
    for (const item of Array.isArray(value) ? value : [value]) if (isSyntax(item)) yield* nodes(item)
  }
}
const isSyntax = (value: unknown): value is Syntax =>
  typeof value === "object" && value !== null && typeof (value as Syntax).type === "string"

/** The names that a pattern binds. */
function namesIn(pattern: Syntax, names: Set<string>): void {
  switch (pattern.type) {
    case "Identifier":
      names.add(pattern["name"] as string)
      break
    case "ObjectPattern":
      for (const property of pattern["properties"] as Syntax[]) {
        namesIn((property.type === "RestElement" ? property["argument"] : property["value"]) as Syntax, names)
      }
      break
    case "ArrayPattern":
      for (const element of pattern["elements"] as (Syntax | null)[]) if (element !== null) namesIn(element, names)
      break
    case "AssignmentPattern":
      namesIn(pattern["left"] as Syntax, names)
      break
    case "RestElement":
      namesIn(pattern["argument"] as Syntax, names)
  }
}

/** `x = 5` where nobody declared x makes a variable of the session, not of the whole node. */
function assigned(expression: Syntax, names: Set<string>): void {
  if (expression.type === "AssignmentExpression" && expression["operator"] === "=") {
    namesIn(expression["left"] as Syntax, names)
  }
}

function imported(statement: Syntax, names: Set<string>): string {
  const from = JSON.stringify((statement["source"] as unknown as { value: string }).value)
  const specifiers = statement["specifiers"] as Syntax[]
  if (specifiers.length === 0) return `await __import(${from});`
  const bindings: string[] = []
  let namespace: string | undefined
  for (const specifier of specifiers) {
    const { name } = specifier["local"] as unknown as { name: string }
    names.add(name)
    if (specifier.type === "ImportNamespaceSpecifier") namespace = name
    else if (specifier.type === "ImportDefaultSpecifier") bindings.push(`default: ${name}`)
    else {
      const original = specifier["imported"] as unknown as { name?: string; value?: string }
      bindings.push(`${JSON.stringify(original.name ?? original.value)}: ${name}`)
    }
  }
  return [
    ...(namespace === undefined ? [] : [`(${namespace} = await __import(${from}));`]),
    ...(bindings.length === 0 ? [] : [`({ ${bindings.join(", ")} } = await __import(${from}));`]),
  ].join(" ")
}

function callOf(expression: Syntax, source: (node: Syntax) => string): Expression["call"] {
  if (expression.type !== "CallExpression") return undefined
  const callee = expression["callee"] as Syntax
  const args = expression["arguments"] as Syntax[]
  if (callee.type !== "Identifier" || args.some(({ type }) => type === "SpreadElement")) return undefined
  return { name: callee["name"] as string, args: args.map(source) }
}
