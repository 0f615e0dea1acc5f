/**
 * `umbel extract CHILD --to apps/b`: moves a child of one application's tree, with its modules and tests, into an application of its own.
 *
 * It shows what would change, asks, and writes everything or nothing. What it cannot move safely it says, with the line, and writes nothing.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { basename, dirname, join, relative, resolve } from "node:path"
import { confirmed } from "../ask.ts"
import { diff } from "../extract/diff.ts"
import { findChild } from "../extract/find.ts"
import { type ExtractionPlan, planExtraction } from "../extract/plan.ts"
import { type Homes, type Rewritten, rewrite, type Texts } from "../extract/rewrite.ts"
import { sourcesOf } from "../extract/sources.ts"
import { dependencySource } from "../project/checkout.ts"
import { addReferences, addToRelease } from "../project/edit.ts"
import { packageJson, paint, say, tidyJson } from "../project/files.ts"
import { checkApplicationName } from "../project/names.ts"
import { chosen, here, type Manifest, type Workspace, type WorkspaceApplication } from "../project/workspace.ts"
import { applicationFiles } from "../templates/application.ts"
import { CONFIG, loadUmbrella } from "../umbrella.ts"
import { CHECK_FAILED, UsageError } from "../usage-error.ts"
import { tidy } from "./gen.ts"

export interface ExtractOptions {
  readonly to: string
  readonly app?: string
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly install: boolean
  readonly json?: boolean
}

export async function extract(typed: string, options: ExtractOptions): Promise<void> {
  const { workspace, application } = await here()
  const [home] = options.app === undefined ? [application ?? only(workspace)] : chosen(workspace, [options.app])
  if (home === undefined) {
    const names = workspace.applications.map((one) => one.name).join("|")
    throw new UsageError("which application is it in?", `go into one, or say --app ${names}`)
  }
  const homes = newHome(workspace, home, options.to)
  const project = sourcesOf(home.folder)
  const plan = planExtraction(project, home.folder, findChild(project, home.folder, typed))
  if (plan.problems.length > 0) return refuse(typed, home, plan.problems)
  const rewritten = rewrite(project, plan, homes)
  await manifests(workspace, home, homes, rewritten)
  if (options.json === true) say(JSON.stringify(asJson(workspace, rewritten.texts), null, 2))
  else await show(workspace, rewritten.texts)
  if (options.dryRun === true) return options.json === true ? undefined : say(paint("dim", "\nNothing was written."))
  if (options.json === true && options.yes !== true) return
  if (options.yes !== true && !(await confirmed("\nwrite this?"))) return say("nothing was written")
  await write(rewritten.texts)
  finish(workspace, plan, homes, rewritten.texts, options)
}

const only = ({ applications }: Workspace): WorkspaceApplication | undefined =>
  applications.length === 1 ? applications[0] : undefined

/** @throws UsageError */
function newHome(workspace: Workspace, home: WorkspaceApplication, typed: string): Homes {
  if (!workspace.umbrella)
    throw new UsageError(
      `${workspace.name} stands alone`,
      "umbel new NAME --umbrella makes a home for several applications",
    )
  // `apps/b` is meant from the root, wherever it is typed.
  const to = [resolve(typed), join(workspace.root, typed)].find(
    (path) => dirname(path) === join(workspace.root, "apps"),
  )
  if (to === undefined)
    throw new UsageError(
      `applications of this umbrella lie in ${join(workspace.root, "apps")}`,
      `--to apps/${basename(typed)}`,
    )
  const name = basename(to)
  checkApplicationName(name)
  if (existsSync(to)) throw new UsageError(`${relative(process.cwd(), to)} exists already`, "choose another name")
  const scope = home.packageName.startsWith("@") ? home.packageName.split("/")[0]! : `@${workspace.name}`
  return { from: home.folder, to, name, packageName: `${scope}/${name}` }
}

function refuse(typed: string, home: WorkspaceApplication, problems: readonly string[]): void {
  process.stderr.write(`umbel: ${typed} cannot be moved out of ${home.name} safely; nothing was written\n`)
  for (const problem of problems) process.stderr.write(`       ${problem}\n`)
  process.exitCode = CHECK_FAILED
}

const VERSION = "0.1.0"

/** package.json and tsconfig.json of both, and the umbrella's own files. */
async function manifests(
  workspace: Workspace,
  home: WorkspaceApplication,
  homes: Homes,
  { texts, needed, packages, testPackages }: Rewritten,
): Promise<void> {
  const { name, packageName, to } = homes
  const made = applicationFiles({
    name,
    supervised: true,
    packageName,
    umbrella: workspace.name,
    source: dependencySource(),
  })
  for (const { path, content } of made) {
    if (["tsconfig.json", "README.md"].includes(path)) texts.set(join(to, path), content)
    if (path === "package.json")
      texts.set(
        join(to, path),
        packageJson(dependenciesOf(JSON.parse(content) as Manifest, home.manifest, packages, testPackages)),
      )
  }
  if (needed) {
    const manifest = home.manifest
    const dependencies = Object.fromEntries(
      Object.entries({ ...manifest.dependencies, [packageName]: VERSION }).sort(([a], [b]) => (a < b ? -1 : 1)),
    )
    texts.set(join(home.folder, "package.json"), packageJson({ ...manifest, dependencies }))
    await refer(texts, join(home.folder, "tsconfig.json"), `../${name}`)
  }
  await refer(texts, join(workspace.root, "tsconfig.json"), `apps/${name}`)
  await releases(workspace, home, name, texts)
}

