import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { encodeTo, MalformedTerm, Reader, Writer } from "../../src/etf/index.ts"
import { atom, makePid, makeRef, type Tuple, tuple, tupleOver } from "../../src/term/index.ts"
import { CONTROL_ROWS, type Control, type ControlRow, type ElementType } from "../../src/wire/control.ts"
import { ControlReader } from "../../src/wire/control-reader.ts"
import { ControlWriter, NotNegotiated } from "../../src/wire/control-writer.ts"
import { ProtocolError } from "../../src/wire/failures.ts"
import { announced, type FlagName } from "../../src/wire/flags.ts"
import { MESSAGES } from "./controls.ts"
import { hex, toHex } from "./support.ts"

const A = makePid("a@h", 1, 2, 3)
const B = makePid("b@h", 4, 5, 6)
const R = makeRef("a@h", 3, [7, 8, 9])
const TOKEN = tuple(1, 2, 3)

/** A term of an element's type, and what the control then holds. */
const SAMPLES: { readonly [T in ElementType]: unknown } = {
  pid: A,
  ref: R,
  name: atom("counter"),
  "pid or name": atom("counter"),
  "unlink id": 7,
  "small integer": 3,
  mfa: tuple(atom("m"), atom("f"), 2),
  any: TOKEN,
  unused: atom(""),
}

/** Those of a link to a BEAM node: among Umbel nodes aliases keep their own form. */
const ALL = announced({ without: ["UMBEL"] })

const bytesOf = (term: unknown): Uint8Array => {
  const writer = new Writer()
  encodeTo(writer, term, { profile: "beam" })
  return writer.take()
}

const read = (term: unknown): Control => new ControlReader().read(new Reader(bytesOf(term)), {})

const write = (control: Control, flags = announced()): string => {
  const writer = new Writer()
  new ControlWriter(flags).write(writer, control, { profile: "beam" })
  return toHex(writer.take())
}

const failure = (term: unknown): unknown => {
  try {
    read(term)
  } catch (error) {
    if (error instanceof ProtocolError) return error.failure
    throw error
  }
  throw new Error("nothing was thrown")
}

const tupleOf = (row: ControlRow): Tuple => tupleOver([row.code, ...row.elements.map(([, type]) => SAMPLES[type])])

describe("the table of control messages", () => {
  it("has the numbers, sizes and payloads of the protocol", () => {
    expect(CONTROL_ROWS.map(({ code, elements, payload }) => [code, elements.length + 1, payload])).toEqual([
      [1, 3, "none"],
      [2, 3, "message"],
      [3, 4, "none"],
      [6, 4, "message"],
      [7, 3, "none"],
      [8, 4, "none"],
      [12, 4, "message"],
      [13, 5, "none"],
      [16, 5, "message"],
      [18, 5, "none"],
      [19, 4, "none"],
      [20, 4, "none"],
      [21, 5, "none"],
      [22, 3, "message"],
      [23, 4, "message"],
      [24, 3, "reason"],
      [25, 4, "reason"],
      [26, 3, "reason"],
      [27, 4, "reason"],
      [28, 4, "reason"],
      [29, 6, "message"],
      [30, 7, "message"],
      [31, 5, "none"],
      [32, 6, "none"],
      [33, 3, "message"],
      [34, 4, "message"],
      [35, 4, "none"],
      [36, 4, "none"],
    ])
  })

  it.each(CONTROL_ROWS)("is read by number: $code is $op", (row) => {
    const reader = new ControlReader()
    const control = reader.read(new Reader(bytesOf(tupleOf(row))), {})
    expect(control.op).toBe(row.op)
    expect(reader.payload).toBe(row.payload)
    expect(reader.code).toBe(row.code)
    for (const [field, type] of row.elements) {
      if (field === "flags") expect(control).toMatchObject({ linked: true, monitored: true })
      else if (type === "mfa") expect(control).toMatchObject({ module: "m", function: "f", arity: 2 })
      else if (type !== "unused") {
        const expected = type === "name" || type === "pid or name" ? "counter" : SAMPLES[type]
        expect((control as unknown as Record<string, unknown>)[field]).toEqual(expected)
      }
    }
  })

  it.each(CONTROL_ROWS)("refuses $code with an element too many, too few, or of a wrong type", (row) => {
    const good = tupleOf(row).elements
    const expected = good.length
    expect(failure(tupleOver([...good, 1]))).toEqual({
      reason: "wrong_arity",
      op: row.code,
      expected,
      got: expected + 1,
    })
    expect(failure(tupleOver(good.slice(0, -1)))).toMatchObject({ reason: "wrong_arity", op: row.code })
    row.elements.forEach(([field, type], i) => {
      if (type === "any") return
      const bad = tupleOver(good.with(i + 1, "text"))
      expect(failure(bad)).toMatchObject({ reason: "wrong_element", op: row.code, field })
    })
  })
})

