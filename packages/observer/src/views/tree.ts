/** The view `tree`: the supervision tree of an application, or of a node's own processes (`init`, `user`). */
import type { SceneTree, TreeNode } from "umbel/otp"
import { beamTree } from "../beam-tree.ts"
import type { KnownNode } from "../cluster.ts"
import { keyThen, noScene, type Past, pastOf, unkept } from "../past.ts"
import type { PidKey, Snapshot } from "../protocol.ts"
import { type Context, here, missing, textOf, Unavailable, type View } from "../view.ts"
import { eachUmbel } from "./each-umbel.ts"

export interface TreeView {
  /** Null for a child that does not run. */
  readonly key: PidKey | null
  /** `<0.12.0>`; empty for a child that does not run. */
  readonly pid: string
  readonly id: string
  readonly title: string
  readonly module: string
  readonly kind: "worker" | "supervisor"
  readonly status: string
  readonly mailbox: number
  readonly restart: string
  /** How often this child was started anew. */
  readonly restarts: number
  /** Why its last life ended; absent in its first, and where it is not known. */
  readonly lastReason?: string
  /** Null for a worker, and where it is not known. */
  readonly supervision: SupervisionView | null
  readonly children: readonly TreeView[]
  /** Children that are not in `children`. */
  readonly more: number
  /** Of the top of a tree of the past: when it was recorded. */
  readonly recordedAt?: number
  /** Of the top of a tree of a node that is gone: when a peer heard of it last, and which peer. */
  readonly last?: { readonly at: number; readonly by: string }
}
export interface SupervisionView {
  readonly strategy: string
  readonly intensity: number
  readonly period: number
  /** Restarts that count against `intensity` at present. */
  readonly used: number
}
export interface TreeParams {
  readonly node: string
  readonly application: string
}

export const TREE_VIEW: View<TreeParams, TreeView> = {
  name: "tree",
  about: "The supervision tree of `application` on `node`; of `init` and `user`, the node's own.",
  capability: "inspect",
  params: ({ node, application }) =>
    node === undefined || application === undefined
      ? undefined
      : { node: textOf(node), application: textOf(application) },
  async read(context, { node, application }) {
    const known = await context.known(node).catch((thrown: unknown) => thrown)
    if (known instanceof Error) return lastTree(context, node, application, known)
    const { kind } = known as KnownNode
    if (kind === "beam") {
      const tree = await beamTree(context, node, application)
      return tree === undefined ? missing("gone", NOT_RUNNING) : here(tree)
    }
    const tree = await context.umbel(node).tree(application)
    return tree === undefined ? missing("gone", NOT_RUNNING) : here(treeView(context, tree))
  },
  async past(context, { node, application }, at) {
    const past = await pastOf(context, node, at, { application })
    const { scene, by } = past
    if (scene === undefined) throw noScene(node)
    if (application === "init" || application === "user") {
      throw unkept("The recorder keeps the trees of applications, and not those of the node itself.")
    }
    const row = scene.applications.find(({ name }) => name === application)
    if (row === undefined) throw unkept(`${application} did not run on ${node} then.`)
    if (scene.tree === undefined) {
      throw unkept(
        row.supervised
          ? `${application} ran on ${node} then, but its tree was not kept: all trees together were too large.`
          : `${application} ran on ${node} then; it is a library without processes.`,
      )
    }
    const tree = { ...treeThen(context, past, scene.tree), recordedAt: scene.at }
    return here(by === null ? tree : { ...tree, last: { at: scene.at, by } })
  },
}

/** The tree as it was. */
function treeThen(context: Context, past: Past, tree: SceneTree): TreeView {
  const { pid, children } = tree
  return {
    ...boxOf(tree),
    key: pid === "" ? null : keyThen(context, past, pid),
    pid,
    children: children.map((child) => treeThen(context, past, child)),
  }
}
/** Of a node that does not answer: what its peers remember. @throws `why` where they do not */
async function lastTree(context: Context, node: string, application: string, why: Error): Promise<Snapshot<TreeView>> {
  if (!(why instanceof Unavailable)) throw why
  const views = await eachUmbel(context, async (by, inspector) => ({ by, views: await inspector.lastViews() }))
  const latest = views
    .flatMap(({ by, views }) => views.filter((view) => view.node === node).map((view) => ({ by, view })))
    .sort((a, b) => b.view.at - a.view.at)[0]
  const found = latest?.view.trees.find((tree) => tree.application === application)
  if (latest === undefined || found === undefined) throw why
  return here({ ...treeView(context, found.tree), last: { at: latest.view.at, by: latest.by } })
}

const NOT_RUNNING = "It does not run there, or is a library without processes."

function treeView(context: Context, tree: TreeNode): TreeView {
  const { pid, children } = tree
  return {
    ...boxOf(tree),
    key: pid === undefined ? null : context.key(pid),
    pid: pid === undefined ? "" : String(pid),
    children: children.map((child) => treeView(context, child)),
  }
}

/** What is the same now and then. */
function boxOf(
  tree: Omit<TreeNode, "pid" | "handled" | "cpuMs" | "children">,
): Omit<TreeView, "key" | "pid" | "children"> {
  const { id, title, module, kind, status, mailbox, restart, restarts, more } = tree
  return {
    id,
    title,
    module,
    kind,
    status,
    mailbox,
    restart,
    restarts,
    ...(tree.lastReason === undefined ? {} : { lastReason: tree.lastReason }),
    supervision:
      tree.strategy === undefined
        ? null
        : {
            strategy: tree.strategy,
            intensity: tree.intensity ?? 0,
            period: tree.periodMs ?? 0,
            used: tree.restartsInPeriod ?? 0,
          },
    more,
  }
}
