/** Nodes that come and go, and who is told of it. */

/** A node came or went; visible when both ends are. */
export type NodeEvent =
  | { readonly kind: "up"; readonly node: string; readonly visible: boolean }
  | { readonly kind: "down"; readonly node: string; readonly visible: boolean; readonly reason: unknown }

export class NodeEvents {
  readonly #listeners = new Set<(event: NodeEvent) => void>()

  /** Until the returned disposable is disposed. */
  subscribe(listener: (event: NodeEvent) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }
  tell(event: NodeEvent): void {
    for (const listener of [...this.#listeners]) listener(event)
  }
}
