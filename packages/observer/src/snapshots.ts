/**
 * What the inspector says, as the page gets it: plain JSON, with processes named by keys.
 *
 * ```ts
 * const shown = new Shown()
 * const view = treeView(tree, shown)      // and every pid in it can be asked for by its key from now on
 * shown.pid(key)                          // the pid, or undefined for a key that was never shown
 * ```
 */
import type { Pid } from "umbel"
import type { Overview, ProcessRef, ProcessView, TreeNode } from "umbel/otp"
import type { ClusterEvent, KnownNode } from "./cluster.ts"
import type { EventView, LinkView, NodeView, PidKey, ProcessPage, TreeView, Vitals } from "./protocol.ts"

/** Processes that one page has been shown: those it may ask about. */
export class Shown {
  readonly #pids = new Map<PidKey, Pid>()
  readonly #max: number

  /** Beyond `max` those that were not shown for the longest time are forgotten. */
  constructor(max = 20_000) {
    this.#max = max
  }

  key(pid: Pid): PidKey {
    const { key } = pid
    this.#pids.delete(key)
    this.#pids.set(key, pid)
    if (this.#pids.size > this.#max) {
      for (const oldest of this.#pids.keys()) {
        this.#pids.delete(oldest)
        break
      }
    }
    return key
  }
  pid(key: PidKey): Pid | undefined {
    return this.#pids.get(key)
  }
}

export function nodeView({ name, kind, status, seenAt, overview }: KnownNode, home: string): NodeView {
  return { name, kind, status, home: name === home, seenAt, vitals: overview === undefined ? null : vitals(overview) }
}

function vitals({
  bootedAt,
  now,
  processes,
  zombies,
  runQueue,
  turns,
  crashes,
  connected,
  applications,
}: Overview): Vitals {
  return {
    bootedAt,
    uptime: now - bootedAt,
    processes,
    zombies,
    runQueue,
    turns,
    crashes,
    connected,
    applications: applications.map(({ name, description, type, startedAt, supervisor }) => ({
      name,
      description,
      type,
      startedAt,
      supervised: supervisor !== undefined,
    })),
  }
}

export function treeView(tree: TreeNode, shown: Shown): TreeView {
  const { pid, id, title, module, kind, status, mailbox, restart, restarts, children, more } = tree
  return {
    key: pid === undefined ? null : shown.key(pid),
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
    children: children.map((child) => treeView(child, shown)),
    more,
  }
}

export function processPage(view: ProcessView, shown: Shown): ProcessPage {
  const {
    pid,
    node,
    title,
    module,
    kind,
    status,
    mailbox,
    handled,
    cpuMs,
    trapExit,
    ancestors,
    monitors,
    watchers,
    messages,
    state,
  } = view
  return {
    key: shown.key(pid),
    pid: String(pid),
    node,
    title,
    module,
    kind,
    status,
    registeredName: view.registeredName ?? null,
    mailbox,
    handled,
    // What looking at it costs is not of interest; tenths of milliseconds are.
    cpu: Math.round(cpuMs * 10) / 10,
    trapExit,
    ancestors,
    parent:
      view.parent === undefined
        ? null
        : linkView({ pid: view.parent, title: ancestors[0] ?? String(view.parent) }, shown),
    links: view.links.map((link) => linkView(link, shown)),
    monitors,
    watchers,
    current: view.current ?? null,
    messages,
    state,
  }
}

const linkView = ({ pid, title }: ProcessRef, shown: Shown): LinkView => ({
  key: shown.key(pid),
  pid: String(pid),
  node: pid.node,
  title,
})

export function eventView({ node, bootedAt, report }: ClusterEvent, shown: Shown): EventView {
  const { id, at, kind, level, text, pid } = report
  return {
    id: `${node}/${bootedAt}/${id}`,
    node,
    at,
    kind,
    level,
    text,
    process: pid === undefined ? null : shown.key(pid),
  }
}
