/**
 * `umbel new PATH`: an umbrella, an application in one, or an application that stands alone.
 *
 * Within an umbrella the application is put under `apps/`, into the release `all`, and among the projects that are type-checked.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { mkdir, readFile } from "node:fs/promises"
import { basename, dirname, join, relative, resolve } from "node:path"
import { dependencySource } from "../project/checkout.ts"
import { addReferences, addToRelease } from "../project/edit.ts"
import { paint, tidyJson, Writing } from "../project/files.ts"
import { checkApplicationName } from "../project/names.ts"
import { type Manifest, readManifest } from "../project/workspace.ts"
import { applicationFiles } from "../templates/application.ts"
import { umbrellaFiles } from "../templates/umbrella.ts"
import { CONFIG } from "../umbrella.ts"
import { UsageError } from "../usage-error.ts"

export interface NewOptions {
  readonly sup?: boolean
  readonly umbrella?: boolean
  readonly dryRun?: boolean
  readonly git: boolean
  readonly install: boolean
  readonly json?: boolean
}

export async function newProject(path: string, options: NewOptions): Promise<void> {
  const name = basename(resolve(path))
  checkApplicationName(name)
  if (options.sup === true && options.umbrella === true) {
    throw new UsageError("an umbrella has no supervision tree", "leave --sup to the applications in it")
  }
  const around = await umbrellaAround(dirname(resolve(path)))
  if (around !== undefined && options.umbrella !== true) return newInUmbrella(name, path, around, options)
  if (around !== undefined) {
    throw new UsageError(`${around.root} is an umbrella already`, "umbrellas do not nest: go outside of it")
  }
  const folder = resolve(path)
  mustBeEmpty(folder)
  const source = dependencySource()
  const files =
    options.umbrella === true
      ? umbrellaFiles(name, source)
      : applicationFiles({ name, supervised: options.sup === true, packageName: name, umbrella: undefined, source })
  const writing = new Writing(options)
  await writing.create(folder, files)
  if (options.umbrella === true) {
    writing.created(`${join(relative(process.cwd(), folder), "apps")}/`)
    if (!writing.dryRun) await mkdir(join(folder, "apps"))
  }
  if (!writing.dryRun && options.git) initialise(folder, writing)
  const installed = options.install && install(folder, writing)
  const enter = relative(process.cwd(), folder)
  writing.end([
    ...(enter === "" ? [] : [`cd ${enter}`]),
    ...(installed ? [] : ["npm install"]),
    ...(options.umbrella === true
      ? ["cd apps", "npx umbel new my_app --sup"]
      : ["npx umbel test", "npx umbel up mono"]),
  ])
}

interface Around {
  readonly root: string
  readonly manifest: Manifest
}

async function newInUmbrella(name: string, path: string, around: Around, options: NewOptions): Promise<void> {
  const apps = join(around.root, "apps")
  // `umbel new a` at the root means apps/a; anywhere else the folder is taken at its word.
  const folder = resolve(path) === join(around.root, name) ? join(apps, name) : resolve(path)
  if (dirname(folder) !== apps) {
    throw new UsageError(`applications of this umbrella lie in ${apps}, not in ${dirname(folder)}`, `cd ${apps}`)
  }
  mustBeEmpty(folder)
  const umbrella = around.manifest.name ?? basename(around.root)
  const packageName = `@${umbrella}/${name}`
  const source = dependencySource()
  const files = applicationFiles({ name, supervised: options.sup === true, packageName, umbrella, source })
  const writing = new Writing(options)
  await writing.create(folder, files)
  await addTo(around.root, name, writing)
  const installed = options.install && install(around.root, writing)
  writing.end([
    ...(installed ? [] : [`cd ${relative(process.cwd(), around.root) || "."} && npm install`]),
    ...(relative(process.cwd(), folder) === "" ? [] : [`cd ${relative(process.cwd(), folder)}`]),
    "npx umbel test",
  ])
}

/** Makes the umbrella know its new application; what cannot be edited safely is told. */
async function addTo(root: string, name: string, writing: Writing): Promise<void> {
  const config = join(root, CONFIG)
  const before = await readFile(config, "utf8")
  const after = addToRelease(before, "all", name)
  if (after === undefined) writing.advise(`add ${name}: "permanent" to a release in ${relative(process.cwd(), config)}`)
  else if (after !== before) await writing.change({ file: config, content: after })
  const project = join(root, "tsconfig.json")
  const references = addReferences(await readFile(project, "utf8").catch(() => ""), [`apps/${name}`])
  if (references === undefined) {
    writing.advise(`add { "path": "apps/${name}" } to the references in ${relative(process.cwd(), project)}`)
  } else await writing.change({ file: project, content: tidyJson(references) })
}

/** The umbrella that this folder lies in: a configuration beside a package.json that has workspaces. */
async function umbrellaAround(from: string): Promise<Around | undefined> {
  for (let root = from; ; root = dirname(root)) {
    if (existsSync(join(root, CONFIG)) && existsSync(join(root, "package.json"))) {
      const manifest = await readManifest(root)
      if (manifest.workspaces !== undefined || existsSync(join(root, "apps"))) return { root, manifest }
    }
    if (dirname(root) === root) return undefined
  }
}

function mustBeEmpty(folder: string): void {
  if (!existsSync(folder)) return
  let names: readonly string[]
  try {
    names = readdirSync(folder)
  } catch {
    throw new UsageError(`${folder} exists, and is no folder`, "choose another name")
  }
  if (names.length === 0) return
  throw new UsageError(
    `${folder} exists and is not empty (${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""})`,
    "nothing there is touched: choose another name, or move it out of the way",
  )
}

/** Not inside a repository; and a machine without git is none to complain about. */
function initialise(folder: string, writing: Writing): void {
  const inside = spawnSync("git", ["rev-parse", "--is-inside-work-tree"], { cwd: folder, stdio: "ignore" })
  if (inside.error !== undefined || inside.status === 0) return
  if (spawnSync("git", ["init", "--quiet"], { cwd: folder, stdio: "ignore" }).status === 0) {
    writing.step("* initialised", "a git repository")
  }
}

/** Whether it went well; if not, npm has said why, and the files are there all the same. */
function install(folder: string, writing: Writing): boolean {
  if (writing.dryRun) return false
  const live = process.stdout.isTTY === true && !writing.json
  if (live) process.stdout.write(`${paint("dim", "* installing what it depends on …")}`)
  const npm = process.platform === "win32" ? "npm.cmd" : "npm"
  const run = spawnSync(npm, ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], {
    cwd: folder,
    encoding: "utf8",
    shell: process.platform === "win32",
  })
  if (live) process.stdout.write("\r\u001b[2K")
  if (run.status === 0) writing.step("* installed", "what it depends on")
  else process.stderr.write(`umbel: npm install failed\n${run.stderr ?? String(run.error)}`)
  return run.status === 0
}