describe("a control message", () => {
  it.each(Object.keys(MESSAGES) as Control["op"][])("comes back as it was written: %s", (op) => {
    const reader = new ControlReader()
    const writer = new Writer()
    const controls = new ControlWriter(ALL)
    fc.assert(
      fc.property(MESSAGES[op], ([control]) => {
        writer.reset()
        controls.write(writer, control, { profile: "beam" })
        const bytes = new Reader(writer.take())
        const back = reader.read(bytes, {})
        expect(bytes.remaining).toBe(0)
        expect(reader.payload).toBe(controls.payload)
        // With ALTACT_SIG, an alias is addressed in that form; and a reason that is payload comes after the control message.
        const wanted = op === "aliasSend" ? { ...control, op: "altact", priority: false, exit: false } : control
        expect(back).toEqual(reader.payload === "reason" ? { ...wanted, reason: undefined } : wanted)
      }),
      { numRuns: 100 },
    )
  })

  it("is these bytes", () => {
    const pidA = "58 7703614068 00000001 00000002 00000003"
    const pidB = "58 7703624068 00000004 00000005 00000006"
    const refR = "5a 0003 7703614068 00000003 00000007 00000008 00000009"
    const plain = (text: string) => text.replaceAll(" ", "")
    expect(write({ op: "send", from: A, to: B })).toBe(plain(`6803 6116 ${pidA} ${pidB}`))
    expect(write({ op: "send", to: B })).toBe(plain(`6803 6102 7700 ${pidB}`))
    expect(write({ op: "regSend", from: A, name: "c" })).toBe(plain(`6804 6106 ${pidA} 7700 770163`))
    expect(write({ op: "aliasSend", from: A, to: R })).toBe(plain(`6803 6121 ${pidA} ${refR}`))
    expect(write({ op: "monitor", from: A, to: "nil", ref: R })).toBe(plain(`6804 6113 ${pidA} 77036e696c ${refR}`))
    expect(write({ op: "unlinkId", id: 300, from: A, to: B })).toBe(plain(`6804 6123 620000012c ${pidA} ${pidB}`))
    expect(write({ op: "altact", priority: true, exit: true, from: A, to: "c", token: [] }, ALL)).toBe(
      plain(`6805 6125 611b ${pidA} 770163 6a`),
    )
  })

  it("is written in the old form where the new one was not negotiated", () => {
    const code = (control: Control, without: readonly FlagName[]) => hex(write(control, announced({ without })))[3]
    const traced = { token: TOKEN }
    const send = { op: "send", from: A, to: B } as const
    expect([code(send, []), code({ ...send, ...traced }, [])]).toEqual([22, 23])
    expect([code(send, ["SEND_SENDER"]), code({ ...send, ...traced }, ["SEND_SENDER"])]).toEqual([2, 12])
    const exit = { op: "exit", from: A, to: B, reason: 1 } as const
    expect([code(exit, []), code({ ...exit, ...traced }, [])]).toEqual([24, 25])
    expect([code(exit, ["EXIT_PAYLOAD"]), code({ ...exit, ...traced }, ["EXIT_PAYLOAD"])]).toEqual([3, 13])
    const exit2 = { op: "exit2", from: A, to: B, reason: 1 } as const
    expect([code(exit2, []), code({ ...exit2, ...traced }, [])]).toEqual([26, 27])
    expect([code(exit2, ["EXIT_PAYLOAD"]), code({ ...exit2, ...traced }, ["EXIT_PAYLOAD"])]).toEqual([8, 18])
    const down = { op: "monitorExit", from: A, to: B, ref: R, reason: 1 } as const
    expect([code(down, []), code(down, ["EXIT_PAYLOAD"])]).toEqual([28, 21])
    const alias = { op: "aliasSend", from: A, to: R } as const
    expect([code(alias, []), code({ ...alias, ...traced }, [])]).toEqual([33, 34])
  })

  it("is refused where the peer would not understand it", () => {
    const refused: [Control, FlagName][] = [
      [{ op: "monitor", from: A, to: B, ref: R }, "DIST_MONITOR"],
      [{ op: "demonitor", from: A, to: B, ref: R }, "DIST_MONITOR"],
      [{ op: "monitor", from: A, to: "counter", ref: R }, "DIST_MONITOR_NAME"],
      [{ op: "aliasSend", from: A, to: R }, "ALIAS"],
      [{ op: "unlinkId", id: 1, from: A, to: B }, "UNLINK_ID"],
      [{ op: "spawnReply", ref: R, to: B, linked: false, monitored: false, result: "badopt" }, "SPAWN"],
      [{ op: "altact", priority: true, exit: false, from: A, to: B }, "ALTACT_SIG"],
    ]
    for (const [control, needed] of refused) {
      expect(() => write(control, announced({ without: [needed] }))).toThrow(NotNegotiated)
      expect(() => write(control, announced({ without: [needed] }))).toThrow(
        `"${control.op}": it did not announce the flag ${needed}`,
      )
    }
  })

  it("of a monitor goes to a C node, which has monitors of pids but none of names", () => {
    const flags = announced({ without: ["DIST_MONITOR_NAME"] })
    expect(write({ op: "monitor", from: A, to: B, ref: R }, flags)).toBe(
      write({ op: "monitor", from: A, to: B, ref: R }),
    )
    // Their own monitors by name, if any came, could be answered.
    expect(() => write({ op: "monitorExit", from: "counter", to: B, ref: R, reason: 1 }, flags)).not.toThrow()
  })

  it("is refused with elements of the wrong type before the peer can", () => {
    const bad = (control: unknown) => () => write(control as Control, ALL)
    expect(bad({ op: "send", from: A, to: R })).toThrow('control "send": expected a pid as to')
    expect(bad({ op: "regSend", from: A, name: atom("x") })).toThrow('control "regSend": expected a name as name')
    expect(bad({ op: "monitor", from: A, to: 7, ref: R })).toThrow("expected a pid or name as to")
    expect(bad({ op: "monitor", from: A, to: B, ref: A })).toThrow("expected a ref as ref")
    expect(bad({ op: "aliasSend", from: A, to: undefined })).toThrow("expected a pid, ref or name as to")
    for (const id of [0, -1, 1.5, 1n << 64n, "1"]) {
      expect(bad({ op: "unlinkId", id, from: A, to: B })).toThrow("expected a unlink id as id")
    }
    const spawn = { op: "spawnRequest", ref: R, from: A, leader: A, module: "m", function: "f", arity: 1, options: [] }
    expect(bad({ ...spawn, arity: 256 })).toThrow("expected a small integer as arity")
    expect(bad({ ...spawn, module: undefined })).toThrow("expected a name as module")
  })

  it("that is none is refused", () => {
    expect(failure(7)).toMatchObject({ reason: "no_control" })
    expect(failure(tuple())).toMatchObject({ reason: "no_control" })
    expect(failure(tuple(atom("send"), A))).toMatchObject({ reason: "no_control" })
    expect(failure(tuple(1.5, A))).toMatchObject({ reason: "no_control" })
    expect(failure(tuple(4, A, B))).toEqual({ reason: "obsolete_op", op: 4 })
    for (const op of [-1, 0, 5, 9, 17, 38, 1e6]) expect(failure(tuple(op, A, B))).toEqual({ reason: "unknown_op", op })
    expect(failure(tuple(35, 0, A, B))).toMatchObject({ field: "id" })
    expect(failure(tuple(29, R, A, A, tuple(atom("m"), atom("f"), 256), []))).toMatchObject({ field: "arity" })
    expect(() => new ControlReader().read(new Reader(hex("6803 6101 58")), {})).toThrow(MalformedTerm)
  })
})

