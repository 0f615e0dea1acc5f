/** What a terminal and the node that it is a shell of tell each other: requests of the server that is called {@link SHELL}. */
import { type Api, name, type Pid } from "umbel"
import type { Look } from "./print.ts"
import type { Code } from "./source.ts"

/** What may be typed: anything; only what changes nothing. */
export type Mode = "full" | "read-only"

/** Something to be evaluated, as `prepare` made it, and as it was typed. */
export interface Line extends Pick<Code, "code" | "names" | "expression"> {
  readonly typed: string
}
/** What became of it, printed. */
export type Answer =
  | { readonly kind: "value"; readonly number: number; readonly text: string }
  | { readonly kind: "thrown"; readonly text: string }

export interface Opened {
  readonly session: number
  /** What was asked for, or less. */
  readonly mode: Mode
  readonly applications: readonly string[]
  /** Of Node.js, over there. */
  readonly version: string
}

export interface ShellApi extends Api {
  calls: {
    /** `client` is the process whose end ends the session; `who` is for the audit. Refused when there are too many. */
    open(who: string, mode: Mode, look: Look, client: Pid): Opened
    evaluate(session: number, line: Line): Answer
    complete(session: number, text: string): readonly string[]
  }
  casts: {
    interrupt(session: number): void
  }
}
export const SHELL = name<ShellApi>("umbel_shell")
