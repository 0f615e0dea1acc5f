/**
 * What a worker process of the tests runs (see `ready-worker.ts`): vitest's own worker, and beside it the library that the tests will ask for.
 *
 *     node … worker.js file:///…/vitest/dist/workers/forks.js [SPECIFIER FILE]…
 */
import { createRequire } from "node:module"
import { pathToFileURL } from "node:url"

const [vitest = "", ...imports] = process.argv.splice(2)
const loading: Promise<unknown>[] = [import(vitest)]
for (let i = 0; i < imports.length; i += 2) {
  const [specifier = "", from = ""] = imports.slice(i, i + 2)
  // What cannot be loaded is the matter of the test that imports it, which does so again and says where.
  loading.push(loadAs(specifier, from).catch(() => {}))
}
await Promise.all(loading)

async function loadAs(specifier: string, from: string): Promise<unknown> {
  return import(pathToFileURL(createRequire(from).resolve(specifier)).href)
}
