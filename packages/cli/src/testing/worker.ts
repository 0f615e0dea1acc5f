/**
 * What a worker process of the tests runs (see `ready-worker.ts`): vitest's own worker, and beside it the library that the tests will ask for.
 *
 *     node … worker.js file:///…/vitest/dist/workers/forks.js /…/package.json umbel umbel/testing
 */
import * as nodeModule from "node:module"
import { pathToFileURL } from "node:url"

const [vitest = "", manifest = "", ...library] = process.argv.splice(2)
// Node.js 22 and newer keep what they compiled for the next start; the types are those of 20.
;(nodeModule as { enableCompileCache?: () => void }).enableCompileCache?.()
const project = nodeModule.createRequire(manifest)
const load = async (specifier: string): Promise<unknown> => import(pathToFileURL(project.resolve(specifier)).href)
// What cannot be loaded is the matter of the test that imports it, which does so again and says where.
await Promise.all([import(vitest), ...library.map((specifier) => load(specifier).catch(() => {}))])
