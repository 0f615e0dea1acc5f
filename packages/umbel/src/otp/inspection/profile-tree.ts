/**
 * A sampled profile as a flame graph, for everything or for one process, and who had the thread.
 *
 * ```ts
 * const turns = new TurnGrid(from, to)        // who runs, every 10 µs
 * flameOf(profile, () => true)
 * ```
 *
 * The profiler says which function was on the stack, the scheduler whose turn it was: together they tell whose function it was. Turns shorter than the grid are
 * attributed to whoever ran at the nearest point of it, which evens out over many samples.
 */
import type { Process, SampledProfile } from "../../runtime/index.ts"
import { titleOf } from "./kinds.ts"
import type { FlameNode, ProcessShare } from "./says/profiling.ts"

const STEP_MS = 0.01
const PROCESSES_SHOWN = 50
/** Children of one node of the graph with less than this share are left out. */
const SHARE_MIN = 0.0005

/** Whose turn it was at each point of a grid over the time of the profile. */
export class TurnGrid {
  readonly #from: number
  readonly #owners: Uint32Array
  readonly #titles: { readonly pid: Process["pid"]; readonly title: string }[] = []
  readonly #places = new Map<Process, number>()

  /** By the platform's clock, in milliseconds. */
  constructor(from: number, ms: number) {
    this.#from = from
    this.#owners = new Uint32Array(Math.ceil(ms / STEP_MS) + 1)
  }

  readonly turn = (process: Process, from: number, to: number): void => {
    const first = Math.max(0, Math.ceil((from - this.#from) / STEP_MS))
    const last = Math.min(this.#owners.length - 1, Math.floor((to - this.#from) / STEP_MS))
    if (first > last) return
    let place = this.#places.get(process)
    if (place === undefined) {
      place = this.#titles.push({ pid: process.pid, title: titleOf(process) })
      this.#places.set(process, place)
    }
    this.#owners.fill(place, first, last + 1)
  }

  /** 0 for nobody's; else a number of its own for each process. */
  ownerAt(time: number): number {
    const point = Math.round((time - this.#from) / STEP_MS)
    return this.#owners[point] ?? 0
  }
  who(owner: number): { readonly pid: Process["pid"]; readonly title: string } | undefined {
    return this.#titles[owner - 1]
  }
  ownerOf(process: Process): number {
    return this.#places.get(process) ?? -1
  }
}

interface Growing {
  readonly name: string
  readonly place: string
  selfMs: number
  totalMs: number
  readonly children: Map<string, Growing>
}
const growing = (name: string, place: string): Growing => ({ name, place, selfMs: 0, totalMs: 0, children: new Map() })

/** Of those samples for which `counts` says so. */
export function flameOf(profile: SampledProfile, counts: (sample: number) => boolean): FlameNode {
  const root = growing("(all)", "")
  forEachSample(profile, (sample, ms) => {
    if (!counts(sample)) return
    let node = root
    node.totalMs += ms
    for (const index of pathTo(profile, profile.samples[sample]!)) {
      const { name, place } = profile.frames[index]!
      const key = `${name} ${place}`
      let child = node.children.get(key)
      if (child === undefined) {
        child = growing(name, place)
        node.children.set(key, child)
      }
      node = child
      node.totalMs += ms
    }
    node.selfMs += ms
  })
  return finished(root, root.totalMs * SHARE_MIN)
}

/** From below the root to the frame. */
function pathTo({ frames }: SampledProfile, frame: number): number[] {
  const path: number[] = []
  for (let index = frame; index >= 0 && frames[index]!.parent >= 0; index = frames[index]!.parent) path.push(index)
  return path.reverse()
}

/** A sample stands for the time since the one before. */
function forEachSample(
  { samples, times, startedAt }: SampledProfile,
  visit: (sample: number, ms: number) => void,
): void {
  let before = startedAt
  for (let i = 0; i < samples.length; i++) {
    const at = times[i]!
    visit(i, Math.max(0, at - before))
    before = Math.max(before, at)
  }
}

function finished({ name, place, selfMs, totalMs, children }: Growing, least: number): FlameNode {
  const shown = [...children.values()].filter((child) => child.totalMs >= least)
  shown.sort((a, b) => b.totalMs - a.totalMs)
  return { name, place, selfMs, totalMs, children: shown.map((child) => finished(child, least)) }
}

const IDLE: ReadonlySet<string> = new Set(["(idle)", "(program)"])

/** Who had the thread; idle time is nobody's and not counted. */
export function sharesOf(profile: SampledProfile, grid: TurnGrid): ProcessShare[] {
  const byOwner = new Map<number, number>()
  let busy = 0
  forEachSample(profile, (sample, ms) => {
    const { name } = profile.frames[profile.samples[sample]!]!
    if (IDLE.has(name)) return
    busy += ms
    const owner = grid.ownerAt(profile.times[sample]!)
    byOwner.set(owner, (byOwner.get(owner) ?? 0) + ms)
  })
  const shares = [...byOwner].map(([owner, ms]) => {
    const who = grid.who(owner)
    return { pid: who?.pid, title: who?.title ?? "(outside of processes)", ms, share: busy === 0 ? 0 : ms / busy }
  })
  return shares.sort((a, b) => b.ms - a.ms).slice(0, PROCESSES_SHOWN)
}
