/**
 * The protocol between the observer and its page: JSON, one object a frame, over the WebSocket `/live`.
 *
 * ```ts
 * parseClientMessage('{"type":"look","tree":{"node":"a@h","application":"shop"},"process":null,"events":false}')
 * // what the page looks at now; the server answers with snapshots, each time something in them has changed
 * ```
 *
 * A page looks at the cluster always, at one tree, one process and the events if it says so. Both sides import this file, so it depends on nothing.
 * Processes are named by keys; the server takes only keys that it has shown to this very page. Durations are milliseconds, times milliseconds since
 * 1970. Texts (names, states, messages) are anything anybody wrote: to be shown as text and never as markup.
 */

/** Names a process. Opaque: the page compares it and sends it back. */
export type PidKey = string

export interface TreeSubject {
  readonly node: string
  readonly application: string
}

// ---- from the page -----------------------------------------------------------------------------------------------------------
export type ClientMessage = LookMessage | KillMessage | FindMessage

/** What the page looks at from now on. */
export interface LookMessage {
  readonly type: "look"
  readonly tree: TreeSubject | null
  readonly process: PidKey | null
  readonly events: boolean
}
/** Ends a process with `kill`; answered by an {@link OutcomeMessage} with that `id`. */
export interface KillMessage {
  readonly type: "kill"
  readonly id: number
  readonly process: PidKey
}
/** Looks for processes on all nodes; answered by a {@link FoundMessage} with that `id`. */
export interface FindMessage {
  readonly type: "find"
  readonly id: number
  readonly text: string
}

// ---- from the server ---------------------------------------------------------------------------------------------------------
/** `seq` counts the frames of a connection from 1, without gaps. */
export type ServerMessage = { readonly seq: number } & ServerPayload
export type ServerPayload =
  | HelloMessage
  | ClusterMessage
  | TreeMessage
  | ProcessMessage
  | EventsMessage
  | OutcomeMessage
  | FoundMessage

export interface HelloMessage {
  readonly type: "hello"
  /** The node that serves the page. */
  readonly node: string
  readonly refreshMs: number
  /** Nothing can be killed from here. */
  readonly readOnly: boolean
}
export interface ClusterMessage {
  readonly type: "cluster"
  readonly nodes: readonly NodeView[]
}
export interface TreeMessage {
  readonly type: "tree"
  readonly subject: TreeSubject
  readonly status: Status
  /** Null unless `status` is `here`. */
  readonly tree: TreeView | null
}
export interface ProcessMessage {
  readonly type: "process"
  readonly key: PidKey
  readonly status: Status
  /** Null unless `status` is `here`. */
  readonly process: ProcessPage | null
}
/** Events that came since the last such frame, oldest first. */
export interface EventsMessage {
  readonly type: "events"
  readonly events: readonly EventView[]
}
export interface OutcomeMessage {
  readonly type: "outcome"
  readonly id: number
  readonly done: boolean
  readonly text: string
}
export interface FoundMessage {
  readonly type: "found"
  readonly id: number
  readonly found: readonly FoundView[]
}

/**
 * `gone`: the node is there, but what was looked at is not. `unreachable`: its node does not answer. `beam`: its node has no inspector.
 * `unknown`: a key that this page was never shown, or a node that is not in the
 * cluster.
 */
export type Status = "here" | "gone" | "unreachable" | "beam" | "unknown"

export interface NodeView {
  readonly name: string
  readonly kind: "umbel" | "beam" | "unknown"
  /** `asking` until the first answer. */
  readonly status: "up" | "unreachable" | "asking"
  /** Whether it is the node that serves the page. */
  readonly home: boolean
  /** When it last answered; 0 for never. */
  readonly seenAt: number
  /** The last there are, also of a node that cannot be reached; null before the first. */
  readonly vitals: Vitals | null
}
export interface Vitals {
  readonly bootedAt: number
  readonly uptime: number
  readonly processes: number
  readonly zombies: number
  readonly runQueue: number
  /** Since boot. */
  readonly turns: number
  readonly crashes: number
  readonly connected: readonly string[]
  readonly applications: readonly ApplicationView[]
}
export interface ApplicationView {
  readonly name: string
  readonly description: string
  readonly type: string
  readonly startedAt: number
  /** Whether it has a supervision tree. */
  readonly supervised: boolean
}

