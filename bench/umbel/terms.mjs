/** Encoding and decoding the sample, by the functions that everybody calls: `encode(term)` and `decode(bytes)`. */
import { equal } from "umbel"
import { decode, encode } from "umbel/etf"
import { timed, verify } from "./process.mjs"
import { SAMPLE, SAMPLE_BYTES } from "./sample.mjs"

/**
 * @param {{ direction: "encode" | "decode" }} args
 * @returns {import("../worker.mjs").Job}
 */
export function start({ direction }) {
  const bytes = encode(SAMPLE)
  verify(bytes.length, SAMPLE_BYTES, "bytes of the sample")
  verify(equal(decode(bytes), SAMPLE), true, "the sample, encoded and decoded, is itself")
  return { run: direction === "encode" ? encodeSample : (count) => decodeSample(bytes, count) }
}

/** @param {number} count */
async function encodeSample(count) {
  let length = 0
  const took = await timed(() => {
    for (let i = 0; i < count; i++) length += encode(SAMPLE).length
  })
  verify(length, count * SAMPLE_BYTES, "bytes encoded")
  return took
}

/**
 * @param {Uint8Array} bytes
 * @param {number} count
 */
async function decodeSample(bytes, count) {
  let elements = 0
  const took = await timed(() => {
    for (let i = 0; i < count; i++) elements += /** @type {import("umbel").Tuple} */ (decode(bytes)).elements.length
  })
  verify(elements, count * SAMPLE.elements.length, "elements decoded")
  return took
}
