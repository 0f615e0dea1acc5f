/**
 * Whom a node knows, in which version of the protocol, and whose names it shares.
 *
 * ```ts
 * const members = new Members("a@host")
 * members.add([{ node: "b@host", version: 8 }])     // ["b@host"]: it was not known before
 * members.hearers("c@host")                         // ["b@host"]: who can be told that c is lost
 * ```
 *
 * A node is *pending* while an attempt is under way that it takes part in, *known* when that is done or when others have told of it, and *synced* when it said so itself.
 */
import { type NodeVersion, PREVENT_VERSION, VERSION } from "./protocol.ts"

export class Members {
  readonly me: string
  readonly #known = new Map<string, number>()
  readonly #pending = new Map<string, number>()
  readonly #synced = new Set<string>()

  constructor(me: string) {
    this.me = me
  }

  get known(): readonly NodeVersion[] {
    return [...this.#known].map(([node, version]) => ({ node, version }))
  }
  get synced(): readonly string[] {
    return [...this.#synced]
  }
  isKnown(node: string): boolean {
    return this.#known.has(node)
  }
  /** The version of a node with which an attempt is under way. */
  pending(node: string): number | undefined {
    return this.#pending.get(node)
  }
  /** Whether it is a member, or about to be. */
  has(node: string): boolean {
    return this.#known.has(node) || this.#pending.has(node)
  }

  version(node: string): number {
    if (node === this.me) return VERSION
    return this.#known.get(node) ?? this.#pending.get(node) ?? 0
  }
  /** With the version we know, where none was told. */
  versioned({ node, version }: NodeVersion): NodeVersion {
    return { node, version: version === 0 ? this.version(node) : version }
  }

  /** Those that were not known before. */
  add(nodes: readonly NodeVersion[]): readonly string[] {
    const added: string[] = []
    for (const { node, version } of nodes) {
      if (node === this.me) continue
      if (!this.#known.has(node)) added.push(node)
      if ((this.#known.get(node) ?? 0) === 0) this.#known.set(node, version)
    }
    return added
  }
  setPending(node: string, version: number): void {
    this.#pending.set(node, version)
  }
  notPending(node: string): void {
    this.#pending.delete(node)
  }
  setSynced(node: string): void {
    this.#synced.add(node)
  }
  remove(node: string): void {
    this.#pending.delete(node)
    this.#known.delete(node)
    this.#synced.delete(node)
  }

  /** Who understands that a node is lost, without `but`: pending ones too. */
  hearers(but: string): readonly string[] {
    const able = [...this.#known, ...this.#pending].filter(
      ([node, version]) => node !== but && version >= PREVENT_VERSION,
    )
    return [...new Set(able.map(([node]) => node))]
  }
}
