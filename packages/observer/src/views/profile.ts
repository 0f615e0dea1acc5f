/**
 * The views `profile` and `retained`: where a node's time goes, and how large a process is exactly.
 *
 * Watching begins it, once; what came of it is kept for as long as it is watched.
 */
import type { FlameNode, Profile, Retained } from "umbel/otp"
import type { Params, PidKey } from "../protocol.ts"
import {
  type Context,
  countOf,
  flagOf,
  here,
  missing,
  type ProcessParams,
  processParams,
  textOf,
  type View,
} from "../view.ts"

export type ProfileData =
  | { readonly state: "running"; readonly ms: number }
  | { readonly state: "unavailable"; readonly why: string }
  | {
      readonly state: "done"
      readonly ms: number
      readonly samples: number
      readonly root: FlameNode
      readonly processes: readonly {
        readonly key: string
        readonly process: PidKey | null
        readonly title: string
        readonly ms: number
        readonly share: number
      }[]
    }

const SECONDS = { usual: 5, max: 60 }

export const PROFILE_VIEW: View<{ node: string; seconds: number }, ProfileData> = {
  name: "profile",
  about: "Profiles a `node` for so many `seconds`: a flame graph, and the share of each process.",
  capability: "inspect",
  unkept: "A node is profiled while one looks, and not in between.",
  costs: true,
  params: ({ node, seconds }) =>
    node === undefined
      ? undefined
      : { node: textOf(node), seconds: Math.max(1, countOf(seconds, SECONDS.usual, SECONDS.max)) },
  async read(context, { node, seconds }) {
    const { kind } = await context.known(node)
    if (kind === "beam") return missing("unsupported", "Only Umbel nodes can be profiled.")
    const ms = seconds * 1_000
    if (!context.memory.has("profile"))
      noted(context, "profile", { node, seconds }, `${node} is profiled for ${seconds} s.`)
    const done = once(context, "profile", () =>
      context
        .umbel(node, ms + 30_000)
        .profile({ ms })
        .then((profile) => profileData(context, profile)),
    )
    return here(done.value ?? { state: "running", ms })
  },
}

function profileData(context: Context, profile: Profile): ProfileData {
  if (profile.kind === "unavailable") return { state: "unavailable", why: profile.why }
  const { ms, samples, root, processes } = profile
  return {
    state: "done",
    ms,
    samples,
    root,
    processes: processes.map(({ pid, title, ms, share }) => ({
      key: pid === undefined ? title : context.key(pid),
      process: pid === undefined ? null : context.key(pid),
      title,
      ms,
      share,
    })),
  }
}

export type RetainedData =
  | { readonly state: "running" }
  | { readonly state: "unavailable"; readonly why: string }
  | { readonly state: "confirm"; readonly heapBytes: number; readonly expectedPauseMs: number }
  | {
      readonly state: "done"
      readonly bytes: number
      readonly objects: number
      readonly selfBytes: number
      readonly heapBytes: number
      readonly pauseMs: number
      readonly byKind: readonly { readonly name: string; readonly count: number; readonly bytes: number }[]
    }

/** It stops the node: above all else this is what one must be allowed to. */
export const RETAINED_VIEW: View<{ named: ProcessParams; confirmed: boolean }, RetainedData> = {
  name: "retained",
  about:
    "The exact size of a process from a snapshot of the heap. The node stands still meanwhile: a large heap wants `confirmed`.",
  capability: "manage",
  unkept: "The exact size of a process is taken when asked for, and not recorded.",
  costs: true,
  params(loose) {
    const named = processParams(loose)
    return named === undefined ? undefined : { named, confirmed: flagOf(loose.confirmed) }
  },
  async read(context, { named, confirmed }) {
    const pid = await context.process(named)
    const { kind } = await context.known(pid.node)
    if (kind === "beam") return missing("unsupported", "Heap snapshots are taken of Umbel nodes.")
    if (!context.memory.has("retained"))
      noted(context, "heap-snapshot", { process: pid.key, confirmed }, `A heap snapshot of ${pid.node} is asked for.`)
    const done = once(context, "retained", () =>
      context.umbel(pid.node, 300_000).retained(pid, { confirmed }).then(retainedData),
    )
    return here(done.value ?? { state: "running" })
  },
}

function retainedData(retained: Retained): RetainedData {
  if (retained.kind === "unavailable") return { state: "unavailable", why: retained.why }
  if (retained.kind === "confirm") {
    return { state: "confirm", heapBytes: retained.heapBytes, expectedPauseMs: retained.expectedPauseMs }
  }
  const { bytes, objects, selfBytes, heapBytes, pauseMs, byKind } = retained
  return { state: "done", bytes, objects, selfBytes, heapBytes, pauseMs, byKind }
}

/** Begun at the first read of a watch, looked at by the others. */
function once<T extends { state: string }>(
  context: Context,
  name: string,
  begin: () => Promise<T>,
): { value: T | { state: "unavailable"; why: string } | undefined } {
  type Slot = { value: T | { state: "unavailable"; why: string } | undefined }
  const known = context.memory.get(name) as Slot | undefined
  if (known !== undefined) return known
  const slot: Slot = { value: undefined }
  context.memory.set(name, slot)
  begin().then(
    (value) => {
      slot.value = value
    },
    (thrown: unknown) => {
      slot.value = { state: "unavailable", why: thrown instanceof Error ? thrown.message : String(thrown) }
    },
  )
  return slot
}

/** It holds the node up, so the audit has who wanted it. */
function noted({ audit, visitor }: Context, action: string, params: Params, text: string): void {
  audit.add({ at: Date.now(), who: visitor.name, from: visitor.address, action, params, done: true, text })
}
