/** `umbel doctor`: checks the machine and the project, with a cure for each thing that is not right. Exit code 4 when something fails. */
import { clock, epmd, type Finding, hostNames, nodeVersion, observerPort, openFiles } from "../doctor/machine.ts"
import { cookie, copies, ignored, modules, projectReferences, tools, workspaces } from "../doctor/project.ts"
import { paint, say } from "../project/files.ts"
import { readWorkspace, type Workspace } from "../project/workspace.ts"
import { findRoot, loadUmbrella, type Umbrella } from "../umbrella.ts"
import { CHECK_FAILED, UsageError } from "../usage-error.ts"

export async function doctor({ json }: { readonly json?: boolean }): Promise<void> {
  const project = await readProject()
  const findings: readonly Finding[] = [
    nodeVersion(),
    ...("problem" in project ? [project.problem] : await ofProject(project)),
    await epmd(),
    await observerPort("problem" in project ? undefined : project.umbrella),
    await hostNames(),
    clock(),
    openFiles(),
  ]
  if (findings.some(({ state }) => state === "failed")) process.exitCode = CHECK_FAILED
  if (json === true) return say(JSON.stringify(findings, null, 2))
  const width = Math.max(...findings.map(({ name }) => name.length))
  for (const { name, state, text, cure } of findings) {
    say(`${MARK[state]()} ${name.padEnd(width)}  ${text}`)
    if (cure !== undefined) say(`${" ".repeat(8 + width + 2)}${paint("cyan", `→ ${cure}`)}`)
  }
}

const MARK: Readonly<Record<Finding["state"], () => string>> = {
  ok: () => paint("green", "ok     "),
  warning: () => paint("yellow", "warning"),
  failed: () => paint("red", "failed "),
}

interface Project {
  readonly workspace: Workspace
  readonly umbrella: Umbrella
}

/** The project here; outside of one, what is said about that. */
async function readProject(): Promise<Project | { readonly problem: Finding }> {
  try {
    const root = findRoot(process.cwd())
    return { workspace: await readWorkspace(root), umbrella: await loadUmbrella(root) }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { problem: { name: "project", state: "failed", text: error.message, cure: error.cure } }
  }
}

const ofProject = async ({ workspace }: Project): Promise<readonly Finding[]> => [
  modules(workspace),
  workspaces(workspace),
  await projectReferences(workspace),
  tools(workspace),
  copies(workspace),
  cookie(workspace.root),
  await ignored(workspace.root),
]
