/** An import as a file in that folder would do it. */
import { createRequire } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { isOfNode, isRelative } from "../graph/graph.ts"

/** Rejects as `import` does where there is no such module. */
export function importFrom(folder: string, specifier: string): Promise<Readonly<Record<string, unknown>>> {
  if (isOfNode(specifier) || /^[a-z]+:/.test(specifier)) return import(specifier)
  if (isRelative(specifier)) return import(pathToFileURL(join(specifier.startsWith("/") ? "" : folder, specifier)).href)
  return import(pathToFileURL(createRequire(join(folder, "package.json")).resolve(specifier)).href)
}
