/**
 * Where a new project's dependencies come from: the registry, or, when the command runs from a source checkout, that checkout. Then everything can be
 * tried before anything is published, and `npm install` needs no network.
 */
import { existsSync, readFileSync, realpathSync } from "node:fs"
import { dirname, join, sep } from "node:path"
import { fileURLToPath } from "node:url"

/** Names of packages to what package.json says of them. */
export type Dependencies = Readonly<Record<string, string>>

/** The folder of the checkout, or undefined for an installed command. */
export function checkoutOf(file: string): string | undefined {
  const here = realpathSync(file)
  if (here.split(sep).includes("node_modules")) return undefined
  for (let folder = dirname(here); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "packages", "umbel", "package.json"))) return folder
  }
  return undefined
}

interface Manifest {
  version: string
  devDependencies?: Record<string, string>
  dependencies?: Record<string, string>
}
const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest

/** What to write for each of these packages. */
export type Source = (names: readonly string[]) => Dependencies

/** Packages of a checkout and the tools it has installed, by path: `file:/…`. */
const fromCheckout =
  (checkout: string): Source =>
  (names) => {
    const ours: Readonly<Record<string, string>> = { umbel: "umbel", "@umbel/cli": "cli", "@umbel/web": "web" }
    return Object.fromEntries(
      names.map((name) => {
        const folder = ours[name] === undefined ? join("node_modules", name) : join("packages", ours[name])
        return [name, `file:${join(checkout, folder)}`]
      }),
    )
  }

/** The versions this command was made with. */
const TOOLS: Dependencies = {
  "@biomejs/biome": "2.6.8",
  "@types/node": "^20.19.0",
  typescript: "7.0.2",
  vitest: "^4.1.12",
}
const fromRegistry =
  (version: string): Source =>
  (names) =>
    Object.fromEntries(names.map((name) => [name, TOOLS[name] ?? `^${version}`]))

/** The source for projects that this very command makes. */
export function dependencySource(): Source {
  const here = fileURLToPath(import.meta.url)
  const checkout = checkoutOf(here)
  return checkout === undefined
    ? fromRegistry(manifestOf(join(dirname(here), "..", "..")).version)
    : fromCheckout(checkout)
}
