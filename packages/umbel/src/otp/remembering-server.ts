/**
 * A server that remembers its last messages, for its crash report: what led to it is often the message before.
 *
 * ```ts
 * export const till = genServer("shop.till", { remember: 10, init: … })
 * await boot({ name: "a@127.0.0.1", rememberMessages: 10 })            // all servers: for development and tests
 * ```
 *
 * It is a class of its own, so that a server that remembers nothing pays nothing for it. Messages are put into words when it crashes, with what sounds like
 * a secret covered; until then the last so many are kept alive.
 */
import { CALL, type Envelope, MESSAGE, type Node, type Process, requestTerm } from "../runtime/index.ts"
import { inspect, redact } from "../term/index.ts"
import type { ServerDefinition } from "./gen-server.ts"
import { Server } from "./server.ts"

const PRINTED = { limit: 20, text: 200, size: 500 }

/** What was asked, without who waits for the answer. */
interface Remembered {
  readonly how: "call " | "cast " | ""
  readonly request: string | undefined
  readonly args: readonly unknown[]
}

export class RememberingServer extends Server {
  readonly #ring: Remembered[] = []
  readonly #size: number
  #next = 0
  #latest: Remembered | undefined

  constructor(node: Node, parent: Process | undefined, definition: ServerDefinition, arg: unknown, size: number) {
    super(node, parent, definition, arg)
    this.#size = size
  }

  override step(): Promise<unknown> | undefined {
    // The one before is a memory now; the one in hand is told of anyway.
    if (this.#latest !== undefined) {
      this.#ring[this.#next] = this.#latest
      this.#next = (this.#next + 1) % this.#size
      this.#latest = undefined
    }
    try {
      return super.step()
    } finally {
      if (this.current !== undefined) this.#latest = remembered(this.current)
    }
  }

  override get remembered(): readonly string[] {
    const before = [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)]
    if (this.current === undefined && this.#latest !== undefined) before.push(this.#latest)
    return before.map(({ how, request, args }) => how + inspect(redact(requestTerm(request, args)), PRINTED))
  }
}

function remembered(envelope: Envelope): Remembered {
  if (envelope.kind === MESSAGE) return { how: "", request: undefined, args: [envelope.value] }
  return { how: envelope.kind === CALL ? "call " : "cast ", request: envelope.request, args: envelope.args }
}