/** What the modules that moved import, as their old home has it. */
function dependenciesOf(
  manifest: Manifest,
  old: Manifest,
  packages: ReadonlySet<string>,
  testPackages: ReadonlySet<string>,
): Manifest {
  const take = (names: ReadonlySet<string>, tables: readonly (Readonly<Record<string, string>> | undefined)[]) =>
    Object.fromEntries(
      [...names]
        .sort()
        .flatMap((name) => tables.flatMap((one) => (one?.[name] === undefined ? [] : [[name, one[name]]])).slice(0, 1)),
    )
  const dependencies = { ...take(packages, [old.dependencies, old.peerDependencies, old.optionalDependencies]) }
  const only = new Set([...testPackages].filter((name) => dependencies[name] === undefined))
  const development = take(only, [old.devDependencies, old.dependencies])
  return {
    ...manifest,
    dependencies,
    ...(Object.keys(development).length === 0 ? {} : { devDependencies: development }),
  }
}

async function refer(texts: Texts, file: string, path: string): Promise<void> {
  if (!existsSync(file)) return
  const mended = addReferences(await readFile(file, "utf8"), [path])
  if (mended === undefined)
    throw new UsageError(
      `${file} cannot be edited, as it is no plain JSON`,
      `add { "path": "${path}" } to its references, then try again`,
    )
  texts.set(file, tidyJson(mended))
}

/** Every release that runs the old one runs the new one too, so that nothing stops working. */
async function releases(workspace: Workspace, home: WorkspaceApplication, name: string, texts: Texts): Promise<void> {
  const file = join(workspace.root, CONFIG)
  const umbrella = await loadUmbrella(workspace.root)
  let text = await readFile(file, "utf8")
  for (const [release, { applications }] of Object.entries(umbrella.releases)) {
    if (applications[home.name] === undefined || applications[name] !== undefined) continue
    const after = addToRelease(text, release, name)
    if (after === undefined)
      throw new UsageError(
        `the release ${release} in ${file} is not written in a way that can be edited safely`,
        `add ${name} to it by hand, then try again`,
      )
    text = after
  }
  texts.set(file, text)
}

function asJson({ root }: Workspace, texts: Texts): readonly object[] {
  return [...texts].map(([file, text]) => ({
    path: relative(root, file),
    change: text === undefined ? "removed" : existsSync(file) ? "changed" : "created",
    ...(text === undefined ? {} : { text }),
  }))
}

/** Files that move as one line each, all others as what is different in them. */
async function show({ root }: Workspace, texts: Texts): Promise<void> {
  const gone = [...texts].filter(([, text]) => text === undefined).map(([file]) => file)
  for (const [file, text] of texts) {
    if (text === undefined) continue
    const before = existsSync(file) ? await readFile(file, "utf8") : undefined
    if (before === text) continue
    const origin =
      before === undefined ? gone.find((one) => inApplication(root, one) === inApplication(root, file)) : undefined
    const old = before ?? (origin === undefined ? undefined : await readFile(origin, "utf8"))
    const shown = relative(root, file)
    if (origin !== undefined) say(`${paint("cyan", "* moving")} ${relative(root, origin)} → ${shown}`)
    else say(`${before === undefined ? paint("green", "* creating") : paint("yellow", "* updating")} ${shown}`)
    if (old === undefined || old === text) continue
    for (const line of diff(old, text)) {
      say(
        `    ${line.startsWith("+") ? paint("green", line) : line.startsWith("-") ? paint("red", line) : paint("dim", line)}`,
      )
    }
  }
}

/** `src/x.ts` of `apps/a/src/x.ts`. */
const inApplication = (root: string, file: string): string => relative(root, file).split("/").slice(2).join("/")

async function write(texts: Texts): Promise<void> {
  // What is new first, and what goes last: at no moment is there less than before.
  for (const [file, text] of texts) {
    if (text === undefined) continue
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  for (const [file, text] of texts) if (text === undefined) await rm(file)
}

function finish(workspace: Workspace, plan: ExtractionPlan, homes: Homes, texts: Texts, options: ExtractOptions): void {
  tidy(
    workspace,
    [...texts].flatMap(([file, text]) => (text === undefined ? [] : [file])),
  )
  if (options.install) {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm"
    const run = spawnSync(npm, ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], {
      cwd: workspace.root,
      encoding: "utf8",
    })
    if (run.status !== 0) process.stderr.write(`umbel: npm install failed\n${run.stderr ?? String(run.error)}`)
  }
  if (options.json === true) return
  say(`\n${paint("green", "* extracted")} ${plan.child.definition} into ${relative(process.cwd(), homes.to)}`)
  say(`\nNext:\n\n${options.install ? "" : "    npm install\n"}    umbel check && umbel test\n`)
  say(
    paint(
      "dim",
      `Whoever calls it by its plain name finds it on the same node; locate(self, NAME, "${homes.name}") finds it wherever it is deployed.`,
    ),
  )
}
