/**
 * Integers of any size, as bytes with the lowest first.
 *
 * Those of up to eight bytes are put together from two halves; longer ones go through hexadecimal text, whose cost grows with the
 * length and not with its square.
 */
import { INTEGER_BYTES_MAX, tooLongInteger } from "../term/index.ts"
import { INTEGER, LARGE_BIG, SMALL_BIG, SMALL_INTEGER } from "./tags.ts"
import type { Writer } from "./writer.ts"

/** Writes an integer in its shortest form. @throws NotATerm beyond {@link INTEGER_BYTES_MAX}. */
export function putBig(writer: Writer, n: bigint): void {
  if (n >= 0n && n <= 255n) {
    writer.u8(SMALL_INTEGER)
    writer.u8(Number(n))
  } else if (n >= -0x8000_0000n && n <= 0x7fff_ffffn) {
    writer.u8(INTEGER)
    writer.u32(Number(n))
  } else {
    const hex = (n < 0n ? -n : n).toString(16)
    const size = (hex.length + 1) >> 1
    if (size > INTEGER_BYTES_MAX) throw tooLongInteger()
    writer.u8(size < 256 ? SMALL_BIG : LARGE_BIG)
    if (size < 256) writer.u8(size)
    else writer.u32(size)
    writer.u8(n < 0n ? 1 : 0)
    for (let end = hex.length; end > 0; end -= 2) writer.u8(Number.parseInt(hex.slice(Math.max(0, end - 2), end), 16))
  }
}

/** The integer of `size` bytes at `at`: a number when that is safe. */
export function bigAt(bytes: Uint8Array, at: number, size: number, negative: boolean): number | bigint {
  let end = at + size
  while (end > at && bytes[end - 1] === 0) end--
  if (end - at <= 8) {
    let low = 0
    let high = 0
    for (let i = Math.min(end, at + 4) - 1; i >= at; i--) low = low * 256 + bytes[i]!
    for (let i = end - 1; i >= at + 4; i--) high = high * 256 + bytes[i]!
    if (high < 0x20_0000) {
      const n = high * 0x1_0000_0000 + low
      return negative && n !== 0 ? -n : n
    }
    const n = (BigInt(high) << 32n) | BigInt(low)
    return negative ? -n : n
  }
  let hex = "0x"
  for (let i = end - 1; i >= at; i--) hex += (bytes[i]! + 256).toString(16).slice(1)
  return negative ? -BigInt(hex) : BigInt(hex)
}
