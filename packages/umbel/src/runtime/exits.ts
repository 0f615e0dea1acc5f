/**
 * Why processes end: thrown things as exit reasons, and the errors that mean an end rather than a fault.
 */
import { atom, charlist, copy, inspect, Name, type Pid, tuple } from "../term/index.ts"
import { CallExit } from "./call-errors.ts"

/** A verb was used through the `self` of a process that has ended. */
export class ProcessEnded extends Error {
  override readonly name = "ProcessEnded"
  constructor(pid: Pid) {
    super(`process ${pid} has ended; its self can do nothing more`)
  }
}

/** The name is borne by another process. */
export class NameTaken extends Error {
  override readonly name = "NameTaken"
  readonly holder: Pid
  constructor(name: string, holder: Pid) {
    super(`the name ${name} is taken by ${holder}`)
    this.holder = holder
  }
}

/** A process could not start: its `init` threw, or the name is taken (reason `{already_started, Pid}`). */
export class StartFailed extends Error {
  override readonly name = "StartFailed"
  readonly reason: unknown
  constructor(title: string, reason: unknown, cause: unknown) {
    super(`${title} did not start: ${cause instanceof Error ? cause.message : inspect(reason)}`, { cause })
    this.reason = reason
  }
}

/** There is no process, and no fault: `init` returned `ignore`. Its reason is that word. */
export class StartIgnored extends StartFailed {
  constructor(title: string) {
    super(title, ignored, new Error("its init said ignore"))
  }
}

/** Thrown by `self.exit(reason)` to leave the function; the process ends with that reason. @internal */
export class ExitThrown extends Error {
  override readonly name = "ExitThrown"
  readonly reason: unknown
  constructor(reason: unknown) {
    super("the process exits")
    this.reason = reason
  }
}

const ignored = atom("ignore")
const normalWords: ReadonlySet<string> = new Set(["normal", "shutdown"])

/** Whether an end with that reason is an orderly one: `normal`, `shutdown` or `{shutdown, _}`. */
export function isOrderly(reason: unknown): boolean {
  const text = reasonWord(reason)
  return text !== undefined && normalWords.has(text)
}

/** `shutdown` for the atom and for `{shutdown, _}`. */
function reasonWord(reason: unknown): string | undefined {
  if (typeof reason !== "object" || reason === null) return undefined
  if ("text" in reason) return String(reason.text)
  if ("elements" in reason && Array.isArray(reason.elements) && reason.elements.length === 2) {
    const first: unknown = reason.elements[0]
    if (first === shutdownAtom) return "shutdown"
  }
  return undefined
}

const shutdownAtom = atom("shutdown")
const call = tuple(atom("umbel"), atom("call"))

/**
 * What was thrown, as an exit reason. An error is `{exception, stacktrace}` as Erlang writes it; a failed call nobody caught carries
 * the call it failed in; `self.exit(reason)` is that reason; anything else that is a term is itself, and what is none is printed.
 */
export function reasonOf(thrown: unknown): unknown {
  if (thrown instanceof ExitThrown) return thrown.reason
  if (thrown instanceof CallExit) {
    // A via name does not leave the node, and an exit reason must be able to.
    const target =
      thrown.target instanceof Name && thrown.target.key !== undefined ? String(thrown.target) : thrown.target
    return tuple(thrown.reason, tuple(...call.elements, [target, thrown.request, thrown.timeoutMs]))
  }
  if (thrown instanceof Error) return tuple(thrown, stackOf(thrown))
  return thrown
}

const FRAME = /^\s*at (?:async )?(?:(?:new )?(.+?) \()?(?:file:\/\/)?(.+?):(\d+):\d+\)?$/
const FRAMES_MAX = 12
const file = atom("file")
const line = atom("line")

/** `[{Module, Function, Arity, [{file, F}, {line, L}]}]`, innermost first. */
function stackOf(error: Error): unknown[] {
  const frames: unknown[] = []
  for (const text of (error.stack ?? "").split("\n").slice(1)) {
    const match = FRAME.exec(text)
    if (match === null) continue
    const [, name = "-", path = "", number = "0"] = match
    const module = (path.split("/").at(-1) ?? path).slice(0, 100)
    frames.push(
      tuple(atom(module === "" ? "-" : module), atom(name.slice(0, 100)), 0, [
        tuple(file, charlist(path)),
        tuple(line, Number(number)),
      ]),
    )
    if (frames.length === FRAMES_MAX) break
  }
  return frames
}

/** An exit reason travels: what is no term is said in words. */
export function termOrPrinted(reason: unknown): unknown {
  try {
    return copy(reason)
  } catch {
    return String(reason)
  }
}
