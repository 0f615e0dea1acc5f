/**
 * How a call can fail: the server is gone, late or unreachable ({@link CallExit}), or it answered "no" and lives
 * ({@link CallRefused}).
 */

import { inspect, type Target, Tuple } from "../term/index.ts"
import { reasonText } from "./reason-text.ts"

/**
 * The server was absent, died, or was late. A reply that comes later is dropped. Left uncaught in a process it ends that
 * process with `{reason, {umbel, call, [target, request, timeout]}}`, as an exit of `gen_server:call` carries its call.
 */
export class CallExit extends Error {
  override readonly name = "CallExit"
  /** `noproc`, `timeout`, `noconnection`, or the reason the server ended with. */
  readonly reason: unknown
  readonly target: Target
  readonly request: string
  readonly timeoutMs: number | "infinity"

  constructor(reason: unknown, target: Target, request: string, timeoutMs: number | "infinity") {
    super(`call ${request} to ${String(target)} failed: ${describeReason(reason, timeoutMs)}`)
    this.reason = reason
    this.target = target
    this.request = request
    this.timeoutMs = timeoutMs
  }
}

/** The server answered `refuse(reason)`, or a BEAM server `{error, Reason}` to a request that was asked for that way. */
export class CallRefused extends Error {
  override readonly name = "CallRefused"
  readonly reason: unknown
  readonly target: Target
  readonly request: string

  constructor(reason: unknown, target: Target, request: string) {
    super(`call ${request} to ${String(target)} was refused: ${inspect(reason)}`)
    this.reason = reason
    this.target = target
    this.request = request
  }
}

const SENTENCES: ReadonlyMap<string, string> = new Map([
  ["noproc", "no such process; it never started, has ended, or its name is not registered there"],
  ["noconnection", "its node cannot be reached, or the connection to it was lost"],
  ["normal", "it ended before it answered"],
  ["shutdown", "it was shut down before it answered"],
  ["killed", "it was killed before it answered"],
  ["calling_self", "a process cannot call itself: it would wait for itself"],
  ["aborted", "the caller's signal was aborted"],
])

function describeReason(reason: unknown, timeoutMs: number | "infinity"): string {
  if (reason instanceof Tuple && reason.elements[0] instanceof Error) return `it crashed with ${reasonText(reason)}`
  const text = inspect(reason)
  if (text === ":timeout") return `no answer within ${timeoutMs} ms`
  const sentence = SENTENCES.get(text.replace(/^:/, ""))
  return sentence === undefined ? `it ended with ${text}` : `${sentence} (${text.replace(/^:/, "")})`
}
