/** JSON to bytes and from bytes, in the same Node.js, of the same data. `Buffer` is the fastest way to bytes and back. */
import { timed, verify } from "../umbel/process.mjs"
import { JSON_SAMPLE } from "../umbel/sample.mjs"

/**
 * @param {{ direction: "encode" | "decode" }} args
 * @returns {import("../worker.mjs").Job}
 */
export function start({ direction }) {
  const bytes = Buffer.from(JSON.stringify(JSON_SAMPLE))
  return {
    run: direction === "encode" ? (count) => encodeSample(bytes.length, count) : (count) => decodeSample(bytes, count),
  }
}

/**
 * @param {number} bytes
 * @param {number} count
 */
async function encodeSample(bytes, count) {
  let length = 0
  const took = await timed(() => {
    for (let i = 0; i < count; i++) length += Buffer.from(JSON.stringify(JSON_SAMPLE)).length
  })
  verify(length, count * bytes, "bytes encoded")
  return took
}

/**
 * @param {Buffer} bytes
 * @param {number} count
 */
async function decodeSample(bytes, count) {
  let elements = 0
  const took = await timed(() => {
    for (let i = 0; i < count; i++) elements += JSON.parse(bytes.toString()).length
  })
  verify(elements, count * JSON_SAMPLE.length, "elements decoded")
  return took
}
