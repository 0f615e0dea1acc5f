/**
 * Who calls whose GenServer: edges that no import shows, as a message needs a name only.
 *
 * ```ts
 * messagesOf(graph)   // [{ from: "apps/web/src/search.ts", to: "apps/index/src/part.ts", name: "INDEX", verb: "call" }]
 * ```
 *
 * Read off the syntax: `….call(NAME)`, `….cast(NAME.at(node))`, `….call(locate(self, NAME, …))`, where NAME is a constant `name<typeof server>(…)` of the
 * workspace. What is called by a pid or by a name that is computed is not seen.
 */
import { parseSync } from "rolldown/utils"
import { type Graph, isTest, type SourceFile } from "./graph.ts"

export interface MessageEdge {
  readonly from: string
  /** The file that defines the server; that of the name where this is not known. */
  readonly to: string
  readonly name: string
  readonly verb: "call" | "cast"
}

interface Syntax {
  readonly type: string
  readonly [key: string]: unknown
}

export function messagesOf(graph: Graph): readonly MessageEdge[] {
  const edges = new Map<string, MessageEdge>()
  for (const file of graph.files.values()) {
    if (isTest(file.path)) continue
    for (const { verb, name } of asked(file)) {
      const named = declarationOf(graph, file, name, new Set())
      if (named === undefined) continue
      const to = serverOf(graph, named.file, named.name)
      edges.set(`${file.path} ${to} ${name} ${verb}`, { from: file.path, to, name, verb })
    }
  }
  return [...edges.values()].filter(({ from, to }) => from !== to)
}

function* walk(from: unknown): Generator<Syntax> {
  if (typeof from !== "object" || from === null) return
  if (typeof (from as Syntax).type === "string") yield from as Syntax
  for (const value of Object.values(from)) {
    if (Array.isArray(value)) for (const item of value) yield* walk(item)
    else yield* walk(value)
  }
}

/** Names in the place of whom is called. */
function asked({ path, text }: SourceFile): readonly { readonly verb: "call" | "cast"; readonly name: string }[] {
  if (!/\.(call|cast)\(/.test(text)) return []
  return [...walk(parseSync(path, text).program)].flatMap((node) => {
    const callee = node["callee"] as Syntax | undefined
    const verb = (callee?.["property"] as { name?: string } | undefined)?.name
    if (node.type !== "CallExpression" || callee?.type !== "MemberExpression" || (verb !== "call" && verb !== "cast"))
      return []
    const [target] = node["arguments"] as readonly Syntax[]
    const name = target === undefined ? undefined : nameIn(target)
    return name === undefined ? [] : [{ verb, name }]
  })
}

/** `NAME`, `NAME.at(node)` and `locate(self, NAME, application)`. */
function nameIn(node: Syntax): string | undefined {
  if (node.type === "Identifier") return node["name"] as string
  if (node.type !== "CallExpression") return undefined
  const callee = node["callee"] as Syntax
  if (callee.type === "MemberExpression" && (callee["property"] as { name?: string }).name === "at")
    return nameIn(callee["object"] as Syntax)
  const [, second] = node["arguments"] as readonly Syntax[]
  return callee.type === "Identifier" && callee["name"] === "locate" && second !== undefined
    ? nameIn(second)
    : undefined
}

/** Where a name that a file uses is declared, through imports and re-exports. */
function declarationOf(
  graph: Graph,
  file: SourceFile,
  name: string,
  seen: Set<string>,
): { readonly file: SourceFile; readonly name: string } | undefined {
  if (seen.has(file.path)) return undefined
  seen.add(file.path)
  if (new RegExp(`\\bconst ${name}\\b[^=]*= *name\\b`).test(file.text)) return { file, name }
  const { module } = parseSync(file.path, file.text)
  const next = (specifier: string, as: string): ReturnType<typeof declarationOf> => {
    const to = file.edges.find((edge) => edge.specifier === specifier)?.to
    const found = to === undefined ? undefined : graph.files.get(to)
    return found === undefined ? undefined : declarationOf(graph, found, as, seen)
  }
  for (const { moduleRequest, entries } of module.staticImports) {
    const entry = entries.find((one) => one.localName.value === name)
    if (entry !== undefined) return next(moduleRequest.value, entry.importName.name ?? name)
  }
  for (const { entries } of module.staticExports) {
    const entry = entries.find((one) => one.exportName.name === name && one.moduleRequest)
    if (entry?.moduleRequest) return next(entry.moduleRequest.value, entry.importName.name ?? name)
  }
  return undefined
}

/** The file of the definition that a name is typed by. */
function serverOf(graph: Graph, file: SourceFile, name: string): string {
  const definition = new RegExp(`\\bconst ${name}\\b[^=]*= *name<typeof (\\w+)>`).exec(file.text)?.[1]
  if (definition === undefined) return file.path
  const { module } = parseSync(file.path, file.text)
  const from = module.staticImports.find(({ entries }) => entries.some((one) => one.localName.value === definition))
  const to = file.edges.find((edge) => edge.specifier === from?.moduleRequest.value)?.to
  return to !== undefined && graph.files.has(to) ? to : file.path
}
