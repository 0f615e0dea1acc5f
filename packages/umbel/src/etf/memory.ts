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
