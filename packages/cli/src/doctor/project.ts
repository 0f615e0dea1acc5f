/** What `umbel doctor` checks of a project: its manifests, what is installed, the cookie, copies of the library. */
import { existsSync, realpathSync, statSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { neededReferences } from "../graph/boundaries.ts"
import { slashed } from "../graph/graph.ts"
import { addReferences } from "../project/edit.ts"
import { packageFolder } from "../project/tools.ts"
import type { Workspace } from "../project/workspace.ts"
import { UsageError } from "../usage-error.ts"
import type { Finding } from "./machine.ts"

export function modules({ manifest, applications }: Workspace): Finding {
  const name = "ES modules"
  const wrong = [manifest, ...applications.map((one) => one.manifest)].filter(({ type }) => type !== "module")
  if (wrong.length === 0)
    return {
      name,
      state: "ok",
      text: `${applications.length} ${applications.length === 1 ? "application" : "applications"}`,
    }
  const names = wrong.map((one) => one.name ?? "the root").join(", ")
  return {
    name,
    state: "failed",
    text: `${names} is not made of ES modules`,
    cure: 'write "type": "module" into its package.json',
  }
}

export function workspaces(workspace: Workspace): Finding {
  const name = "workspaces"
  if (!workspace.umbrella) return { name, state: "ok", text: "an application alone" }
  if (!JSON.stringify(workspace.manifest.workspaces ?? []).includes("apps/")) {
    return {
      name,
      state: "failed",
      text: "package.json does not name apps/*",
      cure: 'write "workspaces": ["apps/*"] into the root\'s',
    }
  }
  const lost = workspace.applications.filter(({ packageName, folder }) => {
    const link = join(workspace.root, "node_modules", packageName)
    return !existsSync(link) || realpathSync(link) !== realpathSync(folder)
  })
  return lost.length === 0
    ? { name, state: "ok", text: workspace.applications.map((one) => one.name).join(", ") || "none yet" }
    : {
        name,
        state: "failed",
        text: `${lost.map((one) => one.packageName).join(", ")} cannot be imported yet`,
        cure: "npm install",
      }
}

export async function projectReferences(workspace: Workspace): Promise<Finding> {
  const name = "tsconfig"
  const file = join(workspace.root, "tsconfig.json")
  if (!existsSync(file))
    return { name, state: "failed", text: "there is no tsconfig.json at the root", cure: "umbel new makes one" }
  const lacking: string[] = []
  const check = async (path: string, references: readonly string[]): Promise<void> => {
    if (!existsSync(path) || references.length === 0) return
    const text = await readFile(path, "utf8")
    const mended = addReferences(text, references)
    if (mended === undefined) lacking.push(`${relative(workspace.root, path)} cannot be read as JSON`)
    else if (JSON.stringify(mended) !== JSON.stringify(JSON.parse(text)))
      lacking.push(`${relative(workspace.root, path)} lacks references`)
  }
  const apps = workspace.umbrella
    ? workspace.applications.map(({ folder }) => slashed(relative(workspace.root, folder)))
    : []
  await check(
    file,
    apps.filter((app) => existsSync(join(workspace.root, app, "tsconfig.json"))),
  )
  const needed = neededReferences(workspace)
  for (const one of workspace.applications) await check(join(one.folder, "tsconfig.json"), needed.get(one.name) ?? [])
  return lacking.length === 0
    ? { name, state: "ok", text: "every project refers to those it needs" }
    : { name, state: "failed", text: lacking.join("; "), cure: "umbel check --fix" }
}

export function tools({ root }: Workspace): Finding {
  const name = "tools"
  try {
    const found = ["typescript", "vitest"].map((tool) => {
      const { version } = createRequire(import.meta.url)(join(packageFolder(tool, root), "package.json")) as {
        version: string
      }
      return `${tool} ${version}`
    })
    return { name, state: "ok", text: found.join(", ") }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { name, state: "failed", text: error.message, cure: error.cure }
  }
}

/** Two copies of the library do not know each other's atoms and pids. */
export function copies(workspace: Workspace): Finding {
  const name = "one umbel"
  const from = [
    workspace.root,
    ...workspace.applications.map(({ folder }) => folder),
    dirname(fileURLToPath(import.meta.url)),
  ]
  const found = new Map<string, string>()
  for (const folder of from) {
    const path = installed("umbel", folder)
    if (path !== undefined) found.set(path, folder)
  }
  if (found.size === 0) return { name, state: "failed", text: "umbel is not installed", cure: "npm install umbel" }
  if (found.size === 1) return { name, state: "ok", text: [...found.keys()][0]! }
  return {
    name,
    state: "failed",
    text: `there are ${found.size} copies: ${[...found.keys()].join(", ")}`,
    cure: "npm ls umbel shows who asks for which; npm dedupe",
  }
}

function installed(name: string, from: string): string | undefined {
  for (const folder of createRequire(join(from, "x.js")).resolve.paths(name) ?? []) {
    if (existsSync(join(folder, name, "package.json"))) return realpathSync(join(folder, name))
  }
  return undefined
}

export function cookie(root: string): Finding {
  const name = "cookie"
  if (process.env["UMBEL_COOKIE"]) return { name, state: "ok", text: "from UMBEL_COOKIE" }
  const file = join(root, ".umbel", "cookie")
  if (!existsSync(file)) return { name, state: "ok", text: "none yet; the first node makes one" }
  const mode = statSync(file).mode & 0o777
  return (mode & 0o077) === 0
    ? { name, state: "ok", text: "in .umbel/cookie, for its owner only" }
    : { name, state: "failed", text: `others may read ${file} (mode ${mode.toString(8)})`, cure: `chmod 600 ${file}` }
}

/** What git would take that should stay here. */
export async function ignored(root: string): Promise<Finding> {
  const name = "ignored"
  const text = await readFile(join(root, ".gitignore"), "utf8").catch(() => undefined)
  if (text === undefined) return { name, state: "ok", text: "there is no .gitignore" }
  const lines = text.split("\n").map((line) => line.trim().replace(/^\/|\/$/g, ""))
  const missing = [".umbel", "_build"].filter((path) => !lines.includes(path) && existsSync(join(root, path)))
  return missing.length === 0
    ? { name, state: "ok", text: ".gitignore keeps the cookie and releases out" }
    : {
        name,
        state: "warning",
        text: `git would take ${missing.join(" and ")}, with the cookie in it`,
        cure: `add ${missing.map((path) => `${path}/`).join(" and ")} to .gitignore`,
      }
}
