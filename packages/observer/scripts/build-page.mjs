/**
 * Builds the page unless it is built from these very sources: a hash of all that goes in stands beside what came out.
 *
 *     node packages/observer/scripts/build-page.mjs        // a few milliseconds when there is nothing to do
 *     import { buildPage } from "…/build-page.mjs"; await buildPage()
 */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const PACKAGE = dirname(dirname(fileURLToPath(import.meta.url)))
const STAMP = join(PACKAGE, "dist", ".page-stamp")
const LOCK = join(PACKAGE, "dist", ".page-lock")
const BUILT = join(PACKAGE, "dist", "page", "index.html")

/** Resolves to whether there was anything to do. */
export async function buildPage() {
  const hash = hashOfSources()
  const isBuilt = () => existsSync(BUILT) && existsSync(STAMP) && readFileSync(STAMP, "utf8") === hash
  if (isBuilt()) return false
  mkdirSync(dirname(STAMP), { recursive: true })
  // Tests run beside one another: one of them builds, the others wait for it.
  const unlock = await locked()
  try {
    if (isBuilt()) return false
    const { build } = await import("vite")
    const { NODE_ENV } = process.env
    await build({ root: join(PACKAGE, "page"), configFile: join(PACKAGE, "vite.config.ts") })
    // Vite says "production" to the whole process, in which an observer is off.
    if (NODE_ENV === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = NODE_ENV
    writeFileSync(STAMP, hash)
    return true
  } finally {
    unlock()
  }
}

/** Older than this a lock was left behind. */
const LOCKED_MS = 120_000

/** Resolves when nobody else builds, to what lets the next one. */
async function locked() {
  for (;;) {
    try {
      mkdirSync(LOCK)
      return () => rmSync(LOCK, { recursive: true, force: true })
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error
      const since = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
      if (Date.now() - since > LOCKED_MS) rmSync(LOCK, { recursive: true, force: true })
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function hashOfSources() {
  const hash = createHash("sha256")
  const page = readdirSync(join(PACKAGE, "page"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  for (const file of [
    ...page,
    ...["protocol.ts", "delta.ts", "codec.ts"].map((file) => join(PACKAGE, "src", file)),
    join(PACKAGE, "vite.config.ts"),
    fileURLToPath(import.meta.url),
  ].sort()) {
    hash.update(file.slice(PACKAGE.length)).update("\0").update(readFileSync(file)).update("\0")
  }
  const { resolve } = createRequire(import.meta.url)
  for (const name of ["vite/package.json", "preact/package.json", "d3-hierarchy", "uplot", "msgpackr"]) {
    // The version is part of what comes out; where it is installed is not.
    const entry = name.endsWith(".json") ? resolve(name) : manifestOf(resolve(name))
    hash.update(JSON.parse(readFileSync(entry, "utf8")).version)
  }
  return hash.digest("hex")
}

/** @param {string} file a file of an installed package */
function manifestOf(file) {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json")
    if (existsSync(manifest)) return manifest
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const started = performance.now()
  if (await buildPage())
    console.log(`the observer's page was built in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
