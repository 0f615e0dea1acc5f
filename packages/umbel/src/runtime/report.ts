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
}

/** A handler kept the thread, and everybody else, waiting. */
export interface LongHandlerReport extends Common {
  readonly kind: "long-handler"
  readonly pid: Pid
  readonly title: string
  readonly ms: number
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
