/**
 * How much memory a process holds, estimated by walking its state and its mailbox, within bounds.
 *
 * ```ts
 * memoryOf(process)    // { bytes: 1_240, cut: false }
 * ```
 *
 * Sizes are those of V8 with 64-bit pointers. Of long lists the first {@link SAMPLED} items are measured and the rest taken to be like them; after
 * {@link OBJECTS_MAX} objects it stops (`cut`). What is shared with others (a `share`d term, a constant) counts for each who holds it; what only a closure
 * holds (the variables of a spawned function, a pending promise) is not seen. The exact size comes from a snapshot of the heap: `retained`.
 */
import { Node, Process } from "../../runtime/index.ts"
import { isAtom, Pid, Ref } from "../../term/index.ts"
import { Server } from "../server.ts"

export interface MemoryEstimate {
  readonly bytes: number
  /** It stopped at its bound: there is more. */
  readonly cut: boolean
}

/** Items of a list or map that are measured; the rest are taken to be like them. */
const SAMPLED = 64
const OBJECTS_MAX = 2_000
/** A process with its pid, its place in the table and one link: measured at 335 to 355 bytes. */
const RECORD = 350
const EXTRAS = 160
const ENVELOPE = 56

class Walk {
  readonly #seen = new Set<object>()
  #left: number
  cut = false

  constructor(objectsMax: number) {
    this.#left = objectsMax
  }

  size(value: unknown): number {
    switch (typeof value) {
      case "string":
        return 16 + ((value.length + 7) & ~7)
      case "number":
        return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 0 : 16
      case "bigint":
        return 24
      case "function":
        return 64
      case "object":
        return value === null ? 0 : this.#object(value)
      default:
        return 0
    }
  }

  #object(value: object): number {
    if (isAtom(value) || value instanceof Process || value instanceof Node) return 0
    if (value instanceof Pid || value instanceof Ref) return 96
    if (this.#seen.has(value)) return 0
    if (this.#left-- <= 0) {
      this.cut = true
      return 0
    }
    this.#seen.add(value)
    if (ArrayBuffer.isView(value)) return 120 + value.byteLength
    if (value instanceof ArrayBuffer) return 120 + value.byteLength
    if (Array.isArray(value)) return 48 + 8 * value.length + this.#sampled(value, value.length)
    if (value instanceof Map) return 64 + 44 * value.size + this.#pairs(value)
    if (value instanceof Set) return 64 + 30 * value.size + this.#sampled(value, value.size)
    if (value instanceof Date) return 96
    const fields = Object.values(value)
    return 24 + 8 * fields.length + this.#sampled(fields, fields.length)
  }

  #sampled(items: Iterable<unknown>, count: number): number {
    let bytes = 0
    let seen = 0
    for (const item of items) {
      if (seen === SAMPLED || this.#left <= 0) break
      bytes += this.size(item)
      seen++
    }
    return this.#whole(bytes, seen, count)
  }
  #pairs(map: Map<unknown, unknown>): number {
    let bytes = 0
    let seen = 0
    for (const [key, value] of map) {
      if (seen === SAMPLED || this.#left <= 0) break
      bytes += this.size(key) + this.size(value)
      seen++
    }
    return this.#whole(bytes, seen, map.size)
  }
  #whole(bytes: number, seen: number, count: number): number {
    if (seen === count) return bytes
    if (seen < SAMPLED) this.cut = true
    return seen === 0 ? 0 : Math.round((bytes / seen) * count)
  }
}

/** `objectsMax`: fewer for very many processes. Never throws, and runs no code of users but getters of their own objects. */
export function memoryOf(process: Process, objectsMax = OBJECTS_MAX): MemoryEstimate {
  const walk = new Walk(objectsMax)
  let bytes = RECORD
  try {
    if (process instanceof Server) bytes += walk.size(process.sysState)
    const { extras } = process
    if (extras !== undefined) bytes += EXTRAS + walk.size(extras.dictionary) + walk.size(extras.label)
    bytes += mailbox(walk, process)
  } catch {
    // A proxy or a getter that throws: what was measured so far is a part.
    walk.cut = true
  }
  return { bytes: Math.round(bytes), cut: walk.cut }
}

function mailbox(walk: Walk, process: Process): number {
  let bytes = 0
  let seen = 0
  for (let envelope = process.head; envelope !== undefined && seen < SAMPLED; envelope = envelope.next) {
    bytes += ENVELOPE + ("value" in envelope ? walk.size(envelope.value) : walk.size(envelope.args))
    seen++
  }
  return seen === 0 ? 0 : (bytes / seen) * process.size
}
