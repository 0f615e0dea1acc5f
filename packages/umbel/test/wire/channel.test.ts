import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { AtomBudget, LIMITS } from "../../src/etf/index.ts"
import { atom, makePid, makeRef, NotATerm, tuple } from "../../src/term/index.ts"
import { Channel, type ChannelOptions } from "../../src/wire/channel.ts"
import type { Control } from "../../src/wire/control.ts"
import { NotNegotiated } from "../../src/wire/control-writer.ts"
import { ProtocolError } from "../../src/wire/failures.ts"
import { announced, type FlagName, flag } from "../../src/wire/flags.ts"
import { type Message, message, term } from "./controls.ts"
import { expectSameForAnyCut, hex, join, toHex } from "./support.ts"

const A = makePid("a@h", 1, 2, 3)
const B = makePid("b@h", 4, 5, 6)
const R = makeRef("a@h", 3, [7, 8, 9])

const PID_A = "58 7703614068 00000001 00000002 00000003"
const PID_B = "58 7703624068 00000004 00000005 00000006"

const flagsOf = (...without: FlagName[]) => announced({ without })
/** The three framings: headers with a cache, headers without, none. */
const FRAMINGS = [
  ["with a header and cached atoms", flagsOf()],
  ["with a header", flagsOf("DIST_HDR_ATOM_CACHE")],
  ["without a header", flagsOf("DIST_HDR_ATOM_CACHE", "FRAGMENTS")],
] as const
const PLAIN = FRAMINGS[2][1]

const channel = (options: Partial<ChannelOptions> = {}) =>
  new Channel({ flags: announced(), profile: "umbel", ...options })

/** A frame of the bytes that these digits stand for. */
const frame = (text: string): Uint8Array => {
  const body = hex(text)
  const bytes = new Uint8Array(4 + body.length)
  new DataView(bytes.buffer).setUint32(0, body.length)
  bytes.set(body, 4)
  return bytes
}

const receive = (to: Channel, ...chunks: Uint8Array[]): Message[] => {
  const messages: Message[] = []
  for (const chunk of chunks) to.receive(chunk, (control, payload) => messages.push([control, payload]))
  return messages
}

const failure = (to: Channel, ...chunks: Uint8Array[]): unknown => {
  try {
    receive(to, ...chunks)
  } catch (error) {
    if (error instanceof ProtocolError) return error.failure
    throw error
  }
  throw new Error("nothing was thrown")
}

describe.each(FRAMINGS)("a channel %s", (_, flags) => {
  it("brings every message to the other end, for any cut of the bytes", () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), (messages) => {
        const all = (flags | flag("ALTACT_SIG")) & ~flag("UMBEL")
        const out = channel({ flags: all })
        for (const [control, payload] of messages) out.write(control, payload)
        out.tick()
        const expected = messages.map(([control, payload]) => [
          control.op === "aliasSend" ? { ...control, op: "altact", priority: false, exit: false } : control,
          payload,
        ])
        const heard = expectSameForAnyCut<unknown>(out.take(), () => {
          const to = channel({ flags: all })
          return (chunk, events) =>
            to.receive(
              chunk,
              (control, payload) => events.push([control, payload]),
              () => events.push("tick"),
            )
        })
        expect(heard).toEqual([...expected, "tick"])
      }),
      { numRuns: 20 },
    )
  })

  it("brings large messages whole", () => {
    const data = new Uint8Array(300_000).map((_, i) => i * 31)
    const payload = tuple(atom("big"), data, "x".repeat(100_000))
    const out = channel({ flags })
    out.write({ op: "send", from: A, to: B }, payload)
    out.write({ op: "exit", from: A, to: B, reason: "y".repeat(70_000) })
    out.write({ op: "send", from: A, to: B }, "small")
    const [large, exit, small] = receive(channel({ flags }), out.take()) as [Message, Message, Message]
    const [tag, bytes, text] = (large[1] as typeof payload).elements
    // Compared as buffers: the matcher for arrays would take seconds.
    expect([tag, Buffer.compare(bytes, data), text]).toEqual([atom("big"), 0, "x".repeat(100_000)])
    expect(exit).toEqual([{ op: "exit", from: A, to: B, reason: "y".repeat(70_000), token: undefined }, undefined])
    expect(small).toEqual([{ op: "send", from: A, to: B, token: undefined }, "small"])
  })

  it("never throws anything but ProtocolError at bytes that were changed on the way", () => {
    const change = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 })
    let refused = 0
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 3 }), change, (messages, changes) => {
        const all = (flags | flag("ALTACT_SIG")) & ~flag("UMBEL")
        const out = channel({ flags: all })
        for (const [control, payload] of messages) out.write(control, payload)
        const bytes = out.take()
        for (const [at, mask] of changes) bytes[at % bytes.length]! ^= mask
        try {
          receive(channel({ flags: all, limits: { frameBytes: 1000 } }), bytes)
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error
          expect(error.message.length).toBeGreaterThan(30)
          refused++
        }
      }),
      { numRuns: 1500 },
    )
    expect(refused).toBeGreaterThan(300)
  })
})

