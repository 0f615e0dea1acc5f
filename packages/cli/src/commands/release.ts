/**
 * `umbel release NAME`: a folder that runs the release's applications with nothing but Node.js; and, on request, what puts it on machines.
 */
import { existsSync } from "node:fs"
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises"
import { basename, dirname, join, relative, resolve } from "node:path"
import { cookieOf } from "../cookie.ts"
import { type File, paint, say } from "../project/files.ts"
import { readWorkspace, type Workspace } from "../project/workspace.ts"
import { type Assembled, assemble } from "../release/assemble.ts"
import { dockerFiles } from "../release/deploy/docker.ts"
import { kubernetesFiles } from "../release/deploy/kubernetes.ts"
import { systemdFiles } from "../release/deploy/systemd.ts"
import { tarOf } from "../release/tar.ts"
import { type Verified, verify } from "../release/verify.ts"
import { findRoot, list, loadUmbrella, type Umbrella } from "../umbrella.ts"
import { RELEASE_FAILED, UsageError } from "../usage-error.ts"

export interface ReleaseOptions {
  readonly all?: boolean
  readonly path?: string
  readonly version?: string
  readonly observer: boolean
  readonly tar?: boolean
  readonly docker?: boolean
  readonly systemd?: boolean
  readonly kubernetes?: boolean
  readonly verify?: boolean
  readonly json?: boolean
}

export async function release(name: string | undefined, options: ReleaseOptions): Promise<void> {
  const root = findRoot(process.cwd())
  const umbrella = await loadUmbrella(root)
  const workspace = await readWorkspace(root)
  const names = wanted(umbrella, name, options)
  const told: object[] = []
  for (const one of names) told.push(await build(workspace, umbrella, one, options))
  if (options.json === true) say(JSON.stringify(told, null, 2))
}

function wanted(umbrella: Umbrella, name: string | undefined, { all, path }: ReleaseOptions): readonly string[] {
  const names = Object.keys(umbrella.releases)
  if (all === true) {
    if (path !== undefined) throw new UsageError("--path is for one release", "leave out --all or --path")
    return names
  }
  if (name !== undefined) return [name]
  if (names.length === 1) return names
  throw new UsageError("which release?", `say its name, or --all; ${list("releases", umbrella.releases)}`)
}

async function build(workspace: Workspace, umbrella: Umbrella, name: string, options: ReleaseOptions): Promise<object> {
  const started = performance.now()
  const version = options.version ?? workspace.manifest.version ?? "0.0.0"
  if (!/^[0-9A-Za-z][0-9A-Za-z.+_-]{0,100}$/.test(version))
    throw new UsageError(`${version} is no version`, "as in 1.2.3")
  const folder = resolve(options.path ?? join(workspace.root, "_build", name))
  const cookie = await cookieOf(workspace.root, process.env)
  const assembled = await assemble({ workspace, umbrella, name, version, folder, cookie, observer: options.observer })
  const took = Math.round(performance.now() - started)
  const tell = options.json === true ? () => {} : say
  describe(name, assembled, took, tell)
  const written = await writeExtras(workspace, umbrella, name, version, options, tell)
  if (options.tar === true) written.push(await writeTar(folder, name, version, tell))
  const verified = options.verify === true ? await verify(folder, name) : undefined
  if (verified !== undefined) tellVerified(name, verified, tell)
  if (options.json !== true) next(name, folder)
  const { bundled, kept, files, changed } = assembled
  const sizes = Object.fromEntries(bundled.sizes)
  return { name, version, folder, ms: took, sizes, kept, files, changed, notes: bundled.notes, written, verified }
}

type Tell = (text?: string) => void

function describe(
  name: string,
  { folder, version, bundled, kept, changed }: Assembled,
  took: number,
  tell: Tell,
): void {
  const { sizes, notes } = bundled
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  const shown = relative(process.cwd(), folder) || "."
  tell(
    `${paint("green", "* built")} ${paint("bold", `${name} ${version}`)} in ${shown} ${paint("dim", `(${kilobytes(total)} of code, ${took} ms)`)}`,
  )
  const rows = [...sizes].sort(([, a], [, b]) => b - a)
  const width = Math.max(...rows.map(([part]) => part.length))
  for (const [part, size] of rows) tell(`    ${part.padEnd(width)}  ${kilobytes(size).padStart(9)}`)
  if (kept.length > 0) {
    tell(
      `${paint("yellow", "* copied as they are")} ${kept.join(", ")}: they have machine code or read their own folder, so this release runs on ${process.platform}-${process.arch} only where they do`,
    )
  }
  for (const note of notes) tell(`${paint("yellow", "* note")} ${note}`)
  if (changed !== undefined) {
    const code = changed.filter((path) => !path.endsWith(".map"))
    tell(
      paint(
        "dim",
        changed.length === 0
          ? "  nothing changed since it was built last"
          : `  changed since it was built last: ${code.slice(0, 5).join(", ")}${code.length > 5 ? `, ${code.length - 5} more` : ""}`,
      ),
    )
  }
}

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`

function tellVerified(name: string, { ok, text, ms }: Verified, tell: Tell): void {
  tell(
    `${ok ? paint("green", "* verified") : paint("red", "* failed")} ${ok ? `it was ready after ${ms} ms, healthy, and stopped in order` : `${name} does not run:`}`,
  )
  if (!ok) process.exitCode = RELEASE_FAILED
  if (text !== "")
    tell(
      text
        .split("\n")
        .map((line) => `    ${line}`)
        .join("\n"),
    )
}

function next(name: string, folder: string): void {
  const bin = join(relative(process.cwd(), folder), "bin", name)
  say(`\n    ${bin} start      ${paint("dim", "in the foreground; daemon, in the background")}`)
  say(`    ${bin} health     ${paint("dim", "rpc, remote, stop, … : help says what there is")}\n`)
}

/** The cookie stays here: who unpacks it brings one. */
async function writeTar(folder: string, name: string, version: string, tell: Tell): Promise<string> {
  const file = join(dirname(folder), `${name}-${version}.tar.gz`)
  const left = (path: string): boolean => path !== "releases/COOKIE" && !/^(log|run)\//.test(path)
  const bytes = await tarOf(folder, basename(folder), left)
  await writeFile(file, bytes)
  tell(
    `${paint("green", "* packed")} ${relative(process.cwd(), file)} ${paint("dim", `(${kilobytes(bytes.length)}, without the cookie: set UMBEL_COOKIE where it runs)`)}`,
  )
  return file
}

async function writeExtras(
  workspace: Workspace,
  umbrella: Umbrella,
  name: string,
  version: string,
  options: ReleaseOptions,
  tell: Tell,
): Promise<string[]> {
  const replicas = Math.max(1, ...Object.values(umbrella.deployments ?? {}).map((counts) => counts[name] ?? 1))
  const files: readonly File[] = [
    ...(options.docker === true ? dockerFiles(name) : []),
    ...(options.systemd === true ? systemdFiles(name) : []),
    ...(options.kubernetes === true ? kubernetesFiles(name, version, replicas) : []),
  ]
  const written: string[] = []
  for (const { path, content } of files) {
    const file = join(workspace.root, path)
    const shown = relative(process.cwd(), file)
    const before = existsSync(file) ? await readFile(file, "utf8") : undefined
    if (before !== undefined && before !== content) {
      // It is the user's from the moment it was written.
      tell(`${paint("yellow", "* left")} ${shown}, which was edited; remove it for a new one`)
      continue
    }
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
    await chmod(file, 0o644)
    if (before === undefined) tell(`${paint("green", "* creating")} ${shown}`)
    written.push(file)
  }
  return written
}
