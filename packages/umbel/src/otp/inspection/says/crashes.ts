/**
 * What the inspector says of what went wrong: crashes grouped by cause, handlers that held the thread, lines of the log.
 *
 * ```ts
 * const [worst] = await node.call(INSPECTOR).crashes()
 * worst.count                     // 17
 * worst.latest.stack              // ["increment (shop/counter.ts:14:11)", …]
 * worst.latest.decision?.kind     // "restart"
 * ```
 */
import type { HeldStack, SourcePlace } from "../../../runtime/index.ts"
import type { Pid } from "../../../term/index.ts"

/** Crashes with the same cause: the same module, the same kind of reason, thrown in the same place. */
export interface CrashGroup {
  /** Stays the same for the same cause, on every node and in every life of it. */
  readonly cause: string
  readonly module: string
  /** The reason without what differs from one crash to the next: numbers, texts, pids. */
  readonly reason: string
  /** The place it was thrown in, innermost frame of user code; undefined for an exit without a throw. */
  readonly frame: string | undefined
  readonly count: number
  /** Milliseconds since 1970. */
  readonly firstAt: number
  readonly lastAt: number
  readonly latest: CrashView
  /** What supervisors did about them so far. */
  readonly restarts: number
  readonly givenUp: number
}

/** One crash; terms are printed, states redacted. */
export interface CrashView {
  readonly at: number
  readonly pid: Pid
  readonly title: string
  readonly reason: string
  /** What was thrown, its first line; undefined for an exit without a throw. */
  readonly error: string | undefined
  /** Innermost first. */
  readonly stack: readonly string[]
  /** The message in hand. */
  readonly message: string | undefined
  readonly state: string | undefined
  /** Nearest first. */
  readonly ancestors: readonly string[]
  readonly unread: number
  /** The first few of the unread, printed. */
  readonly waiting: readonly string[]
  /** The messages before the one in hand, printed, oldest first: of servers that remember them (`remember`, `rememberMessages`). */
  readonly before: readonly string[]
  /** Of the trace that the message in hand is part of: its W3C id, or the text that travels instead. */
  readonly traceId: string | undefined
  /** The id of its line in the log: what was said around it stands beside that. */
  readonly line: number
  /** Undefined for a process without a supervisor that knows it, and as long as that has not decided. */
  readonly decision: SupervisorDecision | undefined
}

/** What a supervisor did about the end of a child. */
export interface SupervisorDecision {
  readonly kind: "restart" | "leave" | "forget" | "give-up" | "shut-down"
  readonly supervisor: Pid
  readonly supervisorTitle: string
  readonly child: string
  /** Which life of the child ended: 1 is the first. */
  readonly generation: number
  /** The budget after it: restarts within the period, and how many are allowed. */
  readonly restartsInPeriod: number
  readonly intensity: number
  readonly periodMs: number
  /** Siblings stopped and started with it. */
  readonly siblings: readonly string[]
}

/** Handlers of one module that held the thread. */
export interface LongHandlerGroup {
  readonly module: string
  /** The message it was, without its arguments; undefined where several were handled in that turn. */
  readonly request: string | undefined
  readonly count: number
  readonly longestMs: number
  readonly totalMs: number
  readonly firstAt: number
  readonly lastAt: number
  readonly latest: {
    readonly pid: Pid
    readonly title: string
    readonly ms: number
    readonly message: string | undefined
  }
  /** Where the handler is written; undefined where it is not known (yet), as for a turn of several messages. */
  readonly handler: SourcePlace | undefined
  /** Where such a one was while it held the thread. The first is not looked at yet, unless the node was booted with `watchdogMs`. */
  readonly stack: HeldStack | undefined
}

export type LogLevelName = "debug" | "info" | "warning" | "error"

export interface LogQuery {
  /** Lines with an id above this; 0 unless told. */
  readonly since?: number | undefined
  /** This level and those above it; `debug` unless told. */
  readonly level?: LogLevelName | undefined
  /** Only lines that contain this, whatever the case. */
  readonly text?: string | undefined
  /** Only lines of this process. */
  readonly pid?: Pid | undefined
  /** Only lines up to that id. */
  readonly upTo?: number | undefined
  /** Only lines written by then, in milliseconds since 1970. */
  readonly until?: number | undefined
  /** The latest so many, 500 at most; 200 unless told. */
  readonly limit?: number | undefined
}

export interface LogPage {
  readonly node: string
  /** Oldest first. */
  readonly lines: readonly LogLine[]
  /** The id of the latest line there is, whether it matches or not: the next `since`. */
  readonly latest: number
  /** The id of the oldest line still kept. */
  readonly oldest: number
  readonly levels: LogLevels
}

export interface LogLine {
  readonly id: number
  readonly at: number
  readonly kind: "crash" | "long-handler" | "note"
  readonly level: LogLevelName
  /** Who speaks: a process's title, or a part of the platform. */
  readonly from: string
  readonly text: string
  readonly pid: Pid | undefined
}

/** From which level on lines are written. */
export interface LogLevels {
  readonly node: LogLevelName
  readonly applications: readonly { readonly application: string; readonly level: LogLevelName }[]
  readonly processes: readonly { readonly pid: string; readonly level: LogLevelName }[]
}
