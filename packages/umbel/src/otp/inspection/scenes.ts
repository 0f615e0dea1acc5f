/**
 * Scenes: how the trees stood and which processes stood out, every ten seconds for the last quarter of an hour, as bytes of JSON and never more than
 * {@link SCENES} says.
 *
 * ```ts
 * scenes.add(node, rows)
 * scenes.at(Date.now() - 60_000, { application: "shop" })     // the last one up to then, if it is from about then
 * ```
 *
 * Trees that have not changed since the scene before are kept once. Taking scenes is held to half a percent of the time: after one that took 20 ms the next comes
 * no sooner than 4 s later.
 */
import type { Node } from "../../runtime/index.ts"
import { applicationsOf } from "../application-controller.ts"
import { SCENES } from "./recorder-bounds.ts"
import type { MomentQuery, Scene, SceneApplication, SceneRow, SceneTree } from "./says/moments.ts"
import type { TreeNode } from "./says/overview.ts"
import { treeOf } from "./trees.ts"

/** A scene is of a moment for so long after it was taken. */
const CURRENT_MS = 60_000
const SHARE = 200
const APPLICATIONS_MAX = 50
const NODES_MAX = 100
const TEXT_MAX = 120

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** What changes seldom. */
interface Stage {
  readonly applications: readonly SceneApplication[]
  readonly connected: readonly string[]
  readonly trees: Readonly<Record<string, SceneTree>>
}
interface Kept {
  readonly at: number
  readonly stage: Uint8Array
  readonly rows: Uint8Array
}

export class Scenes {
  readonly #bounds: typeof SCENES
  #kept: Kept[] = []
  /** The latest stage as a text, to be compared with. */
  #latest = ""
  #notBefore = Number.NEGATIVE_INFINITY
  #bytes = 0

  constructor(bounds: typeof SCENES = SCENES) {
    this.#bounds = bounds
  }

  get bytes(): number {
    return this.#bytes
  }
  get count(): number {
    return this.#kept.length
  }
  get oldestAt(): number | undefined {
    return this.#kept[0]?.at
  }

  /** Takes a scene, unless the last one took too long for that. */
  add(node: Node, rows: readonly SceneRow[]): void {
    const { clock } = node.platform
    const began = clock.now()
    if (began < this.#notBefore) return
    this.put(clock.wallTime(), stageOf(node, this.#bounds), rows.map(clippedRow))
    this.#notBefore = began + (clock.now() - began) * SHARE
  }

  /** @internal */
  put(at: number, stage: Stage, rows: readonly SceneRow[]): void {
    const text = JSON.stringify(stage)
    const last = this.#kept.at(-1)
    const same = last !== undefined && text === this.#latest
    this.#latest = text
    const kept: Kept = {
      at,
      stage: same ? last.stage : encoder.encode(text),
      rows: encoder.encode(JSON.stringify(rows)),
    }
    this.#kept.push(kept)
    this.#bytes += kept.rows.byteLength + (same ? 0 : kept.stage.byteLength)
    while (
      this.#kept.length > 1 &&
      (this.#bytes > this.#bounds.bytesMax || this.#kept[0]!.at <= at - this.#bounds.forMs)
    ) {
      this.#drop()
    }
  }

  #drop(): void {
    const gone = this.#kept.shift()!
    this.#bytes -= gone.rows.byteLength + (this.#kept[0]?.stage === gone.stage ? 0 : gone.stage.byteLength)
  }

  /** The last one up to that time; undefined where the last is from long before. */
  at(time: number, { application, processes = false }: MomentQuery): Scene | undefined {
    const kept = this.#kept.findLast(({ at }) => at <= time)
    if (kept === undefined || time - kept.at > CURRENT_MS) return undefined
    const { applications, connected, trees } = JSON.parse(decoder.decode(kept.stage)) as Stage
    return {
      at: kept.at,
      applications,
      connected,
      tree: application !== undefined && Object.hasOwn(trees, application) ? trees[application] : undefined,
      rows: processes ? (JSON.parse(decoder.decode(kept.rows)) as SceneRow[]) : [],
    }
  }
}

function stageOf(node: Node, { boxes, children }: typeof SCENES): Stage {
  const left = { boxes }
  const trees: Record<string, SceneTree> = Object.create(null)
  const applications = applicationsOf(node)
    .slice(0, APPLICATIONS_MAX)
    .map(({ name, description, type, startedAt, supervisor }): SceneApplication => {
      const tree = left.boxes > 0 ? treeOf(node, name, { boxes, children }, left) : undefined
      if (tree !== undefined) trees[name] = sceneTree(tree)
      const supervised = supervisor !== undefined
      return { name, description: clipped(description), type, startedAt, supervised, kept: tree !== undefined }
    })
  return { applications, connected: node.nodes.slice(0, NODES_MAX), trees }
}

/** Without the counters, which would make every scene another one. */
function sceneTree({ pid, handled: _handled, cpuMs: _cpuMs, ...tree }: TreeNode): SceneTree {
  const { id, title, module, lastReason, children } = tree
  return {
    ...tree,
    pid: pid === undefined ? "" : String(pid),
    id: clipped(id),
    title: clipped(title),
    module: clipped(module),
    ...(lastReason === undefined ? {} : { lastReason: clipped(lastReason) }),
    children: children.map(sceneTree),
  }
}
const clippedRow = (row: SceneRow): SceneRow => ({ ...row, title: clipped(row.title), module: clipped(row.module) })
const clipped = (text: string): string => (text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text)
