/**
 * Draining: a node that wants no more work, and goes on with what it has.
 *
 * ```ts
 * Drain.begin(node)          // `/ready` of a release answers 503 from now on: load balancers send nothing more
 * Drain.isOn(node)           // for whoever hands out work
 * Drain.end(node)            // it wants work again
 * ```
 *
 * It is a word, and nobody is ended by it: who hands out work asks. A release's `/ready` does, and its `drain` command sets it.
 */
import type { Node, ProcessCapability } from "../runtime/index.ts"
import { nodeOf } from "./node-of.ts"

const drainKey = Symbol.for("umbel.draining")

export interface DrainFunctions {
  begin(self: ProcessCapability | Node): void
  end(self: ProcessCapability | Node): void
  isOn(self: ProcessCapability | Node): boolean
}

export const Drain: DrainFunctions = {
  begin: (self) => void nodeOf(self).attachments.set(drainKey, true),
  end: (self) => void nodeOf(self).attachments.delete(drainKey),
  isOn: (self) => nodeOf(self).attachments.has(drainKey),
}
