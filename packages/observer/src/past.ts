/**
 * The past: what the flight recorder of a node kept of one moment, and of a node that is gone what its peers kept of it.
 *
 * ```ts
 * const { scene } = await pastOf(context, "a@h", at, { application: "shop" })
 * ```
 *
 * What was not kept is an {@link Unavailable} with the status `unkept`, and never what is so now.
 */
import type { Pid } from "umbel"
import type { LastView, Moment, MomentQuery, Overview, SceneTree, TreeNode } from "umbel/otp"
import { makePid } from "umbel/term"
import type { PidKey } from "./protocol.ts"
import { pidNumbers } from "./shown.ts"
import { type Context, Unavailable } from "./view.ts"
import { eachUmbel } from "./views/each-umbel.ts"

/** The last view of a node that is gone is of a moment for so long after it was told. */
const LAST_MS = 60_000

export interface Past extends Omit<Moment, "now" | "oldest" | "oldestScene"> {
  /** The peer that kept it, of a node that is gone. */
  readonly by: string | null
  /** What that peer was told of it. */
  readonly told: Overview | null
}

/** @throws Unavailable */
export async function pastOf(context: Context, node: string, at: number, query: MomentQuery = {}): Promise<Past> {
  const known = await context.known(node).catch((thrown: unknown) => {
    if (thrown instanceof Unavailable) return undefined
    throw thrown
  })
  if (known === undefined) return rememberedOf(context, node, at, query)
  if (known.kind === "beam") {
    throw unkept(`${node} is a BEAM node: only Umbel nodes have a flight recorder.`)
  }
  const moment = await context.umbel(node).moment(at, query)
  if (at < moment.bootedAt) {
    throw unkept(`${node} was started later than that, and a recorder ends with the life of its node.`)
  }
  return { ...moment, by: null, told: null }
}

export const unkept = (text: string): Unavailable => new Unavailable("unkept", text)
export const noScene = (node: string): Unavailable =>
  unkept(`The recorder of ${node} has no scene of that moment: it keeps those of the last quarter of an hour.`)

/** The key of a process of the past, as it is printed. */
export function keyThen(context: Context, { node, creation }: Past, pid: string): PidKey {
  const numbers = pidNumbers(pid)
  if (numbers === undefined) throw new Error(`${node} recorded ${pid}, which is no pid`)
  return context.key(makePid(node, numbers.id, numbers.serial, creation))
}

async function rememberedOf(context: Context, node: string, at: number, { application }: MomentQuery): Promise<Past> {
  const views = await eachUmbel(context, async (by, inspector) => ({ by, views: await inspector.lastViews() }))
  const found = views
    .flatMap(({ by, views }) => views.filter((view) => view.node === node).map((view) => ({ by, view })))
    .sort((a, b) => b.view.at - a.view.at)
    .find(({ view }) => view.at <= at && at - view.at <= LAST_MS)
  if (found === undefined) {
    throw unkept(`${node} does not answer, its recorder went with it, and its peers kept nothing of that moment.`)
  }
  return pastOfLast(found.view, found.by, application)
}

function pastOfLast({ node, at, overview, trees, events }: LastView, by: string, application?: string): Past {
  const kept = trees.find((tree) => tree.application === application)
  return {
    node,
    by,
    told: overview,
    bootedAt: overview.bootedAt,
    creation: creationOf(trees.map(({ tree }) => tree.pid)),
    sample: undefined,
    samples: [],
    applications: [],
    events,
    scene: {
      at,
      applications: overview.applications.map(({ name, description, type, startedAt, supervisor }) => ({
        name,
        description,
        type,
        startedAt,
        supervised: supervisor !== undefined,
        kept: trees.some((tree) => tree.application === name),
      })),
      connected: overview.connected,
      tree: kept === undefined ? undefined : sceneOf(kept.tree),
      rows: [],
    },
  }
}
const creationOf = (pids: readonly (Pid | undefined)[]): number => pids.find((pid) => pid !== undefined)?.creation ?? 0

const sceneOf = ({ pid, handled: _handled, cpuMs: _cpuMs, ...tree }: TreeNode): SceneTree => ({
  ...tree,
  pid: pid === undefined ? "" : String(pid),
  children: tree.children.map(sceneOf),
})
