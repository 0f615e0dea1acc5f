/** The framings of ports: any cut of the bytes gives the same messages, and nothing longer than allowed gets through. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { framed, type Packet, PacketReader, PacketTooLarge, packetLimit } from "../../src/nodejs/port-framing.ts"
import { bytes } from "../../src/term/index.ts"

const LIMIT = 255
const join = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]))
/** Everything the reader gives, when the bytes come in chunks that end at `cuts`. */
const read = (packet: Packet, all: Uint8Array, cuts: readonly number[], eager = true): Uint8Array[] => {
  const reader = new PacketReader(packet, LIMIT)
  const messages: Uint8Array[] = []
  const take = (): void => {
    for (let next = reader.next(); next !== undefined; next = reader.next()) messages.push(next)
  }
  let from = 0
  for (const cut of [...new Set([...cuts, all.length])].filter((cut) => cut <= all.length).sort((a, b) => a - b)) {
    reader.push(all.subarray(from, cut))
    from = cut
    if (eager) take()
  }
  take()
  const rest = reader.end()
  return rest === undefined ? messages : [...messages, rest]
}

const message = fc.uint8Array({ maxLength: LIMIT })
const cuts = fc.array(fc.nat(2_000))

describe.each([1, 2, 4] as const)("packets with a length of %i bytes", (packet) => {
  test("are what was framed, wherever the bytes are cut, and whenever they are asked for", () => {
    fc.assert(
      fc.property(fc.array(message), cuts, fc.boolean(), (messages, cuts, eager) => {
        const all = join(messages.map((one) => framed(packet, one, LIMIT)))
        expect(read(packet, all, cuts, eager)).toEqual(messages)
      }),
    )
  })
  test("byte by byte", () => {
    const messages = [bytes("one"), bytes(""), bytes("three")]
    const all = join(messages.map((one) => framed(packet, one, LIMIT)))
    expect(read(packet, all, [...all.keys()])).toEqual(messages)
  })
  test("beyond the limit are refused, out and in, by size", () => {
    expect(() => framed(packet, new Uint8Array(11), 10)).toThrow(new PacketTooLarge(11, 10, "a message of 11 bytes"))
    const reader = new PacketReader(packet, 10)
    reader.push(framed(packet, new Uint8Array(11), 255).subarray(0, packet))
    expect(() => reader.next()).toThrow(new PacketTooLarge(11, 10, "a packet of 11 bytes is announced"))
  })
})

test("a length has as many bytes as it is said to have", () => {
  expect([...framed(1, new Uint8Array(2), 255)]).toEqual([2, 0, 0])
  expect([...framed(2, new Uint8Array(2), 255)]).toEqual([0, 2, 0, 0])
  expect([...framed(4, new Uint8Array(2), 255)]).toEqual([0, 0, 0, 2, 0, 0])
  expect(framed(4, new Uint8Array(70_000), 1e6).subarray(0, 4)).toEqual(Uint8Array.of(0, 1, 17, 112))
  expect([1, 2, 4, "line", "raw"].map((packet) => packetLimit(packet as Packet))).toEqual([
    255,
    65_535,
    2 ** 32 - 1,
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ])
})

test("text where a length is due is shown as text", () => {
  const reader = new PacketReader(4, 1 << 20)
  reader.push(bytes("Hello, world!\n"))
  expect(() => reader.next()).toThrow(
    'a packet of 1214606444 bytes is announced by bytes that are text, "Hello, world!\\n": does the program print to its standard output?; at most 1048576 bytes',
  )
})

describe("lines", () => {
  const line = fc.uint8Array({ maxLength: LIMIT }).map((one) => one.filter((byte) => byte !== 10))
  test("are what was framed, wherever the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(line), cuts, (lines, cuts) => {
        const all = join(lines.map((one) => framed("line", one, LIMIT)))
        expect(read("line", all, cuts)).toEqual(lines)
      }),
    )
  })
  test("the last needs no line end", () => {
    expect(read("line", bytes("a\n\nb"), [1])).toEqual([bytes("a"), bytes(""), bytes("b")])
  })
  test("with a line end inside, or too long, are none", () => {
    expect(() => framed("line", bytes("a\nb"), 10)).toThrow("a line has no line end in it")
    const reader = new PacketReader("line", 10)
    reader.push(new Uint8Array(11))
    expect(() => reader.next()).toThrow("a line of 11 bytes or more; at most 10 bytes are allowed")
  })
})

test("raw bytes come as they come, in one piece where they can", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), cuts, (all, cuts) => {
      const pieces = read("raw", all, cuts)
      expect(join(pieces)).toEqual(all)
      expect(pieces.every(({ length }) => length > 0 && length <= LIMIT)).toBe(true)
    }),
  )
})

test("a message is its taker's own, and half a packet is held", () => {
  const reader = new PacketReader(1, 255)
  reader.push(Uint8Array.of(1, 7, 1, 8, 5, 9))
  const first = reader.next()
  first?.fill(0)
  expect(reader.next()).toEqual(Uint8Array.of(8))
  expect([reader.next(), reader.end(), reader.held]).toEqual([undefined, undefined, 2])
})
