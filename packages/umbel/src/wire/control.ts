/**
 * Control messages: what two connected nodes say to one another about their processes.
 *
 * ```ts
 * { op: "send", from: self, to: pid }                     // the message itself is the payload
 * { op: "exit", from: self, to: pid, reason: shutdown }
 * { op: "monitor", from: self, to: "counter", ref }       // a string is a registered name
 * ```
 *
 * On the wire each is a tuple that starts with a number, and several numbers may mean the same: with or without a trace
 * token, the reason inside the tuple or behind it as payload. `Control` is the meaning; the table {@link CONTROL_ROWS} is the
 * numbers. All of them are read at any time, since messages that a BEAM node queued before the flags were negotiated come in
 * the old form; which one is written depends on the flags of the link.
 */
import type { Pid, Ref } from "../term/index.ts"
import type { FlagName } from "./flags.ts"

/** A sequential trace token, handed on as it came; undefined for none. */
interface Traced {
  readonly token?: unknown
}

/** A control message. Where it has a payload (see {@link CONTROL_ROWS}), that comes beside it. */
export type Control =
  /** Payload: the message. `from` is unknown where SEND_SENDER is not negotiated. */
  | ({ readonly op: "send"; readonly from?: Pid | undefined; readonly to: Pid } & Traced)
  /** Payload: the message. */
  | ({ readonly op: "regSend"; readonly from: Pid; readonly name: string } & Traced)
  /** Payload: the message. */
  | ({ readonly op: "aliasSend"; readonly from: Pid; readonly to: Ref } & Traced)
  | { readonly op: "link"; readonly from: Pid; readonly to: Pid }
  /** `id` is 1 to 2^64 - 1, unique per pair while unacknowledged. */
  | { readonly op: "unlinkId"; readonly id: number | bigint; readonly from: Pid; readonly to: Pid }
  | { readonly op: "unlinkIdAck"; readonly id: number | bigint; readonly from: Pid; readonly to: Pid }
  /** A link broke: `from` died. */
  | ({ readonly op: "exit"; readonly from: Pid; readonly to: Pid; readonly reason: unknown } & Traced)
  /** Somebody called `exit(to, reason)`. */
  | ({ readonly op: "exit2"; readonly from: Pid; readonly to: Pid; readonly reason: unknown } & Traced)
  | { readonly op: "monitor"; readonly from: Pid; readonly to: Pid | string; readonly ref: Ref }
  | { readonly op: "demonitor"; readonly from: Pid; readonly to: Pid | string; readonly ref: Ref }
  /** What was monitored, by pid or name as it was asked for, is gone. */
  | {
      readonly op: "monitorExit"
      readonly from: Pid | string
      readonly to: Pid
      readonly ref: Ref
      readonly reason: unknown
    }
  | { readonly op: "groupLeader"; readonly leader: Pid; readonly to: Pid }
  /** Payload: the arguments, a list of `arity` terms if the peer is honest: check. Always wants a `spawnReply`. */
  | ({
      readonly op: "spawnRequest"
      readonly ref: Ref
      readonly from: Pid
      readonly leader: Pid
      readonly module: string
      readonly function: string
      readonly arity: number
      readonly options: unknown
    } & Traced)
  /** `result` is the new process, or an error as the name of an atom. */
  | ({
      readonly op: "spawnReply"
      readonly ref: Ref
      readonly to: Pid
      readonly linked: boolean
      readonly monitored: boolean
      readonly result: Pid | string
    } & Traced)
  /** OTP 28 and newer. Payload: the message, or for `exit` the reason. */
  | ({
      readonly op: "altact"
      readonly priority: boolean
      readonly exit: boolean
      readonly from: Pid
      readonly to: Pid | Ref | string
    } & Traced)

export type ControlOp = Control["op"]

/** What follows the control message: nothing, the message (or arguments), or the reason that `Control` holds as its own. */
export type PayloadKind = "none" | "message" | "reason"

/** What an element of the tuple has to be. `name` is an atom, here a string; `unused` is an atom that means nothing. */
export type ElementType =
  | "pid"
  | "ref"
  | "name"
  | "pid or name"
  | "unlink id"
  | "small integer"
  | "mfa"
  | "any"
  | "unused"

