/** The view `tree`: the supervision tree of an application, or of a node's own processes (`init`, `user`). */
import type { TreeNode } from "umbel/otp"
import { beamTree } from "../beam-tree.ts"
import type { PidKey } from "../protocol.ts"
import { type Context, here, missing, textOf, type View } from "../view.ts"

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
  /** Null for a worker, and where it is not known. */
  readonly supervision: SupervisionView | null
  readonly children: readonly TreeView[]
  /** Children that are not in `children`. */
  readonly more: number
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
    const { kind } = await context.known(node)
    if (kind === "beam") {
      const tree = await beamTree(context, node, application)
      return tree === undefined ? missing("gone", NOT_RUNNING) : here(tree)
    }
    const tree = await context.umbel(node).tree(application)
    return tree === undefined ? missing("gone", NOT_RUNNING) : here(treeView(context, tree))
  },
}
const NOT_RUNNING = "It does not run there, or is a library without processes."

function treeView(context: Context, tree: TreeNode): TreeView {
  const { pid, id, title, module, kind, status, mailbox, restart, restarts, children, more } = tree
  return {
    key: pid === undefined ? null : context.key(pid),
    pid: pid === undefined ? "" : String(pid),
    id,
    title,
    module,
    kind,
    status,
    mailbox,
    restart,
    restarts,
    supervision:
      tree.strategy === undefined
        ? null
        : {
            strategy: tree.strategy,
            intensity: tree.intensity ?? 0,
            period: tree.periodMs ?? 0,
            used: tree.restartsInPeriod ?? 0,
          },
    children: children.map((child) => treeView(context, child)),
    more,
  }
}
