/**
 * Calls and casts to the counter, here or on another node. Each answers the nanoseconds it took, after it has seen that the counter went
 * up by exactly as many.
 */
import { atom } from "umbel"
import { COUNTER, cpuNanoseconds } from "./counter.mjs"
import { inProcess, timed, verify } from "./process.mjs"

/** @typedef {import("umbel").Node} Node */
/** @typedef {typeof COUNTER} Target */

/** Casts between two looks at whether the link is full. */
const CASTS_BETWEEN = 256
/** The same, where they are large. */
const BYTES_BETWEEN = 64 * 1024

/**
 * `count` calls by `callers` processes at a time.
 * @param {Node} node
 * @param {Target} target
 * @param {number} callers
 * @param {number} count
 */
export function increments(node, target, callers, count) {
  return counted(node, target, count, async () => {
    const all = []
    for (let caller = 0; caller < callers; caller++) {
      const share = Math.floor(count / callers) + (caller < count % callers ? 1 : 0)
      all.push(
        inProcess(node, async (self) => {
          for (let i = 0; i < share; i++) await self.call(target).increment(1)
        }),
      )
    }
    await Promise.all(all)
  })
}

/**
 * An object with an integer, a string and a list of strings, there and back.
 * @param {Node} node
 * @param {Target} target
 * @param {number} count
 */
export function echoes(node, target, count) {
  const name = "umbel"
  const tags = ["a", "b", "c"]
  return counted(node, target, count, () =>
    inProcess(node, async (self) => {
      for (let id = count; id > 0; id--) {
        const echo = await self.call(target).echo({ id, name, tags })
        if (echo.id !== id) throw new Error(`sent ${id}, and ${echo.id} came back`)
      }
    }),
  )
}

/**
 * Drained: the final call comes after all of them.
 * @param {Node} node
 * @param {Target} target
 * @param {number} count
 */
export function casts(node, target, count) {
  const abc = atom("abc")
  return counted(node, target, count, () =>
    inProcess(node, async (self) => {
      for (let sent = 1; sent <= count; sent++) {
        self.cast(target).msg(1, abc)
        if (sent % CASTS_BETWEEN === 0) await self.ready(target)
      }
      await self.call(target, { timeout: "infinity" }).get()
    }),
  )
}

/**
 * Casts that carry so many bytes, drained.
 * @param {Node} node
 * @param {Target} target
 * @param {number} count
 * @param {number} size
 */
export function blobs(node, target, count, size) {
  const bytes = new Uint8Array(size).fill(7)
  const between = Math.max(1, Math.floor(BYTES_BETWEEN / size))
  return counted(node, target, count, () =>
    inProcess(node, async (self) => {
      for (let sent = 1; sent <= count; sent++) {
        self.cast(target).blob(bytes)
        if (sent % between === 0) await self.ready(target)
      }
      await self.call(target, { timeout: "infinity" }).get()
    }),
  )
}

/**
 * Nanoseconds of CPU, of both nodes together, for what `work` does.
 * @param {Node} node
 * @param {Target} target
 * @param {() => Promise<unknown>} work
 */
export async function cpuOf(node, target, work) {
  const used = async () => cpuNanoseconds() + (await node.call(target).cpu())
  const before = await used()
  await work()
  return (await used()) - before
}

/**
 * @param {Node} node
 * @param {Target} target
 * @param {number} count
 * @param {() => Promise<unknown>} work
 */
async function counted(node, target, count, work) {
  const before = await node.call(target).get()
  const took = await timed(work)
  verify(await node.call(target).get(), before + count, "the counter")
  return took
}
