/**
 * Room for bytes that are about to be written. Where Node.js is, it is not filled with zeroes first, which for large messages costs as much as the copy
 * that follows.
 */
const buffers = (globalThis as { Buffer?: { allocUnsafeSlow(n: number): Uint8Array<ArrayBuffer> } }).Buffer

/** Below that zeroes cost next to nothing. */
const LARGE = 4 * 1024

/** `n` bytes of anything: never give out one that was not written. */
export function roomFor(n: number): Uint8Array {
  return n < LARGE || buffers === undefined ? new Uint8Array(n) : new Uint8Array(buffers.allocUnsafeSlow(n).buffer)
}

interface Node {
  getBuiltinModule?(name: "node:worker_threads"): { markAsUntransferable(memory: ArrayBuffer): void } | undefined
}
const node = (globalThis as { process?: Node }).process

/**
 * Memory in which the bytes of many may lie side by side, `n` bytes of anything: marked, so that nobody can give it away to another thread, and the
 * bytes of all others with it. Undefined where it cannot be marked.
 */
export function commonMemory(n: number): ArrayBuffer | undefined {
  const threads = node?.getBuiltinModule?.("node:worker_threads")
  if (threads === undefined || buffers === undefined) return undefined
  const { buffer } = buffers.allocUnsafeSlow(n)
  threads.markAsUntransferable(buffer)
  return buffer
}