describe("a channel", () => {
  it("never throws anything but ProtocolError at frames that nobody sane would send", () => {
    // Beginnings that lead deep into the decoders: headers, caches, fragments, control messages.
    const beginning = fc.constantFrom(
      "83 44",
      "83 44 01 08 05 01 61",
      "83 44 00 68 03 61",
      `83 44 00 6803 6116 ${PID_A} ${PID_B}`,
      "83 44 00 6805 6125 61",
      "83 45",
      `83 45 0000000000000001 0000000000000002 00 6803 6116 ${PID_A} ${PID_B}`,
      "83 46 0000000000000001 0000000000000001",
      "83 46 0000000000000001",
    )
    const body = fc.tuple(beginning, fc.uint8Array({ maxLength: 30 })).map(([text, noise]) => text + toHex(noise))
    let refused = 0
    fc.assert(
      fc.property(fc.array(body, { minLength: 1, maxLength: 4 }), (bodies) => {
        try {
          receive(channel({ limits: { fragmentBytes: 100 } }), ...bodies.map(frame))
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error
          refused++
        }
      }),
      { numRuns: 3000 },
    )
    expect(refused).toBeGreaterThan(1000)
  })

  it("writes these bytes", () => {
    const written = (flags: bigint, control: Control, payload?: unknown) => {
      const out = channel({ flags, profile: "beam" })
      out.write(control, payload)
      return toHex(out.take())
    }
    const plain = (text: string) => toHex(frame(text))
    const send: Control = { op: "send", from: A, to: B }
    const link: Control = { op: "link", from: A, to: B }
    expect(written(announced(), send, 7)).toBe(plain(`83 44 00 6803 6116 ${PID_A} ${PID_B} 6107`))
    expect(written(announced(), link)).toBe(plain(`83 44 00 6803 6101 ${PID_A} ${PID_B}`))
    expect(written(PLAIN, send, 7)).toBe(plain(`70 83 6803 6116 ${PID_A} ${PID_B} 83 6107`))
    expect(written(PLAIN, link)).toBe(plain(`70 83 6803 6101 ${PID_A} ${PID_B}`))
    const out = channel()
    out.tick()
    expect(toHex(out.take())).toBe("00000000")
  })

  it("keeps what it wrote until that is taken, and counts bytes both ways", () => {
    const out = channel()
    expect(out.pending).toBe(0)
    out.write({ op: "link", from: A, to: B })
    const { pending } = out
    out.write({ op: "link", from: A, to: B })
    expect(out.pending).toBe(2 * pending)
    const bytes = out.take()
    const copy = bytes.slice()
    expect([bytes.length, out.pending, out.bytesOut]).toEqual([2 * pending, 0, 2 * pending])
    // What was taken is the taker's: later writing does not touch it.
    out.write({ op: "unlinkId", id: 9, from: B, to: A })
    expect(bytes).toEqual(copy)
    const to = channel()
    receive(to, bytes)
    expect(to.bytesIn).toBe(2 * pending)
  })

  it("gives large buffers away and writes on in a new one", () => {
    const out = channel()
    out.write({ op: "send", from: A, to: B }, "x".repeat(200_000))
    const bytes = out.take()
    const copy = bytes.slice()
    out.write({ op: "send", from: A, to: B }, "y".repeat(200_000))
    expect(Buffer.compare(bytes, copy)).toBe(0)
    expect(receive(channel(), bytes, out.take()).map(([, payload]) => (payload as string)[0])).toEqual(["x", "y"])
  })

  it("refuses what cannot travel, tells where it sits, and leaves the buffer as it was", () => {
    const flags = announced({ without: ["ALTACT_SIG"] })
    const out = channel({ atoms: new AtomBudget(10_000), profile: "beam", flags })
    out.write({ op: "link", from: A, to: B })
    const { pending } = out
    const send: Control = { op: "send", from: A, to: B }
    expect(() => out.write(send, ["fine", { socket: () => 0 }])).toThrow(NotATerm)
    expect(() => out.write(send, ["fine", { socket: () => 0 }])).toThrow("message[1].socket cannot be sent")
    expect(() => out.write({ op: "exit", from: A, to: B, reason: [Number.NaN] })).toThrow("reason[0] cannot be sent")
    expect(() => out.write({ op: "altact", priority: true, exit: false, from: A, to: B }, 1)).toThrow(NotNegotiated)
    expect(() => out.write({ op: "link", from: A, to: R as never })).toThrow(TypeError)
    expect(out.pending).toBe(pending)
    expect(receive(channel({ profile: "beam" }), out.take())).toHaveLength(1)
  })

  it("delivers what came before the bytes that break the protocol, and then takes no more", () => {
    const to = channel()
    const heard: Control[] = []
    const bytes = join(frame(`83 44 00 6803 6101 ${PID_A} ${PID_B}`), frame("83 44 00 6803 6109 6101 6101"))
    expect(() => to.receive(bytes, (control) => heard.push(control))).toThrow("control message 9 is unknown")
    expect(heard).toHaveLength(1)
    expect(() => to.receive(hex("00000000"), () => {})).toThrow("the channel is closed")
  })

  it("reads old forms at any time, and large frames that are not cut", () => {
    const old = frame(`83 44 00 6804 6103 ${PID_A} ${PID_B} 6107`)
    expect(receive(channel(), old)).toEqual([[{ op: "exit", from: A, to: B, reason: 7, token: undefined }, undefined]])
    const large = `6d 00020000 ${"ab".repeat(0x20000)}`
    const [[control, payload]] = receive(channel(), frame(`83 44 00 6803 6102 7700 ${PID_B} ${large}`)) as [Message]
    expect(control).toMatchObject({ op: "send", from: undefined })
    expect(payload).toHaveLength(0x20000)
  })

  it("ignores bytes behind the last term, as the BEAM does", () => {
    expect(receive(channel(), frame(`83 44 00 6803 6101 ${PID_A} ${PID_B} ff`))).toHaveLength(1)
    expect(receive(channel(), frame(`83 44 00 6803 6116 ${PID_A} ${PID_B} 6107 ff`))).toHaveLength(1)
  })

  it("refuses malformed frames, each with its reason", () => {
    const header = (text: string) => failure(channel(), frame(text))
    const bare = (text: string) => failure(channel({ flags: PLAIN }), frame(text))
    const send = `6803 6116 ${PID_A} ${PID_B}`
    expect(header(`70 83 ${send} 83 6107`)).toEqual({ reason: "wrong_framing", expected: 131, got: 112 })
    expect(bare(`83 44 00 ${send} 6107`)).toEqual({ reason: "wrong_framing", expected: 112, got: 131 })
    expect(bare(`70 84 ${send}`)).toEqual({ reason: "wrong_framing", expected: 131, got: 132 })
    expect(bare(`70 83 ${send} 84 6107`)).toEqual({ reason: "wrong_framing", expected: 131, got: 132 })
    expect(header("83 43")).toEqual({ reason: "wrong_framing", expected: 68, got: 67 })
    const unfragmented = channel({ flags: flagsOf("FRAGMENTS") })
    expect(failure(unfragmented, frame("83 45"))).toEqual({ reason: "wrong_framing", expected: 68, got: 69 })
    expect(header(`83 44 00 ${send}`)).toEqual({ reason: "missing_payload", op: 22 })
    expect(bare(`70 83 ${send}`)).toEqual({ reason: "missing_payload", op: 22 })
    expect(bare(`70 83 ${send} 83`)).toEqual({ reason: "missing_payload", op: 22 })
    expect(header("83")).toMatchObject({ reason: "malformed_term", where: "header" })
    expect(header("83 44 00")).toMatchObject({ reason: "malformed_term", where: "control", offset: 3 })
    expect(header(`83 44 00 ${send} 68`)).toMatchObject({ reason: "malformed_term", where: "message", offset: 44 })
    expect(header("83 44 00 6803 6116 46 7ff8000000000000")).toMatchObject({ where: "control", detail: "bad_float" })
    const limited = channel({ limits: { frameBytes: 10 } })
    expect(failure(limited, hex("0000000b"))).toEqual({ reason: "frame_too_large", bytes: 11, limit: 10 })
  })

  it("holds terms to the limits it was given", () => {
    const terms = { ...LIMITS, depth: 2 }
    const deep = frame(`83 44 00 6803 6116 ${PID_A} ${PID_B} 6801 6801 6801 6801 6107`)
    expect(failure(channel({ terms }), deep)).toMatchObject({ where: "message", detail: "too_deep" })
    expect(receive(channel(), deep)).toHaveLength(1)
  })

  it("exchanges pids for those of this node", () => {
    const ours = makePid("b@h", 4, 5, 6)
    const pid: NonNullable<ChannelOptions["pid"]> = (read) => (read.key === ours.key ? ours : read)
    const [[control, payload]] = receive(channel({ pid }), frame(`83 44 00 6803 6116 ${PID_A} ${PID_B} ${PID_B}`)) as [
      Message,
    ]
    expect((control as { to: unknown }).to).toBe(ours)
    expect(payload).toBe(ours)
  })

  it("cannot go on after a deliver that threw", () => {
    const to = channel()
    const bytes = frame(`83 44 00 6803 6101 ${PID_A} ${PID_B}`)
    const bug = () => {
      throw new Error("a bug")
    }
    expect(() => to.receive(bytes, bug)).toThrow("a bug")
    expect(() => to.receive(bytes, () => {})).toThrow("the channel is closed")
  })
})

