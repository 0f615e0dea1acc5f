import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  aliveRequest,
  type EpmdReply,
  EpmdReplyReader,
  type EpmdRequest,
  EpmdRequestReader,
  encodeEpmdReply,
  encodeEpmdRequest,
} from "../../src/wire/epmd.ts"
import { EpmdTable } from "../../src/wire/epmd-table.ts"
import { ProtocolError } from "../../src/wire/failures.ts"
import { expectSameForAnyCut, hex, join, toHex } from "./support.ts"

const name = fc
  .string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(..."abcz09-_é漢 ") })
  .filter((text) => text.trim() === text)
const u16 = fc.nat({ max: 0xffff })
const node = fc.record({
  name,
  port: u16,
  hidden: fc.boolean(),
  highest: u16,
  lowest: u16,
  extra: fc.uint8Array({ maxLength: 20 }),
})
const request: fc.Arbitrary<EpmdRequest> = fc.oneof(
  node.map((n) => ({ request: "alive" as const, ...n })),
  name.map((text) => ({ request: "port" as const, name: text })),
  name.map((text) => ({ request: "stop" as const, name: text })),
  fc.constantFrom<EpmdRequest>({ request: "names" }, { request: "dump" }, { request: "kill" }),
)
const reply: fc.Arbitrary<EpmdReply> = fc.oneof(
  fc.nat({ max: 0xffffffff }).map((creation) => ({ reply: "alive" as const, creation, wide: true })),
  fc.nat({ max: 0xffff }).map((creation) => ({ reply: "alive" as const, creation, wide: false })),
  fc.boolean().map((wide) => ({ reply: "alive" as const, creation: undefined, wide })),
  fc.option(node, { nil: undefined }).map((found) => ({ reply: "port" as const, found })),
  fc
    .record({ port: u16, nodes: fc.array(fc.record({ name, port: u16 }), { maxLength: 4 }) })
    .map((rest) => ({ reply: "names" as const, ...rest })),
)

const failure = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    if (error instanceof ProtocolError) return error.failure
    throw error
  }
  throw new Error("nothing was thrown")
}

