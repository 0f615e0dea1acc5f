/**
 * How much memory a process holds, guessed: V8 does not tell whose an object is.
 *
 * A process counts what its own object, its mailbox and its links cost, as measured over 100,000 of each, and a sample of its state: of a
 * collection the first few entries are looked at and stand for all. So a list of a million processes costs little, and a large state shows as
 * large. Instances of classes count as one small object, as looking into them could run their code.
 */
import { linkedPids, type Process } from "../runtime/index.ts"
import { isPlainObject, Tuple } from "../term/index.ts"
import { stateOf } from "./process-kind.ts"

/** Bytes of an idle server with its entry in the node's table. */
const PROCESS_BYTES = 440
/** Bytes of a message in a mailbox, beside what it holds. */
const ENVELOPE_BYTES = 56
/** Bytes of one of its links or monitors. */
const BOND_BYTES = 90
const OBJECT_BYTES = 56
const SLOT_BYTES = 16
/** Entries of a collection that stand for all of it. */
const SAMPLE = 6
/** Parts of one state that are looked at, at most. */
const PARTS_MAX = 200

/** Bytes. */
export function memoryOf(process: Process): number {
  const bonds =
    linkedPids(process).length + (process.extras?.monitors?.size ?? 0) + (process.extras?.watchers?.size ?? 0)
  const sampler = new Sampler()
  return (
    PROCESS_BYTES + process.size * ENVELOPE_BYTES + bonds * BOND_BYTES + Math.round(sampler.bytes(stateOf(process)))
  )
}

class Sampler {
  #parts = 0

  bytes(value: unknown): number {
    if (++this.#parts > PARTS_MAX) return 0
    if (typeof value === "string") return 16 + value.length
    if (typeof value !== "object" || value === null) return 0
    if (ArrayBuffer.isView(value)) return OBJECT_BYTES + value.byteLength
    if (Array.isArray(value)) return OBJECT_BYTES + this.#of(value, value.length)
    if (value instanceof Tuple) return OBJECT_BYTES + this.#of(value.elements, value.elements.length)
    if (value instanceof Map) return OBJECT_BYTES + this.#of(pairs(value), value.size)
    if (value instanceof Set) return OBJECT_BYTES + this.#of(value, value.size)
    if (isPlainObject(value)) {
      const descriptors = Object.values(Object.getOwnPropertyDescriptors(value))
      return OBJECT_BYTES + this.#of(values(descriptors), descriptors.length)
    }
    return OBJECT_BYTES
  }

  #of(entries: Iterable<unknown>, count: number): number {
    let looked = 0
    let bytes = 0
    for (const entry of entries) {
      bytes += SLOT_BYTES + this.bytes(entry)
      if (++looked === SAMPLE) break
    }
    return looked === 0 ? 0 : (bytes / looked) * count
  }
}

function* pairs(map: ReadonlyMap<unknown, unknown>): Iterable<unknown> {
  for (const [key, value] of map) yield [key, value]
}
/** No getter is run. */
function* values(descriptors: readonly PropertyDescriptor[]): Iterable<unknown> {
  for (const { value } of descriptors) yield value
}
