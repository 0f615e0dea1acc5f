/**
 * Writing control messages: a {@link Control} in, the bytes of a tuple out, in the form that the link's flags ask for.
 *
 * Elements are checked here as well: a peer closes the connection at the first one of the wrong type.
 */
import { type EncodeOptions, encodeTo, type Writer } from "../etf/index.ts"
import { atomValue, Pid, Ref } from "../term/index.ts"
import {
  ALTACT,
  type Control,
  type ControlOp,
  type ElementType,
  type PayloadKind,
  ROW_BY_CODE,
  SPAWN_LINKED,
  SPAWN_MONITORED,
} from "./control.ts"
import { isByte, isUnlinkId } from "./control-elements.ts"
import { type FlagName, has } from "./flags.ts"

/** What a control message is called in errors. */
const ROOT = "control"
const SMALL_INTEGER_EXT = 97
const SMALL_TUPLE_EXT = 104
const SMALL_ATOM_UTF8_EXT = 119

/** An operation that the link's flags do not allow: the peer would close the connection. Nothing was written. */
export class NotNegotiated extends Error {
  override readonly name = "NotNegotiated"
  readonly op: ControlOp
  readonly flag: FlagName

  constructor(op: ControlOp, flag: FlagName) {
    super(`the peer does not understand "${op}": it did not announce the flag ${flag}`)
    this.op = op
    this.flag = flag
  }
}

/** Writes control messages in the form that the flags of a link ask for. */
export class ControlWriter {
  /** What has to follow the control message that was written last. */
  payload: PayloadKind = "none"
  private readonly allowed: readonly (FlagName | undefined)[]
  private readonly sendSender: boolean
  private readonly exitPayload: boolean
  private readonly altactSignals: boolean
  private readonly aliasesByAltact: boolean
  private readonly monitorNames: boolean

  /** @param flags Those negotiated for the link. */
  constructor(flags: bigint) {
    this.allowed = ROW_BY_CODE.map((row) =>
      row?.needs !== undefined && !has(flags, row.needs) ? row.needs : undefined,
    )
    this.sendSender = has(flags, "SEND_SENDER")
    this.exitPayload = has(flags, "EXIT_PAYLOAD")
    this.altactSignals = has(flags, "ALTACT_SIG")
    this.aliasesByAltact = this.altactSignals && !has(flags, "UMBEL")
    this.monitorNames = has(flags, "DIST_MONITOR_NAME")
  }

  /**
   * Writes the tuple. The payload, if {@link payload} then says that one follows, is the caller's to write.
   * @throws NotNegotiated; TypeError for elements of the wrong type; NotATerm for a reason, option or token that is no term. The
   *   writer is then left as it stands: the caller rewinds.
   */
  write(writer: Writer, control: Control, options: EncodeOptions): void {
    const code = this.codeOf(control)
    if (code === ALTACT.code) {
      this.altact(writer, control, options)
      return
    }
    const missing = this.allowed[code]
    if (missing !== undefined) throw new NotNegotiated(control.op, missing)
    const { elements, payload } = ROW_BY_CODE[code]!
    this.payload = payload
    writer.ensure(4)
    writer.u8(SMALL_TUPLE_EXT)
    writer.u8(elements.length + 1)
    writer.u8(SMALL_INTEGER_EXT)
    writer.u8(code)
    for (let i = 0; i < elements.length; i++) {
      const [field, type] = elements[i]!
      const value = (control as unknown as Record<string, unknown>)[field]
      if (type === "pid") {
        if (!(value instanceof Pid)) throw noElement(control.op, field, type)
        encodeTo(writer, value, options, ROOT)
      } else this.element(writer, control, field, type, value, options)
    }
  }

  private codeOf(control: Control): number {
    switch (control.op) {
      case "send":
        if (control.from === undefined || !this.sendSender) return control.token === undefined ? 2 : 12
        return control.token === undefined ? 22 : 23
      case "regSend":
        return control.token === undefined ? 6 : 16
      case "aliasSend":
        // OTP 28 says aliases in this form, where it can; the older one is on its way out. Among Umbel nodes it is not, and is shorter.
        if (this.aliasesByAltact) return ALTACT.code
        return control.token === undefined ? 33 : 34
      case "monitor":
        return 19
      case "demonitor":
        return 20
      case "exit":
        if (this.exitPayload) return control.token === undefined ? 24 : 25
        return control.token === undefined ? 3 : 13
      case "exit2":
        if (this.exitPayload) return control.token === undefined ? 26 : 27
        return control.token === undefined ? 8 : 18
      case "monitorExit":
        return this.exitPayload ? 28 : 21
      case "link":
        return 1
      case "unlinkId":
        return 35
      case "unlinkIdAck":
        return 36
      case "groupLeader":
        return 7
      case "spawnRequest":
        return control.token === undefined ? 29 : 30
      case "spawnReply":
        return control.token === undefined ? 31 : 32
      case "altact":
        return ALTACT.code
    }
  }

