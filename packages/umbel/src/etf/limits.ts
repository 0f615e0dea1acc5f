/**
 * Bounds on what is read and sent, so that no peer can exhaust this node and this node exhausts no peer.
 *
 * ```ts
 * decode(bytes, { limits: { ...LIMITS, bytes: 1 << 20 } })
 * const atoms = new AtomBudget(10_000)   // one a BEAM peer
 * encodeTo(writer, term, { profile: "beam", atoms })
 * ```
 */
import { DEPTH_MAX } from "../term/index.ts"

/** What a single term may be. */
export interface Limits {
  /** Levels of nesting. */
  readonly depth: number
  /** Bytes of the term, inflated. */
  readonly bytes: number
  /** Atoms that this node had not seen. */
  readonly newAtoms: number
}

/** The defaults: what the copier and the encoder allow, 256 MiB, and 10,000 new atoms. */
export const LIMITS: Limits = { depth: DEPTH_MAX, bytes: 256 * 1024 * 1024, newAtoms: 10_000 }

/** How many distinct atoms a node sends to one BEAM peer: there, atoms are never collected. */
export const ATOMS_TO_PEER = 10_000

/** Counts distinct atoms: those sent to a peer, or those that a peer brought. */
export class AtomBudget {
  readonly limit: number
  private readonly texts = new Set<string>()

  constructor(limit: number = ATOMS_TO_PEER) {
    this.limit = limit
  }

  /** How many there were. */
  get count(): number {
    return this.texts.size
  }

  /** "known" when it was counted before, "new" when it is now, "refused" when the budget is spent. */
  admit(text: string): "known" | "new" | "refused" {
    if (this.texts.has(text)) return "known"
    if (this.texts.size >= this.limit) return "refused"
    this.texts.add(text)
    return "new"
  }

  /** Takes back atoms that were counted and not sent after all. */
  forget(texts: readonly string[]): void {
    for (const text of texts) this.texts.delete(text)
  }
}
