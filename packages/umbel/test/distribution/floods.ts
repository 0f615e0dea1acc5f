/** Processes that send more than a link takes, and one that counts what comes. */
import { distributionOf } from "../../src/distribution/index.ts"
import { genServer, name } from "../../src/otp/index.ts"
import type { Node, Running } from "../../src/runtime/index.ts"
import { atom, type Target, tuple } from "../../src/term/index.ts"

/** Counts messages by sender, and notes whether one came out of order. */
export const sink = genServer("flow.sink", {
  init: () => ({ counts: new Map<number, number>(), disorder: 0 }),
  info({ state }, message) {
    const [sender, n] = message as [number, number]
    const expected = state.counts.get(sender) ?? 0
    if (n !== expected) state.disorder++
    state.counts.set(sender, expected + 1)
  },
  calls: {
    total: ({ state }) => [...state.counts.values()].reduce((sum, count) => sum + count, 0),
    disorder: ({ state }) => state.disorder,
  },
})
export const SINK = name<typeof sink>("sink")

export interface FloodOptions {
  readonly sender: number
  readonly messages: number
  readonly bytes: number
}

/** The most that was unsent on any link of the node whenever somebody looked. */
export class Unsent {
  most = 0
  readonly #node: Node
  constructor(node: Node) {
    this.#node = node
  }
  look(): void {
    for (const link of distributionOf(this.#node)?.links() ?? []) this.most = Math.max(this.most, link.traffic.unsent)
  }
}

/** A server that sends a message whenever it gets a turn, until all are sent. */
export const flooder = genServer("flow.flooder", {
  init: () => ({ sent: 0 }),
  casts: {
    flood(self, to: Target, options: FloodOptions) {
      if (self.state.sent === options.messages) return
      self.send(to, [options.sender, self.state.sent++, new Uint8Array(options.bytes)])
      // The same request to itself, as it goes over the wire.
      self.send(self.pid, tuple(atom("$gen_cast"), tuple(atom("flood"), to, options)))
    },
  },
  calls: { sent: ({ state }) => state.sent },
})

/** The same as an async function that looks for a word to stop after each message. */
export const floodFrom =
  (to: Target, { sender, messages, bytes }: FloodOptions, sent: (self: Running) => void) =>
  async (self: Running): Promise<void> => {
    for (let n = 0; n < messages; n++) {
      self.send(to, [sender, n, new Uint8Array(bytes)])
      sent(self)
      await self.receive((message) => message === "stop", { timeout: 0 })
    }
  }
