/**
 * Puts a release together in `_build/NAME`:
 *
 * ```
 * bin/NAME                  start, stop, … (a shell script)
 * lib/main.mjs, …           the code, with source maps
 * lib/node_modules/         only packages that cannot be bundled
 * assets/                   files that code finds beside itself
 * releases/release.json     what it is made of, with a hash of each file
 * releases/COOKIE           the umbrella's cookie, for its owner only
 * ```
 */
import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { chmod, cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Workspace } from "../project/workspace.ts"
import type { Umbrella } from "../umbrella.ts"
import { list } from "../umbrella.ts"
import { UsageError } from "../usage-error.ts"
import { type Bundled, bundle } from "./bundle.ts"
import { copyKept } from "./kept.ts"
import { script } from "./script.ts"
import { filesIn } from "./tar.ts"

export interface Assembled {
  readonly folder: string
  readonly version: string
  readonly bundled: Bundled
  /** Packages that were copied, as they cannot be bundled. */
  readonly kept: readonly string[]
  readonly files: Readonly<Record<string, string>>
  /** What differs from the release that lay there before; undefined when none did. */
  readonly changed: readonly string[] | undefined
}
export interface AssembleOptions {
  readonly workspace: Workspace
  readonly umbrella: Umbrella
  readonly name: string
  readonly version: string
  readonly folder: string
  readonly cookie: string
  readonly observer: boolean
}

/** What tells a release's folder from any other. */
export const RELEASE_FILE = join("releases", "release.json")

/** Builds beside, then takes the place of what was there: a build that fails leaves it as it was. @throws UsageError */
export async function assemble(options: AssembleOptions): Promise<Assembled> {
  const { workspace, umbrella, name, version, folder } = options
  const release = umbrella.releases[name]
  if (release === undefined) throw new UsageError(`there is no release ${name}`, list("releases", umbrella.releases))
  const names = Object.keys(release.applications)
  const missing = names.find((one) => !workspace.applications.some((application) => application.name === one))
  if (missing !== undefined) {
    throw new UsageError(
      `the release ${name} has an application ${missing} that does not exist`,
      "make it, or take it out of umbel.config.ts",
    )
  }
  if (existsSync(folder) && !existsSync(join(folder, RELEASE_FILE))) {
    throw new UsageError(`${folder} exists, and is no release`, "move it out of the way, or say --path")
  }
  const next = `${folder}.new`
  await rm(next, { recursive: true, force: true })
  await mkdir(join(next, "releases"), { recursive: true })
  await mkdir(join(next, "bin"), { recursive: true })
  try {
    const bundled = await bundle({
      workspace,
      name,
      version,
      release,
      config: frozen(umbrella, names),
      observer: options.observer,
      to: join(next, "lib"),
    })
    for (const [path, from] of bundled.found.assets) await cp(from, join(next, path), { recursive: true })
    const kept = await copyKept(bundled.kept, join(next, "lib", "node_modules"))
    await writeFile(join(next, "package.json"), `${JSON.stringify({ name, version, private: true, type: "module" })}\n`)
    await writeFile(join(next, "bin", name), script(name), { mode: 0o755 })
    await chmod(join(next, "bin", name), 0o755)
    const files = await digests(next)
    const about = { name, version, applications: release.applications, node: ">=20.19", kept, files }
    await writeFile(join(next, RELEASE_FILE), `${JSON.stringify(about, null, 2)}\n`)
    await writeFile(join(next, "releases", "COOKIE"), `${options.cookie}\n`, { mode: 0o600 })
    const changed = await replace(folder, next, files)
    return { folder, version, bundled, kept, files, changed }
  } finally {
    await rm(next, { recursive: true, force: true })
  }
}

/** What a person or a running node put there stays: its cookie, env.sh, logs, the control socket. */
const STAYS: readonly string[] = [join("releases", "COOKIE"), join("releases", "env.sh"), "log", "run"]

async function replace(
  folder: string,
  next: string,
  files: Assembled["files"],
): Promise<readonly string[] | undefined> {
  if (!existsSync(folder)) {
    await rename(next, folder)
    return undefined
  }
  const before = JSON.parse(await readFile(join(folder, RELEASE_FILE), "utf8")) as { files?: Assembled["files"] }
  const had = before.files ?? {}
  const changed = [...new Set([...Object.keys(files), ...Object.keys(had)])].filter((path) => files[path] !== had[path])
  for (const path of STAYS) {
    if (!existsSync(join(folder, path))) continue
    await rm(join(next, path), { recursive: true, force: true })
    await rename(join(folder, path), join(next, path))
  }
  const old = `${folder}.old`
  await rm(old, { recursive: true, force: true })
  await rename(folder, old)
  await rename(next, folder)
  await rm(old, { recursive: true, force: true })
  return changed.sort()
}

async function digests(folder: string): Promise<Record<string, string>> {
  const rows: Record<string, string> = {}
  for (const path of await filesIn(folder)) {
    rows[path] = createHash("sha256")
      .update(await readFile(join(folder, path)))
      .digest("hex")
  }
  return rows
}

/** The configuration of the release's applications, which becomes data here. @throws UsageError for what is none */
function frozen(umbrella: Umbrella, names: readonly string[]): Record<string, object> {
  const mine = names.flatMap((name) =>
    umbrella.config?.[name] === undefined ? [] : [[name, umbrella.config[name]] as const],
  )
  for (const [name, config] of mine) requireData(config, `config.${name}`)
  return Object.fromEntries(mine)
}

function requireData(value: unknown, path: string): void {
  const plain = value === null || ["string", "boolean", "undefined"].includes(typeof value) || Number.isFinite(value)
  if (plain) return
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) requireData(item, `${path}[${i}]`)
    return
  }
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    for (const [key, item] of Object.entries(value as object)) requireData(item, `${path}.${key}`)
    return
  }
  throw new UsageError(
    `${path} in umbel.config.ts is no data (${typeof value}), and a release keeps it as JSON`,
    "move it into runtime.config.ts, which runs at every boot",
  )
}