/** One control message as it is on the wire. */
export interface ControlRow {
  readonly code: number
  readonly op: ControlOp
  readonly elements: readonly (readonly [field: string, type: ElementType])[]
  readonly payload: PayloadKind
  /** The flag without which it must not be sent. */
  readonly needs: FlagName | undefined
}

/** A row, and how a control is made of its elements' values. @internal */
export interface ReadableRow extends ControlRow {
  readonly make: (values: Values) => Control
}

/** `"from:pid"`, or only `"any"` etc. for what both name and type say. */
type ElementText = `${string}:${ElementType}`

// biome-ignore lint/suspicious/noExplicitAny: the elements were checked against their types just before, by this same table
type Values = readonly any[]

function row(
  code: number,
  op: ControlOp,
  elements: readonly ElementText[],
  payload: PayloadKind,
  make: (v: Values) => Control,
  needs?: FlagName,
): ReadableRow {
  const split = elements.map((text) => text.split(":") as unknown as readonly [string, ElementType])
  return { code, op, elements: split, payload, needs, make }
}

const COOKIE = "cookie:unused"
const FROM = "from:pid"
const TO = "to:pid"
const TOKEN = "token:any"
const REASON = "reason:any"
const SPAWN_ELEMENTS = ["ref:ref", FROM, "leader:pid", "mfa:mfa", "options:any"] as const
const SPAWNED_ELEMENTS = ["ref:ref", TO, "flags:small integer", "result:pid or name"] as const

/** Each literal makes objects of one shape, whatever the number it came under, so that their readers stay fast. */
const send = (from: Pid | undefined, to: Pid, token: unknown): Control => ({ op: "send", from, to, token })
const regSend = (v: Values, token: unknown): Control => ({ op: "regSend", from: v[0], name: v[2], token })
const aliasSend = (v: Values, token: unknown): Control => ({ op: "aliasSend", from: v[0], to: v[1], token })
const exit = (v: Values, token: unknown, reason: unknown): Control => ({
  op: "exit",
  from: v[0],
  to: v[1],
  reason,
  token,
})
const exit2 = (v: Values, token: unknown, reason: unknown): Control => ({
  op: "exit2",
  from: v[0],
  to: v[1],
  reason,
  token,
})
const monitorExit = (v: Values, reason: unknown): Control => ({
  op: "monitorExit",
  from: v[0],
  to: v[1],
  ref: v[2],
  reason,
})
const spawnRequest = (v: Values, token: unknown): Control => ({
  op: "spawnRequest",
  ref: v[0],
  from: v[1],
  leader: v[2],
  module: v[3].module,
  function: v[3].function,
  arity: v[3].arity,
  options: v[4],
  token,
})
const spawnReply = (v: Values, token: unknown): Control => ({
  op: "spawnReply",
  ref: v[0],
  to: v[1],
  linked: (v[2] & SPAWN_LINKED) !== 0,
  monitored: (v[2] & SPAWN_MONITORED) !== 0,
  result: v[3],
  token,
})
/** Bits of the flags in a `spawnReply`. @internal */
export const SPAWN_LINKED = 1
/** @internal */
export const SPAWN_MONITORED = 2

