/** Short texts of ASCII only, which most are: cheaper put together here than by a TextDecoder. */

/** The text of `n` bytes from `from` on, or undefined when one of them is beyond ASCII. */
export function asciiText(bytes: Uint8Array, from: number, n: number): string | undefined {
  const end = from + n
  let text = ""
  let at = from
  // Several at a time: each piece that is put together costs as much as its characters.
  for (; at + 7 < end; at += 8) {
    const a = bytes[at]!
    const b = bytes[at + 1]!
    const c = bytes[at + 2]!
    const d = bytes[at + 3]!
    const e = bytes[at + 4]!
    const f = bytes[at + 5]!
    const g = bytes[at + 6]!
    const h = bytes[at + 7]!
    if ((a | b | c | d | e | f | g | h) > 0x7f) return undefined
    text += String.fromCharCode(a, b, c, d, e, f, g, h)
  }
  if (at + 3 < end) {
    const a = bytes[at]!
    const b = bytes[at + 1]!
    const c = bytes[at + 2]!
    const d = bytes[at + 3]!
    if ((a | b | c | d) > 0x7f) return undefined
    text += String.fromCharCode(a, b, c, d)
    at += 4
  }
  for (; at < end; at++) {
    const byte = bytes[at]!
    if (byte > 0x7f) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}
