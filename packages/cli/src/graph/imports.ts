/** Which imports a file has, and where: read off its syntax, types apart from values. */
import { parseSync } from "rolldown/utils"

export interface Import {
  readonly specifier: string
  /** Only types come from there: nothing of it remains at run time. */
  readonly typeOnly: boolean
  /** From 1 on. */
  readonly line: number
}

export interface Imports {
  readonly imports: readonly Import[]
  /** What the parser stumbled over, if it did: the imports are then those before that place. */
  readonly problem: string | undefined
}

/** The imports of a source text, dynamic ones of constant strings included. */
export function importsOf(file: string, text: string): Imports {
  const { module, errors } = parseSync(file, text)
  const found: { specifier: string; typeOnly: boolean; at: number }[] = []
  for (const { moduleRequest, entries, start } of module.staticImports) {
    // An import without names is made for its effects, so it counts as one of values.
    const typeOnly = entries.length > 0 && entries.every((entry) => entry.isType)
    found.push({ specifier: moduleRequest.value, typeOnly, at: start })
  }
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, isType, start } of entries) {
      if (moduleRequest) found.push({ specifier: moduleRequest.value, typeOnly: isType, at: start })
    }
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const constant = /^(["'`])([^"'`$]*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end))
    if (constant !== null) found.push({ specifier: constant[2]!, typeOnly: false, at: moduleRequest.start })
  }
  const lineAt = (at: number): number => text.slice(0, at).split("\n").length
  const bySpecifier = new Map<string, Import>()
  for (const { specifier, typeOnly, at } of found.sort((a, b) => a.at - b.at)) {
    const before = bySpecifier.get(specifier)
    if (before === undefined) bySpecifier.set(specifier, { specifier, typeOnly, line: lineAt(at) })
    else if (before.typeOnly && !typeOnly) bySpecifier.set(specifier, { ...before, typeOnly })
  }
  return { imports: [...bySpecifier.values()], problem: errors[0]?.message }
}