export interface TreeView {
  /** Null for a child that does not run. */
  readonly key: PidKey | null
  /** `<0.12.0>`; empty for a child that does not run. */
  readonly pid: string
  readonly id: string
  readonly title: string
  readonly module: string
  readonly kind: "worker" | "supervisor"
  readonly status: string
  readonly mailbox: number
  readonly restart: string
  /** How often this child was started anew. */
  readonly restarts: number
  readonly supervision: SupervisionView | null
  readonly children: readonly TreeView[]
  /** Children that are not in `children`. */
  readonly more: number
}
export interface SupervisionView {
  readonly strategy: string
  readonly intensity: number
  readonly period: number
  /** Restarts that count against `intensity` at present. */
  readonly used: number
}

export interface ProcessPage {
  readonly key: PidKey
  readonly pid: string
  readonly node: string
  readonly title: string
  readonly module: string
  readonly kind: "worker" | "supervisor"
  readonly status: string
  readonly registeredName: string | null
  readonly mailbox: number
  readonly handled: number
  readonly cpu: number
  readonly trapExit: boolean
  readonly ancestors: readonly string[]
  readonly parent: LinkView | null
  readonly links: readonly LinkView[]
  readonly monitors: readonly string[]
  /** How many monitors watch it. */
  readonly watchers: number
  /** The message that its handler is awaiting with. */
  readonly current: string | null
  /** The first that wait. */
  readonly messages: readonly string[]
  readonly state: string
}
export interface LinkView {
  readonly key: PidKey
  readonly pid: string
  readonly node: string
  readonly title: string
}

export interface EventView {
  /** Unique in the cluster. */
  readonly id: string
  readonly node: string
  readonly at: number
  readonly kind: "crash" | "long-handler" | "note"
  readonly level: "debug" | "info" | "warning" | "error"
  /** The first line says what, the others the details. */
  readonly text: string
  readonly process: PidKey | null
}

export interface FoundView {
  readonly key: PidKey
  readonly pid: string
  readonly node: string
  readonly title: string
  readonly module: string
  readonly mailbox: number
}

// ---- reading what a page sends -----------------------------------------------------------------------------------------------
/** Characters of a frame from a page; a longer one ends the connection. */
export const FRAME_MAX = 4_096
const TEXT_MAX = 600

type Loose = Readonly<Record<string, unknown>>

/** What a page said; undefined when it is no message of this protocol. Never throws. */
export function parseClientMessage(frame: string): ClientMessage | undefined {
  if (frame.length > FRAME_MAX) return undefined
  const message = parsed(frame)
  switch (message?.["type"]) {
    case "look": {
      const tree = subjectOf(message["tree"])
      const process = message["process"]
      const events = message["events"]
      if (tree === undefined || (process !== null && !isText(process)) || typeof events !== "boolean") return undefined
      return { type: "look", tree, process, events }
    }
    case "kill": {
      const { id, process } = message
      return isCount(id) && isText(process) ? { type: "kill", id, process } : undefined
    }
    case "find": {
      const { id, text } = message
      return isCount(id) && isText(text) ? { type: "find", id, text } : undefined
    }
    default:
      return undefined
  }
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

function subjectOf(value: unknown): TreeSubject | null | undefined {
  if (value === null) return null
  if (typeof value !== "object") return undefined
  const { node, application } = value as Loose
  return isText(node) && isText(application) ? { node, application } : undefined
}

const isText = (value: unknown): value is string => typeof value === "string" && value.length <= TEXT_MAX
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
