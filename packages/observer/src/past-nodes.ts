/** The cluster as it was: every node there is or was, with what was kept of it. */
import type { Sample } from "umbel/otp"
import type { ApplicationView, KnownNode, Vitals } from "./cluster.ts"
import { type Past, pastOf } from "./past.ts"
import { failureSnapshot } from "./read.ts"
import type { Context } from "./view.ts"
import { eachUmbel } from "./views/each-umbel.ts"

/** A node of the past. */
export interface PastNode extends Omit<KnownNode, "status"> {
  /** `unrecorded`: nothing was kept of it at that moment. */
  readonly status: "up" | "unrecorded"
  readonly past: NodePast
}
export interface NodePast {
  /** Why there is nothing; empty where there is something. */
  readonly why: string
  /** When its applications and connections were recorded; null where they were not. */
  readonly sceneAt: number | null
  /** The peer that kept it, of a node that is gone. */
  readonly by: string | null
  /** What led to it, oldest first. */
  readonly history: readonly { readonly at: number; readonly processes: number; readonly rate: number }[]
}

const HISTORY = 60

export async function nodesThen(context: Context, at: number): Promise<readonly PastNode[]> {
  const { nodes } = await context.cluster()
  const gone = (await eachUmbel(context, (_node, inspector) => inspector.lastViews())).flat()
  const names = new Set([...nodes.map(({ name }) => name), ...gone.map(({ node }) => node)])
  return Promise.all([...names].map((name) => nodeThen(context, name, nodes, at)))
}

async function nodeThen(context: Context, name: string, nodes: readonly KnownNode[], at: number): Promise<PastNode> {
  const now = nodes.find((node) => node.name === name)
  try {
    const past = await pastOf(context, name, at, { samples: true })
    return {
      name,
      kind: "umbel",
      status: "up",
      seenAt: past.sample?.at ?? past.scene?.at ?? 0,
      vitals: vitalsThen(past, at, now?.vitals ?? null),
      past: { why: "", sceneAt: past.scene?.at ?? null, by: past.by, history: past.samples.slice(-HISTORY).map(point) },
    }
  } catch (thrown) {
    // One that does not answer takes none of the others along.
    const past = { why: failureSnapshot(thrown).text, sceneAt: null, by: null, history: [] }
    return { name, kind: now?.kind ?? "unknown", status: "unrecorded", seenAt: 0, vitals: null, past }
  }
}

const point = ({ at, processes, turnsRate }: Sample): NodePast["history"][number] => ({
  at,
  processes,
  rate: Math.round(turnsRate),
})

/** Null where there are no numbers. What is counted since the boot was not recorded: it is null, too. */
function vitalsThen(past: Past, at: number, now: Vitals | null): Vitals | null {
  const { sample, scene, told, bootedAt, creation } = past
  const numbers = sample ?? told
  if (numbers === null) return null
  return {
    bootedAt,
    uptime: at - bootedAt,
    // A release stays the same for a life.
    release: now?.bootedAt === bootedAt ? now.release : "Umbel",
    creation,
    processes: numbers.processes,
    processLimit: 0,
    zombies: numbers.zombies,
    runQueue: numbers.runQueue,
    turns: told?.turns ?? null,
    crashes: told?.crashes ?? null,
    connected: scene?.connected ?? [],
    applications: applicationsThen(past),
    loaded: [],
    // Whether it drained then was not recorded.
    draining: false,
  }
}

function applicationsThen({ scene, applications }: Past): ApplicationView[] {
  if (scene !== undefined) {
    return scene.applications.map(({ name, kept, ...row }) => ({
      ...row,
      key: name,
      name,
      version: "",
      supervised: kept,
    }))
  }
  return applications
    .filter(({ application }) => application !== "")
    .map(({ application }) => ({
      key: application,
      name: application,
      description: "",
      version: "",
      type: "",
      startedAt: 0,
      supervised: false,
    }))
}