describe("requests to epmd", () => {
  it("are these bytes", () => {
    const alive = aliveRequest({ name: "back", port: 0xabcd, hidden: true })
    expect(toHex(encodeEpmdRequest(alive))).toBe("001178abcd48000006000600046261636b0000")
    expect(toHex(encodeEpmdRequest({ request: "port", name: "back" }))).toBe("00057a6261636b")
    expect(toHex(encodeEpmdRequest({ request: "names" }))).toBe("00016e")
  })

  it("are read as they were written, for any cut", () => {
    fc.assert(
      fc.property(request, (value) => {
        const events = expectSameForAnyCut<EpmdRequest>(encodeEpmdRequest(value), () => {
          const reader = new EpmdRequestReader()
          return (chunk, all) => {
            const got = reader.receive(chunk)
            if (got !== undefined) all.push(got)
          }
        })
        expect(events).toEqual([value])
      }),
      { numRuns: 50 },
    )
  })

  it("come one to a connection: what follows is ignored", () => {
    const reader = new EpmdRequestReader()
    expect(reader.receive(hex("00016e 0001ff"))).toEqual({ request: "names" })
    expect(reader.receive(hex("ffffffff"))).toBeUndefined()
  })

  it("that are none are refused with a reason", () => {
    const read = (text: string) => failure(() => new EpmdRequestReader().receive(hex(text)))
    expect(read("0001ff")).toMatchObject({ reason: "epmd_malformed", detail: "it starts with 255" })
    expect(read("0000")).toMatchObject({ reason: "epmd_malformed", detail: "it ends after 0 bytes" })
    expect(read("00037a62c3")).toMatchObject({ detail: "a text that is no UTF-8" })
    expect(read("001178abcd48000006000600056261636b0000")).toMatchObject({ reason: "epmd_malformed" })
    expect(read("001178abcd480000060006000462610a6b0000")).toMatchObject({ detail: 'the name "ba\\nk"' })
    expect(read("ffff")).toMatchObject({ reason: "frame_too_large" })
  })

  it("never end in anything but a ProtocolError, whatever comes", () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(request, reply, change, (asked, answered, [at, mask]) => {
        const changed = (bytes: Uint8Array) => bytes.map((byte, i) => (i === at % bytes.length ? byte ^ mask : byte))
        const reader = new EpmdReplyReader(answered.reply)
        for (const read of [
          () => new EpmdRequestReader().receive(changed(encodeEpmdRequest(asked))),
          () => reader.receive(changed(encodeEpmdReply(answered))) ?? reader.end(),
        ]) {
          try {
            read()
          } catch (error) {
            if (!(error instanceof ProtocolError)) throw error
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  it("refuse names that epmd would not keep", () => {
    for (const bad of ["", "a\0", "a\nname b at port 1", "é".repeat(511)]) {
      expect(() => aliveRequest({ name: bad, port: 1, hidden: false })).toThrow(RangeError)
    }
  })
})

describe("replies of epmd", () => {
  it("as captured from OTP 25 are read", () => {
    expect(new EpmdReplyReader("alive").receive(hex("7600 6b02d1df"))).toEqual({
      reply: "alive",
      creation: 0x6b02d1df,
      wide: true,
    })
    expect(new EpmdReplyReader("alive").receive(hex("7601 00000063"))).toMatchObject({ creation: undefined })
    expect(new EpmdReplyReader("port").receive(hex("7701"))).toEqual({ reply: "port", found: undefined })
    expect(new EpmdReplyReader("port").receive(hex("7700 9c41 4d 00 0006 0005 0001 62 0000"))).toEqual({
      reply: "port",
      found: { name: "b", port: 40001, hidden: false, highest: 6, lowest: 5, extra: new Uint8Array(0) },
    })
  })

  it("are read as they were written, for any cut", () => {
    fc.assert(
      fc.property(reply, (value) => {
        const bytes = encodeEpmdReply(value)
        let reader: EpmdReplyReader | undefined
        const events = expectSameForAnyCut<EpmdReply>(bytes, () => {
          const mine = (reader = new EpmdReplyReader(value.reply))
          return (chunk, all) => {
            const got = mine.receive(chunk)
            if (got !== undefined) all.push(got)
          }
        })
        if (value.reply === "names") expect([...events, reader!.end()]).toEqual([value])
        else expect(events.slice(0, 1)).toEqual([value])
      }),
      { numRuns: 50 },
    )
  })

  it("that end too early or are none are refused with a reason", () => {
    expect(failure(() => new EpmdReplyReader("alive").receive(hex("48")))).toMatchObject({ reason: "epmd_malformed" })
    expect(failure(() => new EpmdReplyReader("port").receive(hex("48")))).toMatchObject({ reason: "epmd_malformed" })
    const cut = new EpmdReplyReader("port")
    expect(cut.receive(hex("7700 9c41"))).toBeUndefined()
    expect(failure(() => cut.end())).toMatchObject({ reason: "epmd_closed" })
    expect(failure(() => new EpmdReplyReader("names").end())).toMatchObject({ reason: "epmd_closed" })
    const lines = new EpmdReplyReader("names")
    lines.receive(join(hex("00001111"), new TextEncoder().encode("HTTP/1.1 400 Bad Request\n")))
    expect(failure(() => lines.end())).toMatchObject({ detail: 'the line "HTTP/1.1 400 Bad Request"' })
  })

  it("are bounded", () => {
    const reader = new EpmdReplyReader("names")
    const flood = () => {
      for (let i = 0; i < 100; i++) reader.receive(new Uint8Array(1024 * 1024))
    }
    expect(failure(flood)).toMatchObject({ reason: "epmd_too_large" })
  })
})

describe("the table of an epmd", () => {
  const back = { name: "back", port: 1, hidden: false, highest: 6, lowest: 6, extra: new Uint8Array(0) }

  it("gives a name to one node at a time", () => {
    const table = new EpmdTable()
    const first = table.register(back, 7)!
    expect(first.creation).toBe(7)
    expect(table.register({ ...back, port: 2 }, 8)).toBeUndefined()
    expect(table.lookup("back")?.port).toBe(1)
    table.unregister(first)
    expect(table.lookup("back")).toBeUndefined()
    const second = table.register({ ...back, port: 2 }, 8)
    // The first connection closes late: that does not take the name from the second one.
    table.unregister(first)
    expect(table.lookup("back")).toBe(second)
  })

  it("is bounded", () => {
    const table = new EpmdTable(2)
    expect(table.register({ ...back, name: "a" }, 1)).toBeDefined()
    expect(table.register({ ...back, name: "b" }, 1)).toBeDefined()
    expect(table.register({ ...back, name: "c" }, 1)).toBeUndefined()
  })

  it("answers", () => {
    const table = new EpmdTable()
    table.register(back, 7)
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
    expect(table.answer({ request: "names" }, 4369)).toEqual(
      join(hex("00001111"), new TextEncoder().encode("name back at port 1\n")),
    )
    expect(new EpmdReplyReader("port").receive(table.answer({ request: "port", name: "back" }, 1))).toEqual({
      reply: "port",
      found: back,
    })
    expect(toHex(table.answer({ request: "port", name: "x" }, 1))).toBe("7701")
    expect(toHex(table.answer({ request: "dump" }, 4369))).toBe("00001111")
    expect(text(table.answer({ request: "kill" }, 1))).toBe("NO")
    expect(text(table.answer({ request: "stop", name: "back" }, 1))).toBe("NOEXIST")
    expect(table.lookup("back")).toBeDefined()
  })
})
