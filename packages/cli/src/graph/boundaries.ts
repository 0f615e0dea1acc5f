/**
 * The rules between applications, as mix has them: an application imports what its package.json declares, nothing else, and none needs itself over others.
 */
import { dirname, join, relative, resolve } from "node:path"
import { declared, neededBy, type Workspace } from "../project/workspace.ts"
import {
  applicationEdges,
  applicationOf,
  type Edge,
  type Graph,
  isOfNode,
  isRelative,
  isTest,
  packageOf,
  type SourceFile,
  slashed,
} from "./graph.ts"

export interface Violation {
  /** Where, as an editor opens it: `apps/c/src/bad.ts:2`. */
  readonly at: string
  readonly problem: string
  /** Ways to mend it. */
  readonly cures: readonly string[]
}

export function boundaryViolations(graph: Graph): readonly Violation[] {
  return [...graph.files.values()].flatMap((file) => [
    ...(file.problem === undefined ? [] : [{ at: file.path, problem: `cannot be read: ${file.problem}`, cures: [] }]),
    ...file.edges.flatMap((edge) => violation(graph.workspace, file, edge) ?? []),
  ])
}

function violation(workspace: Workspace, file: SourceFile, edge: Edge): Violation | undefined {
  const { application, path } = file
  // Files at the root bring the umbrella together, and may know everyone.
  if (application === undefined) return undefined
  const at = `${path}:${edge.line}`
  const manifest = slashed(relative(workspace.root, join(application.folder, "package.json")))
  if (isRelative(edge.specifier)) {
    const to = slashed(relative(workspace.root, resolve(workspace.root, dirname(path), edge.specifier)))
    const other = applicationOf(workspace, to)
    if (other === application || (other === undefined && isTestFile(path))) return undefined
    const whose = other === undefined ? "the umbrella's root" : `the application ${other.name}`
    return {
      at,
      problem: `imports ${edge.specifier}, a file of ${whose}, past its package`,
      cures: [
        other === undefined
          ? `move that file into ${application.name}`
          : `export it from ${other.name}'s src/index.ts, and import "${other.packageName}"`,
        `move the file into ${application.name}, if nobody else needs it`,
        "move it into an application that both depend on",
      ],
    }
  }
  const name = packageOf(edge.specifier)
  if (isOfNode(edge.specifier) || name === application.packageName || edge.specifier.startsWith("#")) return undefined
  const forTests = isTestFile(path)
  if (declared(application.manifest, forTests).has(name)) return undefined
  // The tools of tests are the umbrella's.
  if (forTests && declared(workspace.manifest, true).has(name)) return undefined
  const other = workspace.applications.find(({ packageName }) => packageName === name)
  const version = other === undefined ? "*" : (other.manifest.version ?? "*")
  return {
    at,
    problem: `imports ${name}, but ${application.name} does not depend on it`,
    cures: [
      `add "${name}": "${version}" to the dependencies in ${manifest}${forTests ? ", or to the devDependencies, as this is a test" : ""}`,
      other === undefined
        ? "ask an application that depends on it for what you need"
        : `ask ${other.name} by its name in a message, which needs no import: its process may even be on another node`,
      other === undefined
        ? "do without it"
        : `move what both need into an application that ${application.name} and ${other.name} depend on`,
    ],
  }
}

const isTestFile = (path: string): boolean => isTest(path) || /(^|\/)test\//.test(path)

/** Cycles between applications, each once, from the first name on: `["a", "b"]` is a → b → a. */
export function cycles(graph: Graph): readonly (readonly string[])[] {
  const edges = applicationEdges(graph)
  const found = new Map<string, readonly string[]>()
  const walk = (name: string, path: readonly string[]): void => {
    const at = path.indexOf(name)
    if (at >= 0) {
      const cycle = path.slice(at)
      const first = cycle.indexOf([...cycle].sort()[0]!)
      const turned = [...cycle.slice(first), ...cycle.slice(0, first)]
      found.set(turned.join(" "), turned)
      return
    }
    for (const next of edges.get(name)?.keys() ?? []) {
      if (!finished.has(next)) walk(next, [...path, name])
    }
  }
  // A cycle through a finished one would have been found from there.
  const finished = new Set<string>()
  for (const name of edges.keys()) {
    walk(name, [])
    finished.add(name)
  }
  return [...found.values()]
}

/** What each tsconfig.json lacks for `tsc -b`: folders of applications by the application that needs them. */
export function neededReferences(workspace: Workspace): ReadonlyMap<string, readonly string[]> {
  return new Map(
    workspace.applications.map((application) => [
      application.name,
      neededBy(workspace, application).map(({ folder }) => slashed(relative(application.folder, folder))),
    ]),
  )
}
