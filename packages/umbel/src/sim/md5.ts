/**
 * MD5 (RFC 1321), for the handshake of simulated nodes: the one place where the protocol asks for a hash, and the simulator has no `node:crypto`.
 *
 * ```ts
 * md5(new TextEncoder().encode("abc"))    // 900150983cd24fb0d6963f7d28e17f72
 * ```
 *
 * It protects nothing here. On Node.js the platform's own is used.
 */

/** How far each of the 64 steps rotates: four amounts a round, four times over. */
const ROTATIONS: readonly (readonly number[])[] = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
]
/** The constants of the steps: the first 32 bits of the fractions of |sin(1)|, |sin(2)|, … (RFC 1321, 3.4). */
const SINES: readonly number[] = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32))

/** Which of the block's 16 words a step reads. */
const wordOf = (round: number, step: number): number => [step, 5 * step + 1, 3 * step + 5, 7 * step][round]! % 16

const mix = (round: number, b: number, c: number, d: number): number =>
  [(b & c) | (~b & d), (b & d) | (c & ~d), b ^ c ^ d, c ^ (b | ~d)][round]!

/** The 16 bytes of the digest. */
export function md5(bytes: Uint8Array): Uint8Array {
  const padded = pad(bytes)
  const view = new DataView(padded.buffer)
  const state: [number, number, number, number] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
  for (let at = 0; at < padded.length; at += 64) block(state, view, at)
  const digest = new Uint8Array(16)
  const out = new DataView(digest.buffer)
  for (const [i, word] of state.entries()) out.setUint32(4 * i, word >>> 0, true)
  return digest
}

/** A one bit, zeros, and the length in bits: a multiple of 64 bytes. */
function pad(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  new DataView(padded.buffer).setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n, true)
  return padded
}

function block(state: [number, number, number, number], view: DataView, at: number): void {
  let [a, b, c, d] = state
  for (let step = 0; step < 64; step++) {
    const round = step >> 4
    const word = view.getUint32(at + 4 * wordOf(round, step), true)
    const sum = (a + mix(round, b, c, d) + word + SINES[step]!) | 0
    const by = ROTATIONS[round]![step & 3]!
    a = d
    d = c
    c = b
    b = (b + ((sum << by) | (sum >>> (32 - by)))) | 0
  }
  state[0] = (state[0] + a) | 0
  state[1] = (state[1] + b) | 0
  state[2] = (state[2] + c) | 0
  state[3] = (state[3] + d) | 0
}
