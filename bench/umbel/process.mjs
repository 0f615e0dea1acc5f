/**
 * Work in a process: benchmarks call from inside, as systems do.
 */

/**
 * Runs `work` in a new process of `node`. Resolves with its outcome once the process has ended; rejects with what it threw.
 * @template T
 * @param {import("umbel").Node} node
 * @param {(self: import("umbel").Running) => Promise<T>} work
 * @returns {Promise<T>}
 */
export function inProcess(node, work) {
  return new Promise((resolve, reject) => {
    node.spawn(async (self) => {
      try {
        resolve(await work(self))
      } catch (error) {
        reject(error)
      }
    })
  })
}

/**
 * Nanoseconds of `work`.
 * @param {() => Promise<unknown> | void} work
 */
export async function timed(work) {
  const start = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - start)
}

/**
 * @param {unknown} got
 * @param {unknown} expected
 * @param {string} what
 */
export function verify(got, expected, what) {
  if (got !== expected) throw new Error(`${what}: expected ${expected}, got ${got}`)
}