const ROWS: readonly ReadableRow[] = [
  row(1, "link", [FROM, TO], "none", (v) => ({ op: "link", from: v[0], to: v[1] })),
  row(2, "send", [COOKIE, TO], "message", (v) => send(undefined, v[1], undefined)),
  row(3, "exit", [FROM, TO, REASON], "none", (v) => exit(v, undefined, v[2])),
  row(6, "regSend", [FROM, COOKIE, "name:name"], "message", (v) => regSend(v, undefined)),
  row(7, "groupLeader", ["leader:pid", TO], "none", (v) => ({ op: "groupLeader", leader: v[0], to: v[1] })),
  row(8, "exit2", [FROM, TO, REASON], "none", (v) => exit2(v, undefined, v[2])),
  row(12, "send", [COOKIE, TO, TOKEN], "message", (v) => send(undefined, v[1], v[2])),
  row(13, "exit", [FROM, TO, TOKEN, REASON], "none", (v) => exit(v, v[2], v[3])),
  row(16, "regSend", [FROM, COOKIE, "name:name", TOKEN], "message", (v) => regSend(v, v[3])),
  row(18, "exit2", [FROM, TO, TOKEN, REASON], "none", (v) => exit2(v, v[2], v[3])),
  row(
    19,
    "monitor",
    [FROM, "to:pid or name", "ref:ref"],
    "none",
    (v) => ({ op: "monitor", from: v[0], to: v[1], ref: v[2] }),
    "DIST_MONITOR",
  ),
  row(
    20,
    "demonitor",
    [FROM, "to:pid or name", "ref:ref"],
    "none",
    (v) => ({ op: "demonitor", from: v[0], to: v[1], ref: v[2] }),
    "DIST_MONITOR",
  ),
  row(21, "monitorExit", ["from:pid or name", TO, "ref:ref", REASON], "none", (v) => monitorExit(v, v[3])),
  row(22, "send", [FROM, TO], "message", (v) => send(v[0], v[1], undefined), "SEND_SENDER"),
  row(23, "send", [FROM, TO, TOKEN], "message", (v) => send(v[0], v[1], v[2]), "SEND_SENDER"),
  row(24, "exit", [FROM, TO], "reason", (v) => exit(v, undefined, undefined), "EXIT_PAYLOAD"),
  row(25, "exit", [FROM, TO, TOKEN], "reason", (v) => exit(v, v[2], undefined), "EXIT_PAYLOAD"),
  row(26, "exit2", [FROM, TO], "reason", (v) => exit2(v, undefined, undefined), "EXIT_PAYLOAD"),
  row(27, "exit2", [FROM, TO, TOKEN], "reason", (v) => exit2(v, v[2], undefined), "EXIT_PAYLOAD"),
  row(
    28,
    "monitorExit",
    ["from:pid or name", TO, "ref:ref"],
    "reason",
    (v) => monitorExit(v, undefined),
    "EXIT_PAYLOAD",
  ),
  row(29, "spawnRequest", SPAWN_ELEMENTS, "message", (v) => spawnRequest(v, undefined), "SPAWN"),
  row(30, "spawnRequest", [...SPAWN_ELEMENTS, TOKEN], "message", (v) => spawnRequest(v, v[5]), "SPAWN"),
  row(31, "spawnReply", SPAWNED_ELEMENTS, "none", (v) => spawnReply(v, undefined), "SPAWN"),
  row(32, "spawnReply", [...SPAWNED_ELEMENTS, TOKEN], "none", (v) => spawnReply(v, v[4]), "SPAWN"),
  row(33, "aliasSend", [FROM, "to:ref"], "message", (v) => aliasSend(v, undefined), "ALIAS"),
  row(34, "aliasSend", [FROM, "to:ref", TOKEN], "message", (v) => aliasSend(v, v[2]), "ALIAS"),
  row(
    35,
    "unlinkId",
    ["id:unlink id", FROM, TO],
    "none",
    (v) => ({ op: "unlinkId", id: v[0], from: v[1], to: v[2] }),
    "UNLINK_ID",
  ),
  row(
    36,
    "unlinkIdAck",
    ["id:unlink id", FROM, TO],
    "none",
    (v) => ({ op: "unlinkIdAck", id: v[0], from: v[1], to: v[2] }),
    "UNLINK_ID",
  ),
]

/** Number, meaning, elements, payload: all control messages but 37 (`altact`), whose shape depends on its own flags. */
export const CONTROL_ROWS: readonly ControlRow[] = ROWS

/** The rows by their numbers. @internal */
export const ROW_BY_CODE: readonly (ReadableRow | undefined)[] = Array.from({ length: 37 }, (_, code) =>
  ROWS.find((r) => r.code === code),
)

/** The number of `altact`, and the bits of its flags. @internal */
export const ALTACT = {
  code: 37,
  priority: 1,
  token: 2,
  /** The target is a reference. */
  alias: 4,
  /** The target is a registered name. With neither of the two bits, it is a pid; with both, nothing. */
  name: 8,
  exit: 16,
} as const