  private element(
    writer: Writer,
    control: Control,
    field: string,
    type: ElementType,
    value: unknown,
    options: EncodeOptions,
  ): void {
    switch (type) {
      case "unused":
        writer.ensure(2)
        writer.u8(SMALL_ATOM_UTF8_EXT)
        writer.u8(0)
        return
      case "any":
        encodeTo(writer, value, options, ROOT)
        return
      case "name":
        if (typeof value !== "string") throw noElement(control.op, field, type)
        encodeTo(writer, atomValue(value), options, ROOT)
        return
      case "pid or name":
        if (typeof value !== "string" && !(value instanceof Pid)) throw noElement(control.op, field, type)
        // C nodes have monitors of pids, and none of names.
        if (
          !this.monitorNames &&
          typeof value === "string" &&
          (control.op === "monitor" || control.op === "demonitor")
        ) {
          throw new NotNegotiated(control.op, "DIST_MONITOR_NAME")
        }
        encodeTo(writer, typeof value === "string" ? atomValue(value) : value, options, ROOT)
        return
      case "mfa": {
        const { module, function: name, arity } = control as Extract<Control, { op: "spawnRequest" }>
        if (typeof module !== "string") throw noElement(control.op, "module", "name")
        if (typeof name !== "string") throw noElement(control.op, "function", "name")
        if (!isByte(arity)) throw noElement(control.op, "arity", "small integer")
        writer.ensure(2)
        writer.u8(SMALL_TUPLE_EXT)
        writer.u8(3)
        encodeTo(writer, atomValue(module), options, ROOT)
        encodeTo(writer, atomValue(name), options, ROOT)
        encodeTo(writer, arity, options, ROOT)
        return
      }
      case "small integer": {
        // The flags of a spawnReply: nothing else has this type.
        const { linked, monitored } = control as Extract<Control, { op: "spawnReply" }>
        encodeTo(writer, (linked ? SPAWN_LINKED : 0) | (monitored ? SPAWN_MONITORED : 0), options, ROOT)
        return
      }
      case "ref":
        if (!(value instanceof Ref)) throw noElement(control.op, field, type)
        encodeTo(writer, value, options, ROOT)
        return
      case "unlink id":
        if (!isUnlinkId(value)) throw noElement(control.op, field, type)
        encodeTo(writer, value, options, ROOT)
        return
      case "pid":
        throw new Error("pids are written by write itself")
    }
  }

  private altact(writer: Writer, control: Control, options: EncodeOptions): void {
    if (!this.altactSignals) throw new NotNegotiated(control.op, "ALTACT_SIG")
    const { op, from, to, token } = control as Extract<Control, { op: "altact" | "aliasSend" }>
    const { priority = false, exit = false } = control as Partial<Extract<Control, { op: "altact" }>>
    if (!(from instanceof Pid)) throw noElement(op, "from", "pid")
    const kind = to instanceof Ref ? ALTACT.alias : typeof to === "string" ? ALTACT.name : 0
    if (kind === 0 && !(to instanceof Pid)) throw noElement(op, "to", "pid, ref or name")
    const bits =
      kind | (priority ? ALTACT.priority : 0) | (exit ? ALTACT.exit : 0) | (token === undefined ? 0 : ALTACT.token)
    this.payload = "message"
    writer.ensure(6)
    writer.u8(SMALL_TUPLE_EXT)
    writer.u8(token === undefined ? 4 : 5)
    writer.u8(SMALL_INTEGER_EXT)
    writer.u8(ALTACT.code)
    writer.u8(SMALL_INTEGER_EXT)
    writer.u8(bits)
    encodeTo(writer, from, options, ROOT)
    encodeTo(writer, typeof to === "string" ? atomValue(to) : to, options, ROOT)
    if (token !== undefined) encodeTo(writer, token, options, ROOT)
  }
}

const noElement = (op: ControlOp, field: string, expected: string): TypeError =>
  new TypeError(`control "${op}": expected a ${expected} as ${field}`)
