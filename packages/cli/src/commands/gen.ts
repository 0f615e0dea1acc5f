/**
 * `umbel gen KIND NAME`: a module with its test, put into the supervision tree; an application; a release.
 *
 * A file that exists is never written over, and another is edited only where the place is beyond doubt; else it says what to add.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join, relative } from "node:path"
import { addChild, addRelease } from "../project/edit.ts"
import { Writing } from "../project/files.ts"
import { casesOf } from "../project/names.ts"
import { binOf } from "../project/tools.ts"
import { chosen, here, type Workspace, type WorkspaceApplication } from "../project/workspace.ts"
import { type ChildLine, type ModuleKind, moduleOf } from "../templates/modules.ts"
import { CONFIG } from "../umbrella.ts"
import { UsageError } from "../usage-error.ts"
import { newProject } from "./new.ts"

export interface GenOptions {
  readonly app?: string
  readonly applications?: string
  readonly dryRun?: boolean
  readonly sup?: boolean
  readonly install: boolean
  readonly json?: boolean
}
type Kind = ModuleKind | "application" | "release"

export async function gen(kind: Kind, name: string, options: GenOptions): Promise<void> {
  const { workspace, application } = await here()
  if (kind === "release") return genRelease(workspace, name, options)
  if (kind === "application") {
    if (!workspace.umbrella) {
      throw new UsageError(`${workspace.name} stands alone`, "umbel new NAME --umbrella makes a home for several")
    }
    process.chdir(workspace.root)
    const { sup = false, dryRun = false, json = false, install } = options
    return newProject(join("apps", name), { sup, dryRun, json, install, git: false })
  }
  const [home] = options.app === undefined ? [application] : chosen(workspace, [options.app])
  if (home === undefined) {
    throw new UsageError(
      "which application is it for?",
      `go into one, or say --app ${workspace.applications.map((one) => one.name).join("|")}`,
    )
  }
  const { files, child } = moduleOf(kind, name, home.name)
  const writing = new Writing(options)
  await writing.create(home.folder, files)
  const edited = child === undefined ? undefined : await supervise(home, child, writing)
  if (!writing.dryRun)
    tidy(workspace, [...files.map(({ path }) => join(home.folder, path)), ...(edited === undefined ? [] : [edited])])
  writing.end([])
}

/** Puts it into the application's supervision tree. Gives the file that was edited. */
async function supervise(home: WorkspaceApplication, line: ChildLine, writing: Writing): Promise<string | undefined> {
  const file = join(home.folder, "src", "supervisor.ts")
  const shown = relative(process.cwd(), file)
  const content = existsSync(file)
    ? addChild(await readFile(file, "utf8"), line.line, line.child, line.first)
    : undefined
  if (content === undefined) {
    writing.advise(
      `put ${line.child} among the children of a supervisor${existsSync(file) ? ` in ${shown}` : ""}, with ${line.line}`,
    )
    return undefined
  }
  await writing.change({ file, content })
  return file
}

async function genRelease(workspace: Workspace, name: string, options: GenOptions): Promise<void> {
  const { snake } = casesOf(name)
  const names = options.applications?.split(",").map((one) => one.trim())
  const applications = names === undefined ? workspace.applications : chosen(workspace, names)
  const file = join(workspace.root, CONFIG)
  const before = await readFile(file, "utf8")
  const chosenNames = applications.map((application) => application.name)
  const content = addRelease(before, snake, chosenNames)
  if (content === undefined) {
    const inner = chosenNames.map((one) => `${one}: "permanent"`).join(", ")
    throw new UsageError(
      `${relative(process.cwd(), file)} has a release ${snake} already, or is not written in a way that can be edited safely`,
      `add by hand: ${snake}: { applications: { ${inner} } }`,
    )
  }
  const writing = new Writing(options)
  await writing.change({ file, content })
  if (!writing.dryRun) tidy(workspace, [file])
  writing.end([`umbel start ${snake}`])
}

/** Formats what was written, where the project has biome: lines are as long as names make them. */
export function tidy(workspace: Workspace, files: readonly string[]): void {
  if (!existsSync(join(workspace.root, "biome.json"))) return
  const args = [binOf("@biomejs/biome", "biome", workspace.root), "check", "--write", "--log-level=none", ...files]
  spawnSync(process.execPath, args, { cwd: workspace.root, stdio: "ignore" })
}