describe("the atom cache", () => {
  /** {6, Pid, '', counter} + {msg, counter} with two cached atoms: references 0 and 1. */
  const REST = `6804 6106 ${PID_A} 7700 5200  6802 5201 5200`
  const CONTROL = { op: "regSend", from: A, name: "counter", token: undefined }
  const PAYLOAD = tuple(atom("msg"), atom("counter"))

  it("learns new atoms and knows them in later frames, for any cut", () => {
    // Two references: flags are 2/2 + 1 = 2 bytes. Nibbles, low one first: new in segment 0, new in segment 7, then the last.
    const first = frame(`83 44 02 f8 00  05 07 ${toHex(Buffer.from("counter"))}  ff 03 6d7367 ${REST}`)
    // Known now, and in another order of references: segment 7 slot 255 is msg, segment 0 slot 5 is counter.
    const second = frame(`83 44 02 70 00  05 ff ${REST}`)
    const events = expectSameForAnyCut<Message>(join(first, second), () => {
      const to = channel()
      return (chunk, all) => to.receive(chunk, (control, payload) => all.push([control, payload]))
    })
    expect(events).toEqual([
      [CONTROL, PAYLOAD],
      [CONTROL, PAYLOAD],
    ])
  })

  it("replaces what was in a slot", () => {
    const to = channel()
    const one = frame(`83 44 01 08  05 01 61  6803 6116 ${PID_A} ${PID_B} 5200`)
    const two = frame(`83 44 01 08  05 01 62  6803 6116 ${PID_A} ${PID_B} 5200`)
    const again = frame(`83 44 01 00  05  6803 6116 ${PID_A} ${PID_B} 5200`)
    expect(receive(to, one, two, again).map(([, payload]) => payload)).toEqual([atom("a"), atom("b"), atom("b")])
  })

  it("reads lengths of two bytes where the header says so, and the atoms that are JavaScript values", () => {
    const long = "é".repeat(200)
    const text = Buffer.from(long)
    // One reference: flags are 1 byte; its high nibble is that of the whole, with bit 0 for long atoms.
    const head = `83 44 01 18  05 ${text.length.toString(16).padStart(4, "0")} ${toHex(text)}`
    expect(receive(channel(), frame(`${head} 6803 6116 ${PID_A} ${PID_B} 5200`))[0]![1]).toBe(atom(long))
    const values = `83 44 03 88 08 05 04 ${toHex(Buffer.from("true"))} 06 03 6e696c 07 09 ${toHex(Buffer.from("undefined"))}`
    expect(receive(channel(), frame(`${values} 6803 6116 ${PID_A} ${PID_B} 6803 5200 5201 5202`))[0]![1]).toEqual(
      tuple(true, null, undefined),
    )
  })

  it("is refused where it is wrong", () => {
    const wrong = (text: string, flags = announced()) => failure(channel({ flags }), frame(text))
    const send = `6803 6116 ${PID_A} ${PID_B}`
    expect(wrong(`83 44 01 00 05 ${send} 5200`)).toEqual({
      reason: "bad_header",
      detail: "slot 5 of the atom cache is used before it is set",
    })
    expect(wrong(`83 44 01 08 05 01 61 ${send} 5201`)).toMatchObject({
      where: "message",
      detail: "atom_cache",
    })
    expect(wrong(`83 44 00 ${send} 5200`)).toMatchObject({ detail: "atom_cache" })
    expect(wrong(`83 44 01 08 05 01 61 ${send} 5200`, flagsOf("DIST_HDR_ATOM_CACHE"))).toMatchObject({
      reason: "bad_header",
    })
    expect(wrong(`83 44 01 08 05 02 c328 ${send} 5200`)).toMatchObject({
      where: "header",
      detail: "bad_atom",
      offset: 5,
    })
    expect(wrong("83 44 ff 00")).toMatchObject({ reason: "malformed_term", where: "header" })
  })

  it("counts the atoms that the peer brings", () => {
    const newAtoms = new AtomBudget(1)
    const bring = (name: string) => frame(`83 44 01 08 05 ${hexText(name)} 6803 6116 ${PID_A} ${PID_B} 5200`)
    const hexText = (text: string) => text.length.toString(16).padStart(2, "0") + toHex(Buffer.from(text))
    const to = channel({ newAtoms })
    receive(to, bring("brought_by_a_peer_1"))
    expect(failure(to, bring("brought_by_a_peer_2"))).toMatchObject({ where: "header", detail: "too_many_atoms" })
  })
})

