/**
 * Builds the page unless it is built from these very sources: a hash of all that goes in stands beside what came out.
 *
 *     node packages/observer/scripts/build-page.mjs        // a few milliseconds when there is nothing to do
 *     import { buildPage } from "…/build-page.mjs"; await buildPage()
 */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const PACKAGE = dirname(dirname(fileURLToPath(import.meta.url)))
const STAMP = join(PACKAGE, "dist", ".page-stamp")
const BUILT = join(PACKAGE, "dist", "page", "index.html")

/** Resolves to whether there was anything to do. */
export async function buildPage() {
  const hash = hashOfSources()
  if (existsSync(BUILT) && existsSync(STAMP) && readFileSync(STAMP, "utf8") === hash) return false
  const { build } = await import("vite")
  await build({ root: join(PACKAGE, "page"), configFile: join(PACKAGE, "vite.config.ts") })
  mkdirSync(dirname(STAMP), { recursive: true })
  writeFileSync(STAMP, hash)
  return true
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