describe("a signal of OTP 28", () => {
  const altact = (...elements: unknown[]) => tupleOver([37, ...elements])

  it("goes to a pid, an alias or a name", () => {
    expect(read(altact(0, A, B))).toEqual({
      op: "altact",
      priority: false,
      exit: false,
      from: A,
      to: B,
      token: undefined,
    })
    expect(read(altact(4, A, R))).toMatchObject({ to: R })
    expect(read(altact(1 | 8 | 16, A, atom("c")))).toMatchObject({ priority: true, exit: true, to: "c" })
    expect(read(altact(2, A, B, TOKEN))).toMatchObject({ token: TOKEN })
  })

  it("may be longer and have more flags than we know", () => {
    expect(read(altact((1n << 80n) | 1n, A, B, "more", 7))).toMatchObject({ priority: true, to: B, token: undefined })
    expect(read(altact(0x102, A, B, TOKEN, "more"))).toMatchObject({ to: B, token: TOKEN })
  })

  it("is refused when it contradicts itself", () => {
    expect(failure(altact(12, A, R))).toMatchObject({ field: "flags" })
    expect(failure(altact(4, A, B))).toMatchObject({ field: "to", expected: "ref" })
    expect(failure(altact(0, A, R))).toMatchObject({ field: "to", expected: "pid" })
    expect(failure(altact(2, A, B))).toMatchObject({ reason: "wrong_arity", expected: 5, got: 4 })
    expect(failure(altact(0, A))).toMatchObject({ reason: "wrong_arity" })
    expect(failure(altact("x", A, B))).toMatchObject({ field: "flags" })
    expect(failure(altact(1.5, A, B))).toMatchObject({ field: "flags" })
  })
})