describe("fragments", () => {
  const CONTROL = `6803 6116 ${PID_A} ${PID_B}`
  const id = (n: number) => n.toString(16).padStart(16, "0")
  const first = (seq: number, left: number, payload: string, atoms = "00") =>
    frame(`83 45 ${id(seq)} ${id(left)} ${atoms} ${CONTROL} ${payload}`)
  const next = (seq: number, left: number, payload: string) => frame(`83 46 ${id(seq)} ${id(left)} ${payload}`)
  const tell = (text: string) => toHex(Buffer.from(text))

  it("of one, of several interleaved, and with frames in between come together in order of their ends", () => {
    const bytes = join(
      first(9, 3, `6d 00000006 ${tell("a")}`),
      first(8, 2, `6d 000000${"04"} ${tell("wx")}`),
      next(9, 2, tell("bc")),
      frame(`83 44 00 ${CONTROL} 6101`),
      first(7, 1, "6102"),
      next(8, 1, tell("yz")),
      next(9, 1, tell("def")),
      // A number that has ended may be used again.
      first(9, 2, "61"),
      next(9, 1, "03"),
    )
    const events = expectSameForAnyCut<unknown>(bytes, () => {
      const to = channel()
      return (chunk, all) => to.receive(chunk, (_, payload) => all.push(payload))
    })
    expect(events).toEqual([1, 2, "wxyz", "abcdef", 3])
  })

  it("keep the cached atoms of their first piece, whatever later frames do to the slots", () => {
    const heard = receive(
      channel(),
      first(9, 2, "6802 5200", "01 08 05 01 61"),
      frame(`83 44 01 08 05 01 62 ${CONTROL} 5200`),
      next(9, 1, "5200"),
    )
    expect(heard.map(([, payload]) => payload)).toEqual([atom("b"), tuple(atom("a"), atom("a"))])
  })

  it("carry reasons as well", () => {
    const heard = receive(
      channel(),
      frame(`83 45 ${id(1)} ${id(2)} 00 6803 6118 ${PID_A} ${PID_B} 61`),
      next(1, 1, "07"),
    )
    expect(heard).toEqual([[{ op: "exit", from: A, to: B, reason: 7, token: undefined }, undefined]])
  })

  it("that do not fit are refused, each with its reason", () => {
    const wrong = (...frames: Uint8Array[]) => (failure(channel(), ...frames) as { detail: string }).detail
    expect(wrong(next(1, 1, "00"))).toBe("sequence 1 has not started")
    expect(wrong(first(1, 0, "6101"))).toBe("sequence 1 starts with none left")
    expect(wrong(first(1, 2, "61"), first(1, 2, "61"))).toBe("sequence 1 starts again before its end")
    expect(wrong(first(1, 3, "61"), next(1, 1, "01"))).toBe("sequence 1 goes from 3 pieces left to 1")
    expect(wrong(first(1, 2, "61"), next(1, 2, "01"))).toBe("sequence 1 goes from 2 pieces left to 2")
    expect(wrong(first(1, 2, "61"), next(1, 0, "01"))).toBe("sequence 1 goes from 2 pieces left to 0")
    expect(wrong(first(1, 2, "61"), next(1, 1, "01"), next(1, 0, "01"))).toBe("sequence 1 has not started")
    expect(failure(channel(), first(1, 2, "6d 00000004 01"), next(1, 1, "02"))).toMatchObject({
      reason: "malformed_term",
      where: "message",
    })
    expect(failure(channel(), first(1, 2, ""), next(1, 1, ""))).toEqual({ reason: "missing_payload", op: 22 })
    expect(failure(channel(), frame(`83 45 ${id(1)}`))).toMatchObject({ reason: "malformed_term", where: "header" })
  })

  it("are bounded in bytes and in number", () => {
    const limits = { fragmentBytes: 10, fragmentSequences: 2 }
    expect(
      failure(channel({ limits }), first(1, 3, "01020304"), first(2, 3, "01020304"), next(1, 2, "010203")),
    ).toEqual({
      reason: "fragments_too_large",
      what: "bytes",
      limit: 10,
    })
    expect(failure(channel({ limits }), first(1, 2, ""), first(2, 2, ""), first(3, 2, ""))).toEqual({
      reason: "fragments_too_large",
      what: "sequences",
      limit: 2,
    })
    // What has ended counts no more.
    const many = Array.from({ length: 20 }, () => [first(1, 2, "61"), next(1, 1, "05")]).flat()
    expect(receive(channel({ limits }), ...many)).toHaveLength(20)
  })

  it("are what a large message is cut into, where they are negotiated, and only then", () => {
    const frames = (flags: bigint, size: number, control: Control = { op: "send", from: A, to: B }) => {
      const out = channel({ flags, profile: "beam" })
      out.write(control, new Uint8Array(size))
      const bytes = out.take()
      const found: { length: number; tag: number; seq: bigint; left: bigint }[] = []
      for (let at = 0; at < bytes.length; ) {
        const view = new DataView(bytes.buffer, bytes.byteOffset + at)
        const length = view.getUint32(0)
        found.push({ length, tag: bytes[at + 5]!, seq: view.getBigUint64(6), left: view.getBigUint64(14) })
        at += 4 + length
      }
      return found
    }
    const headOfBinary = 5
    expect(frames(announced(), 65536 - headOfBinary)).toHaveLength(1)
    const cut = frames(announced(), 3 * 65536 - headOfBinary)
    expect(cut.map(({ tag, left }) => [tag, left])).toEqual([
      [69, 3n],
      [70, 2n],
      [70, 1n],
    ])
    expect(new Set(cut.map(({ seq }) => seq)).size).toBe(1)
    expect(cut[2]!.length).toBe(65536 + 18)
    expect(frames(flagsOf("FRAGMENTS"), 3 * 65536)).toHaveLength(1)
    expect(frames(PLAIN, 3 * 65536)).toHaveLength(1)
  })

  it("of a message cut anywhere give the message", () => {
    fc.assert(
      fc.property(term, fc.array(fc.nat({ max: 200 }), { maxLength: 5 }), (payload, cuts) => {
        const out = channel()
        out.write({ op: "send", from: A, to: B }, payload)
        const head = hex(`83 44 00 ${CONTROL}`).length
        const body = out.take().slice(4 + head)
        const at = [0, ...cuts.map((cut) => cut % (body.length + 1)).sort((a, b) => a - b), body.length]
        const pieces = at.slice(1).map((end, i) => toHex(body.slice(at[i], end)))
        const [start, ...others] = pieces as [string, ...string[]]
        const sent = [first(5, pieces.length, start), ...others.map((p, i) => next(5, others.length - i, p))]
        expect(receive(channel(), ...sent)).toEqual([[expect.objectContaining({ op: "send" }), payload]])
      }),
    )
  })
})
