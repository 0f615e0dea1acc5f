/**
 * Reports: what a node tells people about. Plain data, so that a console, a log file and the observer can each show them in
 * their own way. `otp` turns them into sentences.
 */
import type { Pid } from "../term/index.ts"

export type Report = CrashReport | LongHandlerReport | NoteReport | ProgressReport

interface Common {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly node: string
}

/** A process ended by a throw, or with a reason other than `normal` and `shutdown`. */
export interface CrashReport extends Common {
  readonly kind: "crash"
  readonly pid: Pid
  /** Registered name, label or module: the best there is to call it by. */
  readonly title: string
  /** The module of its definition, where it has one. */
  readonly module?: string | undefined
  readonly reason: unknown
  /** What was thrown, with its stack, where something was. */
  readonly error: unknown
  /** The message in hand, printed, if there was one. */
  readonly message: string | undefined
  /** The state, through the server's `formatStatus` where it has one. */
  readonly state: unknown
  /** Nearest first. */
  readonly ancestors: readonly string[]
  /** How many messages were left unread. */
  readonly unread: number
  /** The first few of them, printed. */
  readonly waiting?: readonly string[] | undefined
  /** The messages before the one in hand, printed, oldest first: of servers that remember them. */
  readonly before?: readonly string[] | undefined
  /** What the message in hand is part of: the id of the trace, where one travels with messages. */
  readonly traceId?: string | undefined
}

/** A handler kept the thread, and everybody else, waiting. */
export interface LongHandlerReport extends Common {
  readonly kind: "long-handler"
  readonly pid: Pid
  readonly title: string
  readonly ms: number
  readonly module?: string | undefined
  /** The message it worked on, printed; undefined where it handled several in that turn. */
  readonly message?: string | undefined
}

/** What a supervisor does about the end of a child: for those who look, and for no log. */
export interface SupervisionReport {
  readonly at: number
  readonly supervisor: Pid
  readonly supervisorTitle: string
  readonly child: string
  /** The process that ended. */
  readonly pid: Pid
  readonly kind: "restart" | "leave" | "forget" | "give-up" | "shut-down"
  /** Which life of the child ended: 1 is the first. */
  readonly generation: number
  readonly restartsInPeriod: number
  readonly intensity: number
  readonly periodMs: number
  /** Siblings stopped with it. */
  readonly siblings: readonly string[]
}

/** How far some long work is. */
export interface ProgressReport extends Common {
  readonly kind: "progress"
  /** What is being done: one line of progress per label and node. */
  readonly label: string
  readonly done: number
  /** How much there is; undefined while nobody knows. */
  readonly total: number | undefined
  /** Whether that was all. */
  readonly finished?: boolean | undefined
}

/** Anything else worth a line. */
export interface NoteReport extends Common {
  readonly kind: "note"
  readonly level: "debug" | "info" | "warning" | "error"
  /** Which part of the platform speaks: "distribution", "supervisor", … */
  readonly from: string
  readonly text: string
  /** The process concerned, where there is one. */
  readonly pid?: Pid | undefined
  /** Facts beside the text. */
  readonly meta?: object | undefined
}
