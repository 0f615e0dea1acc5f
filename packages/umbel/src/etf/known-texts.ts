/**
 * Short texts that were read before, found by their bytes: the same few come again and again (a state, a city, a tag), and to find one costs a third of
 * putting it together. Engines do so for the short strings of JSON.
 *
 * ```ts
 * const texts = new KnownTexts()
 * texts.read(bytes, from, n)   // the text of n bytes of ASCII, known or new; undefined when one of them is beyond ASCII
 * ```
 *
 * Slots by hash, each overwritten by the next text that falls into it, so it never grows. Where hardly any text comes again it stops looking for a while.
 */
import { asciiText } from "./ascii.ts"

/** Longer ones seldom come again. In bytes: four words. */
const BYTES_MAX = 16
/** A power of two; some 60 KB in all. */
const SLOTS = 1024
const SLOT_BITS = 10
const BEYOND_ASCII = 0x80808080 | 0

/** Each text that was found pays for one that was not; who is in debt reads so many texts without looking. */
const CREDIT = 64
const PAUSE = 1024

/** A text and its bytes in words, the last one filled up with zeros. None ends in a zero: so two texts never have the same words. */
interface Slot {
  text: string
  a: number
  b: number
  c: number
  d: number
}

export class KnownTexts {
  private readonly slots: readonly Slot[] = Array.from({ length: SLOTS }, () => ({ text: "", a: 0, b: 0, c: 0, d: 0 }))
  private credit = CREDIT
  private pause = 0

  read(bytes: Uint8Array, from: number, n: number): string | undefined {
    if (n > BYTES_MAX) return asciiText(bytes, from, n)
    if (n === 0) return ""
    if (this.pause > 0) {
      this.pause--
      return asciiText(bytes, from, n)
    }
    const a = word(bytes, from, n)
    const b = n > 4 ? word(bytes, from + 4, n - 4) : 0
    const c = n > 8 ? word(bytes, from + 8, n - 8) : 0
    const d = n > 12 ? word(bytes, from + 12, n - 12) : 0
    if (((a | b | c | d) & BEYOND_ASCII) !== 0) return undefined
    const mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ d
    const slot = this.slots[Math.imul(mixed, 0x9e3779b1) >>> (32 - SLOT_BITS)]!
    if (slot.a === a && slot.b === b && slot.c === c && slot.d === d && bytes[from + n - 1] !== 0) {
      if (this.credit < CREDIT) this.credit++
      return slot.text
    }
    const text = asciiText(bytes, from, n)!
    if (bytes[from + n - 1] !== 0) {
      slot.text = text
      slot.a = a
      slot.b = b
      slot.c = c
      slot.d = d
    }
    if (--this.credit === 0) {
      this.credit = CREDIT
      this.pause = PAUSE
    }
    return text
  }
}

/** The next four of `n` bytes, or as many as there are, with zeros behind. */
function word(bytes: Uint8Array, at: number, n: number): number {
  if (n >= 4) return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  let rest = bytes[at]! << 24
  if (n > 1) rest |= bytes[at + 1]! << 16
  if (n > 2) rest |= bytes[at + 2]! << 8
  return rest
}
