/**
 * Reading control messages: a tuple's bytes in, a {@link Control} out, by the table.
 *
 * The elements are read one by one, without a tuple in between, and each is checked: a wrong one is a ProtocolError.
 */
import { type DecodeOptions, decodeFrom, type Reader } from "../etf/index.ts"
import { atomText, isAtomValue, isTuple, Pid, Ref } from "../term/index.ts"
import { ALTACT, type Control, type ElementType, type PayloadKind, ROW_BY_CODE } from "./control.ts"
import { isByte, isUnlinkId } from "./control-elements.ts"
import { ProtocolError } from "./failures.ts"

/** The number of UNLINK, which OTP 25 replaced by a numbered one. */
const UNLINK = 4
const SMALL_TUPLE_EXT = 104
const LARGE_TUPLE_EXT = 105

/** Reads control messages. */
export class ControlReader {
  /** What follows the control message that was read last. */
  payload: PayloadKind = "none"
  /** Its number. */
  code = 0
  /** Reused, so that a message costs no array. Six elements are the most any has. */
  private readonly values: unknown[] = [undefined, undefined, undefined, undefined, undefined, undefined]

  /** @throws ProtocolError for what is no control message, MalformedTerm for what is no term. */
  read(reader: Reader, options: DecodeOptions): Control {
    const tag = reader.u8()
    if (tag !== SMALL_TUPLE_EXT && tag !== LARGE_TUPLE_EXT) {
      throw new ProtocolError({ reason: "no_control", detail: `tag ${tag} instead of a tuple` })
    }
    const arity = tag === SMALL_TUPLE_EXT ? reader.u8() : reader.u32()
    if (arity === 0) throw new ProtocolError({ reason: "no_control", detail: "an empty tuple" })
    const code = decodeFrom(reader, options)
    if (typeof code !== "number" || !Number.isInteger(code)) {
      throw new ProtocolError({ reason: "no_control", detail: "a tuple that starts with no number" })
    }
    this.code = code
    if (code === ALTACT.code) return this.altact(reader, options, arity)
    const row = ROW_BY_CODE[code]
    if (row === undefined) {
      throw new ProtocolError({ reason: code === UNLINK ? "obsolete_op" : "unknown_op", op: code })
    }
    const { elements } = row
    if (arity !== elements.length + 1) {
      throw new ProtocolError({ reason: "wrong_arity", op: code, expected: elements.length + 1, got: arity })
    }
    const { values } = this
    for (let i = 0; i < elements.length; i++) {
      const value = decodeFrom(reader, options)
      const [field, type] = elements[i]!
      values[i] = type === "pid" && value instanceof Pid ? value : elementFrom(value, type, code, field)
    }
    this.payload = row.payload
    return row.make(values as never)
  }

  /** 37: the flags come first and tell the rest. Elements beyond those known, and flags, are ignored. */
  private altact(reader: Reader, options: DecodeOptions, arity: number): Control {
    if (arity < 4) throw new ProtocolError({ reason: "wrong_arity", op: ALTACT.code, expected: 4, got: arity })
    const flags = decodeFrom(reader, options)
    if (typeof flags !== "bigint" && !Number.isInteger(flags)) throw wrong(ALTACT.code, "flags", "integer")
    const bits = Number(BigInt(flags as number | bigint) & 0xffn)
    const from = elementFrom(decodeFrom(reader, options), "pid", ALTACT.code, "from") as Pid
    const target = bits & (ALTACT.alias | ALTACT.name)
    if (target === (ALTACT.alias | ALTACT.name)) throw wrong(ALTACT.code, "flags", "single kind of target")
    const type = target === ALTACT.alias ? "ref" : target === ALTACT.name ? "name" : "pid"
    const to = elementFrom(decodeFrom(reader, options), type, ALTACT.code, "to") as Pid | Ref | string
    const traced = (bits & ALTACT.token) !== 0
    if (traced && arity < 5)
      throw new ProtocolError({ reason: "wrong_arity", op: ALTACT.code, expected: 5, got: arity })
    const token = traced ? decodeFrom(reader, options) : undefined
    for (let i = traced ? 5 : 4; i < arity; i++) decodeFrom(reader, options)
    this.payload = "message"
    return {
      op: "altact",
      priority: (bits & ALTACT.priority) !== 0,
      exit: (bits & ALTACT.exit) !== 0,
      from,
      to,
      token,
    }
  }
}

const wrong = (op: number, field: string, expected: string): ProtocolError =>
  new ProtocolError({ reason: "wrong_element", op, field, expected })

/** The value of an element that came from the wire, checked. */
function elementFrom(value: unknown, type: ElementType, op: number, field: string): unknown {
  switch (type) {
    case "pid":
      if (value instanceof Pid) return value
      break
    case "ref":
      if (value instanceof Ref) return value
      break
    case "pid or name":
      if (value instanceof Pid) return value
      return elementFrom(value, "name", op, field)
    case "name":
      if (isAtomValue(value)) return atomText(value)
      break
    case "unused":
      if (isAtomValue(value)) return undefined
      break
    case "any":
      return value
    case "small integer":
      if (Number.isInteger(value)) return value
      break
    case "unlink id":
      if (isUnlinkId(value)) return value
      break
    case "mfa":
      return mfaFrom(value, op)
  }
  throw wrong(op, field, type)
}

function mfaFrom(value: unknown, op: number): { module: string; function: string; arity: number } {
  if (!isTuple(value, 3)) throw wrong(op, "mfa", "tuple of module, function and arity")
  const [module, name, arity] = value.elements
  if (!isByte(arity)) throw wrong(op, "arity", "small integer")
  return {
    module: elementFrom(module, "name", op, "module") as string,
    function: elementFrom(name, "name", op, "function") as string,
    arity,
  }
}
