/**
 * Traces of several nodes put together: each node tells its half of a message to another, by its own clock.
 *
 * ```ts
 * const merge = new TraceMerge()
 * merge.took(page, askedAt, answeredAt)      // a page of one node, and when it was asked for and came, by the clock of who merges
 * merge.events                               // one row a message, in the order of time by that clock
 * ```
 *
 * A node's clock is off by what its page says it to be, less the middle of asking and answer; the quickest answer knows best. Messages between it and the first
 * node know better still: none can have come before it was sent, and where some went each way, the truth lies between (as NTP has it). Halves belong together by
 * the id of a call, else by sender, place and words, in the order in which they were sent.
 */
import type { TracedEvent, TracePage } from "umbel/otp"

export interface MergedEvent {
  readonly key: string
  /** Milliseconds since 1970, by the clock of who merges. */
  readonly at: number
  /** Where it was seen first. */
  readonly node: string
  readonly event: TracedEvent
  /** What the other side saw of it. */
  readonly other: TracedEvent | undefined
  /** Milliseconds on its way, of a message whose both halves were seen: an estimate, as clocks are. */
  readonly transit: number | undefined
}

interface Skew {
  /** How much the node's clock is ahead. */
  readonly ahead: number
  readonly roundTrip: number
}
interface Half {
  readonly node: string
  readonly event: TracedEvent
}

export class TraceMerge {
  readonly #skews = new Map<string, Skew>()
  readonly #rows: { first: Half; second: Half | undefined }[] = []
  /** Halves that wait for their other halves, by what they have in common: sent ones and received ones. */
  readonly #sent = new Map<string, number[]>()
  readonly #received = new Map<string, number[]>()

  /** Since when the receiver is traced too, by its key: what was sent before has no other half. */
  readonly #joined = new Map<string, number>()
  /** What messages from and to the first node allow the clock of another to be ahead of the first one's. */
  readonly #bounds = new Map<string, { least: number; most: number }>()
  #first: string | undefined

  took(page: TracePage, askedAt: number, answeredAt: number): void {
    const { node, now, events } = page
    this.#first ??= node
    const roundTrip = answeredAt - askedAt
    const known = this.#skews.get(node)
    if (known === undefined || roundTrip < known.roundTrip)
      this.#skews.set(node, { ahead: now - (askedAt + answeredAt) / 2, roundTrip })
    for (const event of events) this.#add({ node, event })
  }

  /** From now on these are traced too: pids by their keys, names as {@link nameKey}. */
  joined(keys: Iterable<string>, at: number): void {
    for (const key of keys) this.#joined.set(key, at)
    for (const [meets, rows] of this.#sent) {
      this.#sent.set(
        meets,
        rows.filter((row) => !this.#tooEarly(this.#rows[row]!.first)),
      )
    }
  }
  #tooEarly({ node, event }: Half): boolean {
    const { call, to, toNode, toRegistered } = event
    if (call !== undefined) return false
    const key = to?.key ?? (toNode === undefined || toRegistered === undefined ? "" : nameKey(toRegistered, toNode))
    return event.at - this.skewOf(node) < (this.#joined.get(key) ?? 0)
  }

  get count(): number {
    return this.#rows.length
  }
  /** How much the clock of that node is ahead, in milliseconds. */
  skewOf(node: string): number {
    const told = this.#skews.get(node)?.ahead ?? 0
    const bounds = this.#bounds.get(node)
    const first = this.#first
    if (bounds === undefined || first === undefined) return told
    const { least, most } = bounds
    const base = this.#skews.get(first)?.ahead ?? 0
    const by = Number.isFinite(least) && Number.isFinite(most) ? (least + most) / 2 : told - base
    return base + Math.min(most, Math.max(least, by))
  }

  #met(sent: Half, received: Half): void {
    const took = received.event.at - sent.event.at
    const far = sent.node === this.#first ? received.node : received.node === this.#first ? sent.node : undefined
    if (far === undefined) return
    const bounds = this.#bounds.get(far) ?? { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY }
    if (far === received.node) bounds.most = Math.min(bounds.most, took)
    else bounds.least = Math.max(bounds.least, -took)
    this.#bounds.set(far, bounds)
  }

  #add(half: Half): void {
    const { seen } = half.event
    if (seen !== "both") {
      const others = (seen === "sent" ? this.#received : this.#sent).get(meeting(half))
      const at = others?.shift()
      if (at !== undefined) {
        const row = this.#rows[at]!
        // The sender's half comes first, whichever was read first.
        if (seen === "sent") this.#rows[at] = { first: half, second: row.first }
        else row.second = half
        const { first, second } = this.#rows[at]!
        this.#met(first, second!)
        return
      }
      const mine = seen === "sent" ? this.#sent : this.#received
      const key = meeting(half)
      if (seen !== "sent" || !this.#tooEarly(half)) mine.set(key, [...(mine.get(key) ?? []), this.#rows.length])
    }
    this.#rows.push({ first: half, second: undefined })
  }

  get events(): readonly MergedEvent[] {
    const timeOf = ({ node, event }: Half): number => event.at - this.skewOf(node)
    return this.#rows
      .map(({ first, second }, row) => ({
        // A row keeps its key when its other half comes.
        key: String(row),
        at: timeOf(first),
        node: first.node,
        event: first.event,
        other: second?.event,
        transit: second === undefined ? undefined : Math.max(0, timeOf(second) - timeOf(first)),
      }))
      .sort((a, b) => a.at - b.at || Number(a.key) - Number(b.key))
  }
}

export const nameKey = (name: string, node: string): string => `${name} ${node}`

const ANSWERS: ReadonlySet<string> = new Set(["answer", "refusal", "failure"])

/** What both halves of a message say of it. */
function meeting({ node, event }: Half): string {
  const { seen, kind, call, from, to, toNode, text } = event
  if (call !== undefined) return `${ANSWERS.has(kind) ? "answer" : "call"} ${call}`
  const at = seen === "sent" ? (toNode ?? to?.node ?? "") : node
  return `${from?.key ?? ""} ${at} ${text}`
}
