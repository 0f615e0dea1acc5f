/**
 * The protocol between the observer and its page, over the WebSocket `/live`: from the page JSON texts, to it binary frames (see `codec.ts`).
 *
 * ```ts
 * { type: "watch", id: 1, view: "tree", params: { node: "a@h", application: "shop" } }
 * // answered by { type: "full", id: 1, snapshot }, and from then on by { type: "delta", id: 1, delta }, each time something has changed
 * { type: "unwatch", id: 1 }
 * ```
 *
 * A page watches as many views at once as it shows. Both sides import this file, so it depends on nothing. Processes are named by keys. Durations are
 * milliseconds, times milliseconds since 1970. Texts (names, states, messages) are anything anybody wrote: to be shown as text and never as markup.
 */
import type { Delta } from "./delta.ts"

/** Names a process. Opaque: the page compares it and sends it back. */
export type PidKey = string

/** What a visitor may do: look; look at states and messages too; change something. */
export type Capability = "inspect" | "inspect.state" | "manage"
export const CAPABILITIES: readonly Capability[] = ["inspect", "inspect.state", "manage"]

/** Parameters of a view or an action: flat, so that they fit into an address. */
export type Params = Readonly<Record<string, string | number | boolean>>

// ---- from the page -----------------------------------------------------------------------------------------------------------
export type ClientMessage = WatchMessage | UnwatchMessage | AskMessage | ActMessage

/** Watches a view from now on, under a number of the page's own. Watching another under the same number replaces it. */
export interface WatchMessage {
  readonly type: "watch"
  readonly id: number
  readonly view: string
  readonly params: Params
}
export interface UnwatchMessage {
  readonly type: "unwatch"
  readonly id: number
}
/** Reads a view once; answered by an {@link AnswerMessage} with that `id`. */
export interface AskMessage {
  readonly type: "ask"
  readonly id: number
  readonly view: string
  readonly params: Params
}
/** Does something, or with `preview` only says what it would take down; answered by an {@link OutcomeMessage} with that `id`. */
export interface ActMessage {
  readonly type: "act"
  readonly id: number
  readonly action: string
  readonly params: Params
  readonly preview: boolean
}

// ---- from the server ---------------------------------------------------------------------------------------------------------
/** `seq` counts the frames of a connection from 1, without gaps. */
export type ServerMessage = { readonly seq: number } & ServerPayload
export type ServerPayload = HelloMessage | FullMessage | DeltaMessage | AnswerMessage | OutcomeMessage | CostMessage

export interface HelloMessage {
  readonly type: "hello"
  /** The node that serves the page. */
  readonly node: string
  readonly refreshMs: number
  /** Who the visitor is, as far as is known. */
  readonly who: string
  readonly capabilities: readonly Capability[]
  /** Those the visitor may use. */
  readonly views: readonly string[]
  readonly actions: readonly string[]
}
export interface FullMessage {
  readonly type: "full"
  readonly id: number
  readonly snapshot: Snapshot
}
/** From the snapshot that was last sent under that number to the next. */
export interface DeltaMessage {
  readonly type: "delta"
  readonly id: number
  readonly delta: Delta
}
export interface AnswerMessage {
  readonly type: "answer"
  readonly id: number
  readonly snapshot: Snapshot
}
export interface OutcomeMessage {
  readonly type: "outcome"
  readonly id: number
  readonly outcome: Outcome
}
/** What looking costs the node that serves the page: milliseconds of CPU a second, of all pages together. */
export interface CostMessage {
  readonly type: "cost"
  readonly cpu: number
  readonly pages: number
  /** Bytes sent to this page, a second. */
  readonly bytes: number
}

/**
 * What a view says now. `gone`: the node is there, but what was looked at is not. `unreachable`: its node does not answer. `unknown`: no such view,
 * node or parameter. `unsupported`: that kind of node has no such thing. `denied`: the visitor lacks the capability. `failed`: reading went wrong.
 * `unkept`: nothing was recorded of it at the moment that was asked for.
 */
export type Status = "here" | "gone" | "unreachable" | "unknown" | "unsupported" | "denied" | "failed" | "unkept"
export type Snapshot<T = unknown> =
  | { readonly status: "here"; readonly data: T; readonly text: "" }
  | { readonly status: Exclude<Status, "here">; readonly data: null; readonly text: string }

/** What an action did, or would do. */
export interface Outcome {
  readonly done: boolean
  /** One sentence. */
  readonly text: string
  /** Of a preview: what it takes down, and what follows. */
  readonly consequences: readonly Consequence[]
  /** Of a preview: the same as a command, to be copied; `$OBSERVER` is the observer's address, `$TOKEN` a token. */
  readonly command?: string
  /** Of a preview: the text that the action wants as its parameter `confirm`, typed by a person. Absent where it wants none. */
  readonly confirm?: string
}
export interface Consequence {
  readonly tone: "calm" | "warn" | "bad"
  readonly text: string
}

// ---- reading what a page sends -----------------------------------------------------------------------------------------------
/** Characters of a frame from a page; a longer one ends the connection. */
export const FRAME_MAX = 8_192
/** Characters of a text in the parameters, and parameters. */
export const TEXT_MAX = 4_000
const PARAMS_MAX = 24
const NAME_MAX = 60

type Loose = Readonly<Record<string, unknown>>

/** What a page said; undefined when it is no message of this protocol. Never throws. */
export function parseClientMessage(frame: string): ClientMessage | undefined {
  if (frame.length > FRAME_MAX) return undefined
  const message = parsed(frame)
  if (message === undefined || !isCount(message["id"])) return undefined
  const { id, type, view, action, preview } = message
  if (type === "unwatch") return { type, id }
  const params = paramsOf(message["params"])
  if (params === undefined) return undefined
  if ((type === "watch" || type === "ask") && isName(view)) return { type, id, view, params }
  if (type === "act" && isName(action) && typeof preview === "boolean") return { type, id, action, params, preview }
  return undefined
}

function parsed(frame: string): Loose | undefined {
  try {
    const value: unknown = JSON.parse(frame)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Loose) : undefined
  } catch {
    // Not JSON: no message, which is what the caller hears.
    return undefined
  }
}

/** Parameters as a page or an address may give them; undefined when they are something else. */
export function paramsOf(value: unknown): Params | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  const entries = Object.entries(value)
  const fits = entries.every(([name, given]) => name.length <= NAME_MAX && name !== "__proto__" && isScalar(given))
  return fits && entries.length <= PARAMS_MAX ? (Object.fromEntries(entries) as Params) : undefined
}

const isScalar = (value: unknown): boolean =>
  typeof value === "string"
    ? value.length <= TEXT_MAX
    : typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))
const isName = (value: unknown): value is string => typeof value === "string" && value.length <= NAME_MAX
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
