/**
 * The tree of an application on a BEAM node, found as OTP's own observer finds it: by links, from the application's master down.
 *
 * No supervisor is asked for its children, since that is a message that a busy one answers late, and one that is no supervisor never. What a process was
 * started by stands in its dictionary (`$ancestors`); a linked process without that is shown below the first that links to it. One call a level.
 */
import { exported, Pid } from "umbel"
import { answersOf, atoms, elementsOf, fieldsOf, listOf, moduleText, nameOf, numberOf, pidsOf } from "./beam-terms.ts"
import type { Context } from "./view.ts"
import type { TreeView } from "./views/tree.ts"

const LEVELS_MAX = 30
const PROCESSES_MAX = 5_000
const ITEMS = ["registered_name", "initial_call", "message_queue_len", "status", "links", "dictionary"] as const

interface Found {
  readonly pid: Pid
  readonly name: string
  readonly module: string
  readonly kind: "worker" | "supervisor"
  readonly status: string
  readonly mailbox: number
  readonly links: readonly Pid[]
  /** Who started it: a pid's key, or a registered name. */
  readonly starter: string | undefined
  readonly children: Found[]
}

/** Undefined when the application does not run, or has no processes. */
export async function beamTree(context: Context, node: string, application: string): Promise<TreeView | undefined> {
  const top = await topOf(context, node, application)
  if (top === undefined) return undefined
  const [root] = await found(context, node, [top.pid])
  if (root === undefined) return undefined
  const seen = new Set([root.pid.key, ...top.above])
  let level = [root]
  for (let depth = 0; depth < LEVELS_MAX && level.length > 0 && seen.size < PROCESSES_MAX; depth++) {
    level = await below(context, node, level, seen)
  }
  return view(context, root, application)
}

/** The top supervisor, and what stands above it and is not shown: the application's master and its starter. */
async function topOf(
  context: Context,
  node: string,
  application: string,
): Promise<{ readonly pid: Pid; readonly above: readonly string[] } | undefined> {
  const master = await context.rpc(node, "application_controller", "get_master", atoms(application))
  if (!(master instanceof Pid)) return undefined
  // The master is the platform's, and answers.
  const [top] = elementsOf(await context.rpc(node, "application_master", "get_child", [master]))
  if (!(top instanceof Pid)) return undefined
  const [above] = await found(context, node, [top])
  const starter = above?.links.filter((linked) => linked.id < top.id).map(({ key }) => key) ?? []
  return { pid: top, above: [master.key, ...starter] }
}

async function below(context: Context, node: string, level: readonly Found[], seen: Set<string>): Promise<Found[]> {
  const candidates = new Map<string, { readonly pid: Pid; readonly by: Found }>()
  for (const parent of level) {
    for (const pid of parent.links) {
      if (pid.node === node && !seen.has(pid.key) && !candidates.has(pid.key))
        candidates.set(pid.key, { pid, by: parent })
    }
  }
  const some = [...candidates.values()].slice(0, PROCESSES_MAX)
  const names = new Map(
    level.flatMap(
      (parent) =>
        [
          [parent.pid.key, parent],
          [parent.name, parent],
        ] as const,
    ),
  )
  const next: Found[] = []
  for (const process of await found(
    context,
    node,
    some.map(({ pid }) => pid),
  )) {
    const by = candidates.get(process.pid.key)?.by
    const starter = process.starter === undefined ? by : names.get(process.starter)
    // Started by somebody else who is merely linked to one of these: it comes up there, if at all.
    if (starter === undefined || seen.has(process.pid.key)) continue
    seen.add(process.pid.key)
    starter.children.push(process)
    next.push(process)
  }
  return next
}

async function found(context: Context, node: string, pids: readonly Pid[]): Promise<readonly Found[]> {
  if (pids.length === 0) return []
  const items = atoms(...ITEMS)
  const answers = await context.rpc(node, "lists", "zipwith", [
    exported("erlang", "process_info", 2),
    pids,
    pids.map(() => items),
  ])
  return answersOf(answers, pids.length).flatMap((answer, index) =>
    Array.isArray(answer) ? [foundOf(pids[index]!, fieldsOf(answer))] : [],
  )
}

function foundOf(pid: Pid, info: ReadonlyMap<string, unknown>): Found {
  const dictionary = fieldsOf(info.get("dictionary"))
  const registered = info.get("registered_name")
  const start = dictionary.get("$initial_call") ?? info.get("initial_call")
  const [module, name] = elementsOf(start)
  const starter = listOf(dictionary.get("$ancestors"))[0]
  // A supervisor's real module is its argument: OTP says `{supervisor, Module, 1}`.
  const isSupervisor = nameOf(module) === "supervisor" || nameOf(module) === "Elixir.DynamicSupervisor"
  return {
    pid,
    name: Array.isArray(registered) ? "" : nameOf(registered),
    module: isSupervisor && nameOf(module) === "supervisor" ? moduleText(name) : moduleText(module),
    kind: isSupervisor ? "supervisor" : "worker",
    status: nameOf(info.get("status")),
    mailbox: numberOf(info.get("message_queue_len")),
    links: pidsOf(info.get("links")),
    starter: starter instanceof Pid ? starter.key : starter === undefined ? undefined : nameOf(starter),
    children: [],
  }
}

function view(context: Context, process: Found, id: string): TreeView {
  const { pid, name, module, kind, status, mailbox, children } = process
  const title = name === "" ? module : name.replace(/^Elixir\./, "")
  return {
    key: context.key(pid),
    pid: String(pid),
    id,
    title,
    module,
    kind,
    status,
    mailbox,
    restart: "",
    restarts: 0,
    supervision: null,
    // Its pid is the only id that is known, and unlike a name no other child has it.
    children: children.map((child) =>
      view(context, child, child.name === "" ? String(child.pid) : child.name.replace(/^Elixir\./, "")),
    ),
    more: 0,
  }
}
