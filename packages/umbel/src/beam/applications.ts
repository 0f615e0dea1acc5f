/**
 * Applications as Erlang's tools see them: the modules `application`, `application_controller` and `application_master`, and the trees that
 * `appmon_info` delivers.
 *
 * An application's master is its top supervisor. What belongs to no application (the node's own processes, what code outside processes started) is
 * shown as the application `umbel`, under `init`.
 */
import { applicationsOf } from "../otp/index.ts"
import { linkedPids, type Node, type Process } from "../runtime/index.ts"
import { charlist, type Pid, tuple } from "../term/index.ts"
import { atomOf, type Functions, overloaded, processOf, textOfAtom } from "./answers.ts"
import { moduleOf } from "./process-kind.ts"

/** What the node itself is called among its applications. */
const OWN = "umbel"
/** Processes of one tree, and children of one process, that are delivered: more nobody can look at. */
const TREE_MAX = 2_000
const CHILDREN_MAX = 200

/** An application, with the top of its tree if it has one. */
export interface Listed {
  readonly name: string
  readonly description: string
  readonly top: Pid | undefined
}

/** The applications that run, and the node's own processes as one more. */
export function applicationRows(node: Node): readonly Listed[] {
  const own = { name: OWN, description: "Umbel: OTP for TypeScript", top: node.root.pid }
  const running = applicationsOf(node).map(({ name, description, supervisor }) => ({
    name,
    description,
    top: supervisor,
  }))
  return running.some(({ name }) => name === OWN) ? running : [own, ...running]
}

/** `{Name, Description, Version}`. Applications here have no version of their own. */
const spec = ({ name, description }: Listed): unknown => tuple(atomOf(name), charlist(description), charlist(""))

export function applicationModules(node: Node): Readonly<Record<string, Functions>> {
  const which = overloaded([0, 1], () => applicationRows(node).map(spec))
  return {
    application: { loaded_applications: () => applicationRows(node).map(spec), which_applications: which },
    application_controller: {
      get_master: (_self, name: unknown) => topOf(node, textOfAtom(name, "application_controller:get_master/1")),
      which_applications: which,
    },
    application_master: {
      get_child: (_self, master: unknown) => {
        const process = processOf(node, master, "application_master:get_child/1")
        const found = applicationRows(node).find(({ top }) => top !== undefined && top === process?.pid)
        return found === undefined ? tuple(undefined, undefined) : tuple(found.top, atomOf(found.name))
      },
    },
  }
}

/** The top of an application's tree. */
export function topOf(node: Node, name: string): Pid | undefined {
  return applicationRows(node).find((one) => one.name === name)?.top
}

/** `[{Master, Name, {Name, Description, Version}}]` of those that have processes. */
export function applicationList(node: Node): unknown[] {
  return applicationRows(node)
    .filter(({ top }) => top !== undefined)
    .map((one) => tuple(one.top, atomOf(one.name), spec(one)))
}

/** The processes of an application's tree, each with those it started. */
export function applicationBranches(node: Node, name: string): ReadonlyMap<Process, readonly Process[]> {
  const pid = topOf(node, name)
  const root = pid === undefined ? undefined : node.find(pid)
  const branches = new Map<Process, Process[]>()
  for (const process of root === undefined ? [] : belongingTo(node, root, name)) {
    branches.set(process, [])
    if (process !== root && process.parent !== undefined) branches.get(process.parent)?.push(process)
  }
  return branches
}

/**
 * `{Root, [{Pid, Name}], [{Parent, Child}], [{From, To}]}`: who was started by whom, and the links beside that. Names are those the processes are
 * registered under, or their module and pid, so no two are the same. Four empty lists for what does not run.
 */
export function applicationTree(node: Node, name: string): unknown {
  const pid = topOf(node, name)
  const root = pid === undefined ? undefined : node.find(pid)
  if (root === undefined) return tuple([], [], [], [])
  const titles = new Map([...belongingTo(node, root, name)].map((process) => [process, charlist(titleOf(process))]))
  const branches: unknown[] = []
  const links: unknown[] = []
  for (const [process, title] of titles) {
    const above = process === root || process.parent === undefined ? undefined : titles.get(process.parent)
    if (above !== undefined) branches.push(tuple(above, title))
    for (const other of near(node, process)) {
      if (other.parent === process || process.parent === other || process.pid.id > other.pid.id) continue
      const to = titles.get(other)
      if (to !== undefined) links.push(tuple(title, to))
    }
  }
  return tuple(
    titles.get(root),
    [...titles].map(([process, title]) => tuple(process.pid, title)),
    branches,
    links,
  )
}

/** The tree from `root` on, level by level; of the node's own without those of the applications, which stand for themselves. */
function belongingTo(node: Node, root: Process, name: string): Set<Process> {
  const others = new Set(applicationsOf(node).map(({ supervisor }) => supervisor))
  return collect(node, root, (process) => name !== OWN || !others.has(process.pid))
}

/** The root and what was started below it, level by level. */
function collect(node: Node, root: Process, belongs: (process: Process) => boolean): Set<Process> {
  const found = new Set([root])
  for (const process of found) {
    let children = 0
    for (const below of near(node, process)) {
      if (below.parent !== process || !belongs(below)) continue
      if (found.size === TREE_MAX) return found
      found.add(below)
      if (++children === CHILDREN_MAX) break
    }
  }
  return found
}

/** The processes of this node it is linked to: a child is, for as long as both live. */
function near(node: Node, process: Process): readonly Process[] {
  return linkedPids(process).flatMap((pid) => node.find(pid) ?? [])
}

function titleOf(process: Process): string {
  return process.registeredName ?? `${moduleOf(process)} ${process.pid}`
}
