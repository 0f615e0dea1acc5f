/**
 * A node's numbers as Erlang's tools ask for them: memory, work, traffic. All of them are measured; what has no meaning here is 0, and is said so.
 */
import { distributionOf, type Link } from "../distribution/index.ts"
import type { Node, Vitals } from "../runtime/index.ts"
import { atom, atomCount, tuple } from "../term/index.ts"

/** Bytes of an interned atom of usual length, with its place in the table. */
const ATOM_BYTES = 120

/**
 * `erlang:memory/0`, in bytes. Processes live on V8's heap, all on one: so the heap in use is theirs, and `system` is the rest of what the operating
 * system gave. There are no ets tables.
 */
export function memory(vitals: Vitals): Readonly<Record<string, number>> {
  const { heapUsed, rss, arrayBuffers, code } = vitals
  return {
    total: rss,
    processes: heapUsed,
    processes_used: heapUsed,
    system: Math.max(0, rss - heapUsed),
    atom: atomCount() * ATOM_BYTES,
    atom_used: atomCount() * ATOM_BYTES,
    binary: arrayBuffers,
    code,
    ets: 0,
  }
}

/**
 * The event loop as the one scheduler there is: `[{1, Active, Total}]` in microseconds. Total grows with every call, since tools divide by how much
 * it grew.
 */
export function schedulerTimes(vitals: Vitals): unknown[] {
  const { loopActiveMs, loopIdleMs } = vitals
  return [tuple(1, micros(loopActiveMs), micros(loopActiveMs + loopIdleMs))]
}

/** The heaps that V8 and Node.js tell of, as the allocators of a BEAM: blocks in use, carriers they lie in. */
export function allocators(vitals: Vitals): readonly Allocator[] {
  const { heapUsed, heapTotal, external, arrayBuffers, code } = vitals
  const other = Math.max(0, external - arrayBuffers)
  return [
    { name: "v8_heap", blocks: heapUsed, carriers: heapTotal },
    { name: "v8_code", blocks: code, carriers: code },
    { name: "array_buffers", blocks: arrayBuffers, carriers: arrayBuffers },
    { name: "external", blocks: other, carriers: other },
  ]
}
export interface Allocator {
  readonly name: string
  readonly blocks: number
  readonly carriers: number
}

/** `{Name, [{instance, 0, …}]}` of each, as `erlang:system_info({allocator_sizes, _})` has it. */
export const allocatorSizes = (vitals: Vitals): unknown[] => allocators(vitals).map(sizesOf)

function sizesOf({ name, blocks, carriers }: Allocator): unknown {
  // No maxima are kept: the two zeroes.
  const sizes = (block: number, carrier: number): unknown[] => [
    tuple(atom("blocks"), [tuple(atom(name), [tuple(atom("size"), block, 0, 0)])]),
    tuple(atom("carriers_size"), carrier, 0, 0),
  ]
  return tuple(atom(name), [
    tuple(atom("instance"), 0, [tuple(atom("mbcs"), sizes(blocks, carriers)), tuple(atom("sbcs"), sizes(0, 0))]),
  ])
}

export const micros = (ms: number): number => Math.round(ms * 1_000)

/** What is counted since the last time somebody asked, as several items of `erlang:statistics/1` are; one for a node. */
export class Counters {
  readonly #node: Node
  readonly #last = new Map<string, number>()
  readonly #links = new Map<Link, { received: number; sent: number }>()
  /** Bytes of links that are gone, as last seen. */
  #received = 0
  #sent = 0

  constructor(node: Node) {
    this.#node = node
  }

  /** `{Total, SinceLastTime}`. */
  pair(item: string, total: number): unknown {
    const before = this.#last.get(item) ?? 0
    this.#last.set(item, total)
    return tuple(total, total - before)
  }

  /** Bytes to and from other nodes, never less than before. What went over a link between the last look and its end is not counted. */
  traffic(): { readonly received: number; readonly sent: number } {
    const live = new Set(distributionOf(this.#node)?.links())
    for (const [link, { received, sent }] of this.#links) {
      if (live.has(link)) continue
      this.#links.delete(link)
      this.#received += received
      this.#sent += sent
    }
    let { received, sent } = { received: this.#received, sent: this.#sent }
    for (const link of live) {
      const { traffic } = link
      this.#links.set(link, { received: traffic.received, sent: traffic.sent })
      received += traffic.received
      sent += traffic.sent
    }
    return { received, sent }
  }

  /** `{{input, Bytes}, {output, Bytes}}`. */
  io(): unknown {
    const { received, sent } = this.traffic()
    return tuple(tuple(atom("input"), received), tuple(atom("output"), sent))
  }
}
