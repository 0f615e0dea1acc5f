/**
 * Nodes that are connected with us, and with which nothing comes of it: one of the two does not know the other, and neither will begin again by itself.
 *
 * ```ts
 * unsettled.look(["b@host"], now)               // []: it has only just come
 * unsettled.look(["b@host"], now + PATIENCE)    // ["b@host"]: the connection is to be made anew
 * ```
 *
 * The protocol has no cure for it: a node is told of another by a third that it loses before the other one is told as well, and what the two then say to each other is ignored by who
 * thinks that all is done. Both forget each other with their connection, so it is made anew. OTP's nodes stay as they are.
 */
export class Unsettled {
  readonly #patienceMs: number
  readonly #since = new Map<string, number>()

  /** @param patienceMs Longer than any lock may be held up by a node that is silent. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  /** Those of them that were among them for too long. Each is told once. */
  look(nodes: readonly string[], now: number): readonly string[] {
    for (const node of this.#since.keys()) if (!nodes.includes(node)) this.#since.delete(node)
    const stuck: string[] = []
    for (const node of nodes) {
      const since = this.#since.get(node)
      if (since === undefined) this.#since.set(node, now)
      else if (now - since >= this.#patienceMs) {
        stuck.push(node)
        this.#since.delete(node)
      }
    }
    return stuck
  }
}
