/** Short texts of ASCII only, which most are: cheaper put together here than by a TextDecoder. */

/** Characters that are put together at once: each piece costs as much as its characters. */
const PIECE = 8

/** The text of `n` bytes from `from` on, or undefined when one of them is beyond ASCII. */
export function asciiText(bytes: Uint8Array, from: number, n: number): string | undefined {
  const end = from + n
  let text = ""
  for (let at = from; at < end; at += PIECE) {
    const piece = end - at < PIECE ? shortPiece(bytes, at, end - at) : wholePiece(bytes, at)
    if (piece === "") return undefined
    // Nothing is added to nothing: V8 would look.
    text = at === from ? piece : text + piece
  }
  return text
}

function wholePiece(bytes: Uint8Array, at: number): string {
  const a = bytes[at]!
  const b = bytes[at + 1]!
  const c = bytes[at + 2]!
  const d = bytes[at + 3]!
  const e = bytes[at + 4]!
  const f = bytes[at + 5]!
  const g = bytes[at + 6]!
  const h = bytes[at + 7]!
  return (a | b | c | d | e | f | g | h) > 0x7f ? "" : String.fromCharCode(a, b, c, d, e, f, g, h)
}

/** One to seven characters, with as many arguments: an array of them would cost more than the rest. */
function shortPiece(bytes: Uint8Array, at: number, n: number): string {
  const a = bytes[at]!
  if (n === 1) return a > 0x7f ? "" : String.fromCharCode(a)
  const b = bytes[at + 1]!
  if (n === 2) return (a | b) > 0x7f ? "" : String.fromCharCode(a, b)
  const c = bytes[at + 2]!
  if (n === 3) return (a | b | c) > 0x7f ? "" : String.fromCharCode(a, b, c)
  const d = bytes[at + 3]!
  if (n === 4) return (a | b | c | d) > 0x7f ? "" : String.fromCharCode(a, b, c, d)
  const e = bytes[at + 4]!
  if (n === 5) return (a | b | c | d | e) > 0x7f ? "" : String.fromCharCode(a, b, c, d, e)
  const f = bytes[at + 5]!
  if (n === 6) return (a | b | c | d | e | f) > 0x7f ? "" : String.fromCharCode(a, b, c, d, e, f)
  const g = bytes[at + 6]!
  return (a | b | c | d | e | f | g) > 0x7f ? "" : String.fromCharCode(a, b, c, d, e, f, g)
}
