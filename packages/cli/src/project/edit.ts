/**
 * Edits of files that a person may have changed meanwhile: made only where the place is beyond doubt, by the syntax tree and not by patterns in the text.
 * `undefined` is "I dare not", and whoever asked says what to add by hand.
 */
import { parseSync } from "rolldown/utils"

/** The parts of a syntax tree (ESTree) that are looked at here. */
interface Syntax {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

function parsed(text: string): Syntax | undefined {
  const { program, errors } = parseSync("file.ts", text)
  return errors.length > 0 ? undefined : (program as unknown as Syntax)
}
const isSyntax = (value: unknown): value is Syntax =>
  typeof value === "object" && value !== null && typeof (value as Syntax).type === "string"

function* nodes(from: Syntax): Generator<Syntax> {
  yield from
  for (const value of Object.values(from)) {
    for (const item of Array.isArray(value) ? value : [value]) if (isSyntax(item)) yield* nodes(item)
  }
}

const keyOf = (property: Syntax): string | undefined => {
  const key = property["key"] as { name?: string; value?: unknown } | undefined
  return property.type === "Property"
    ? (key?.name ?? (key?.value === undefined ? undefined : String(key.value)))
    : undefined
}
/** The value of `key` in an object literal. */
function member(object: Syntax | undefined, key: string): Syntax | undefined {
  if (object?.type !== "ObjectExpression") return undefined
  const found = (object["properties"] as Syntax[]).filter((property) => keyOf(property) === key)
  return found.length === 1 ? (found[0]!["value"] as Syntax) : undefined
}

/** The object literal given to `defineUmbrella`. */
function umbrellaOf(text: string): Syntax | undefined {
  const tree = parsed(text)
  if (tree === undefined) return undefined
  const calls = [...nodes(tree)].filter(
    (node) => node.type === "CallExpression" && (node["callee"] as { name?: string }).name === "defineUmbrella",
  )
  return calls.length === 1 ? (calls[0]!["arguments"] as Syntax[])[0] : undefined
}

/** Puts `key: value` behind the last member of that object literal: on a line of its own, unless the literal is on one. */
function withMember(text: string, object: Syntax, key: string, value: string): string {
  const last = (object["properties"] as Syntax[]).at(-1)
  const indent = /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", object.start) + 1))![0]
  if (last === undefined) {
    return `${text.slice(0, object.start + 1)}\n${indent}  ${key}: ${value},\n${indent}${text.slice(object.end - 1)}`
  }
  const [before, rest] = [text.slice(0, last.end), text.slice(last.end)]
  if (!text.slice(object.start, object.end).includes("\n")) return `${before}, ${key}: ${value}${rest}`
  // A comma that stood behind the last member stands behind the new one then.
  const comma = rest.trimStart().startsWith(",") ? "" : ","
  return `${before},\n${indent}  ${key}: ${value}${comma}${rest}`
}

/** Adds an application to a release of `umbel.config.ts`. */
export function addToRelease(text: string, release: string, application: string): string | undefined {
  const applications = member(member(member(umbrellaOf(text), "releases"), release), "applications")
  if (applications?.type !== "ObjectExpression") return undefined
  const properties = applications["properties"] as Syntax[]
  if (properties.some((property) => keyOf(property) === application)) return text
  return checked(withMember(text, applications, application, '"permanent"'))
}

/** Adds a release; undefined also when there is one of that name. */
export function addRelease(text: string, release: string, applications: readonly string[]): string | undefined {
  const releases = member(umbrellaOf(text), "releases")
  if (releases?.type !== "ObjectExpression" || member(releases, release) !== undefined) return undefined
  const inner = applications.map((name) => `${name}: "permanent"`).join(", ")
  return checked(withMember(text, releases, release, `{ applications: { ${inner} } }`))
}

/** Adds an import and a child to the one list of children of a supervisor's file; `first` puts it before the others. */
export function addChild(text: string, line: string, child: string, first: boolean): string | undefined {
  const tree = parsed(text)
  if (tree === undefined || !/import \{[^}]*\bchild\b[^}]*\} from "umbel"/.test(text)) return undefined
  const lists = [...nodes(tree)].filter((node) => keyOf(node) === "children")
  const list = lists[0]?.["value"] as Syntax | undefined
  if (lists.length !== 1 || list?.type !== "ArrayExpression") return undefined
  const elements = (list["elements"] as (Syntax | null)[]).filter((element) => element !== null)
  const at = first ? list.start + 1 : (elements.at(-1)?.end ?? list.start + 1)
  const addition = elements.length === 0 ? child : first ? `${child}, ` : `, ${child}`
  const imports = (tree["body"] as Syntax[]).filter((node) => node.type === "ImportDeclaration")
  const importAt = imports.at(-1)!.end
  return checked(`${text.slice(0, importAt)}\n${line}${text.slice(importAt, at)}${addition}${text.slice(at)}`)
}

/** What an edit made is TypeScript still. */
const checked = (text: string): string | undefined => (parsed(text) === undefined ? undefined : text)

/** Adds references to a tsconfig.json without comments. */
export function addReferences(text: string, paths: readonly string[]): object | undefined {
  try {
    const config = JSON.parse(text) as { references?: { path: string }[] }
    const references = config.references ?? []
    const missing = paths.filter((path) => !references.some((reference) => reference.path === path))
    return { ...config, references: [...references, ...missing.map((path) => ({ path }))] }
  } catch {
    return undefined
  }
}
