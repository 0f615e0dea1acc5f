import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ProtocolError } from "../../src/wire/failures.ts"
import { Deframer, frame16 } from "../../src/wire/frame.ts"
import { expectSameForAnyCut, hex, join, toHex } from "./support.ts"

const frame32 = (body: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(4 + body.length)
  new DataView(bytes.buffer).setUint32(0, body.length)
  bytes.set(body, 4)
  return bytes
}

const collect = (header: 2 | 4, limit: number) => () => {
  const frames = new Deframer(header, limit)
  return (chunk: Uint8Array, events: string[]) => {
    frames.feed(chunk)
    while (frames.next()) events.push(toHex(frames.bytes.slice(frames.start, frames.end)))
  }
}

describe("frames", () => {
  it("are the same for any cut of the bytes, with lengths of two and of four bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (bodies) => {
        const expected = bodies.map(toHex)
        expect(expectSameForAnyCut(join(...bodies.map(frame16)), collect(2, 1000))).toEqual(expected)
        expect(expectSameForAnyCut(join(...bodies.map(frame32)), collect(4, 1000))).toEqual(expected)
      }),
      { numRuns: 20 },
    )
  })

  it("read lengths of four bytes without a sign", () => {
    const frames = new Deframer(4, 1000)
    frames.feed(hex("ffffffff"))
    expect(() => frames.next()).toThrow("4294967295 bytes exceeds the limit of 1000")
  })

  it("beyond the limit are refused as soon as their length is known, whole or cut", () => {
    for (const chunks of [["00000005 0000"], ["00", "000005"]]) {
      const frames = new Deframer(4, 4)
      let error: unknown
      try {
        for (const chunk of chunks) {
          frames.feed(hex(chunk))
          frames.next()
        }
      } catch (thrown) {
        error = thrown
      }
      expect(error).toBeInstanceOf(ProtocolError)
      expect((error as ProtocolError).failure).toEqual({ reason: "frame_too_large", bytes: 5, limit: 4 })
    }
    const frames = new Deframer(4, 4)
    frames.feed(hex("00000004 01020304"))
    expect(frames.next()).toBe(true)
  })

  it("that are whole in a chunk lie in that chunk, without a copy", () => {
    const frames = new Deframer(2, 10)
    const chunk = hex("0001 aa 0002 bbcc 0003 dd")
    frames.feed(chunk)
    expect([frames.next(), frames.start, frames.end, frames.bytes === chunk]).toEqual([true, 2, 3, true])
    expect([frames.next(), frames.start, frames.end, frames.bytes === chunk]).toEqual([true, 5, 7, true])
    expect(frames.next()).toBe(false)
  })

  it("of megabytes in thousands of chunks are moved a bounded number of times", () => {
    // The buffer may be replaced only when it doubles: as often as the size has binary digits.
    const size = 8 * 1024 * 1024
    const frames = new Deframer(4, size)
    frames.feed(hex("00800000"))
    expect(frames.next()).toBe(false)
    const chunk = new Uint8Array(1024).fill(7)
    const buffers = new Set<unknown>()
    for (let i = 0; i < size / chunk.length; i++) {
      frames.feed(chunk)
      expect(frames.next()).toBe(i === size / chunk.length - 1)
      buffers.add((frames as unknown as { held: unknown }).held)
    }
    expect(frames.end - frames.start).toBe(size)
    expect(frames.bytes.subarray(frames.start, frames.end).every((byte) => byte === 7)).toBe(true)
    expect(buffers.size).toBeLessThan(25)
  })

  it("announced as large cost no memory before they come", () => {
    const frames = new Deframer(4, 0xffffffff)
    frames.feed(hex("f0000000 0102"))
    expect(frames.next()).toBe(false)
    expect((frames as unknown as { held: Uint8Array }).held.length).toBeLessThan(1000)
  })

  it("have to be taken before the next chunk comes", () => {
    const frames = new Deframer(2, 10)
    frames.feed(hex("0001 aa 0001 bb"))
    frames.next()
    expect(() => frames.feed(hex("00"))).toThrow("before all frames")
  })

  it("give the rest of the chunk to whoever reads on", () => {
    const frames = new Deframer(2, 10)
    frames.feed(hex("0001 aa 00000000"))
    frames.next()
    expect(toHex(frames.rest())).toBe("00000000")
    expect(frames.next()).toBe(false)
  })

  it("of the handshake are at most 65535 bytes", () => {
    expect(frame16(new Uint8Array(65535)).length).toBe(65537)
    expect(() => frame16(new Uint8Array(65536))).toThrow(RangeError)
  })
})
