/**
 * System messages: what tools ask of any server, whatever it serves. Rules: OTP's `sys`.
 *
 * ```ts
 * await Sys.getState(self, COUNTER)        // { count: 5 }
 * await Sys.suspend(self, COUNTER)         // it answers nothing but system messages …
 * await Sys.resume(self, COUNTER)          // … until now
 * ```
 *
 * They are ordinary messages, `{system, From, Request}`, so `sys:get_state({counter, 'a@host'})` of a BEAM node works on a server here, and these functions work on
 * servers of BEAM nodes.
 */
import {
  CallRefused,
  type Envelope,
  IDLE,
  MESSAGE,
  type Node,
  type ProcessCapability,
  reasonOf,
  type Timer,
} from "../runtime/index.ts"
import {
  atom,
  charlist,
  copy,
  error,
  inspect,
  isAtom,
  local,
  NotATerm,
  ok,
  type Pid,
  redact,
  timeout as silence,
  system,
  type Target,
  Tuple,
  tuple,
} from "../term/index.ts"
import { processOf } from "./node-of.ts"
import type { Server } from "./server.ts"
import { wrapsStates } from "./state-replies.ts"
import { CodeChangeRefused, upgrade } from "./upgrade.ts"

/** What few servers use: to be suspended, to continue, to wait for silence, to be counted. */
export class Rare {
  suspended = false
  readonly continuing: unknown[] = []
  idleMs: number | undefined = undefined
  #idleTimer: Timer | undefined = undefined
  /** Since when, in the node's milliseconds, and with how many messages handled before. */
  statistics: { readonly since: number; readonly wall: number; readonly handled: number } | undefined = undefined

  /** The next envelope of its server. Of a suspended one everything but system messages stays where it is until somebody says `resume`. */
  take(server: Server): Envelope | undefined {
    this.heard()
    if (!this.suspended) return server.take()
    const envelope = server.takeMatching(undefined, isSystemMessage)
    if (envelope === undefined) server.status = IDLE
    return envelope
  }
  waitForSilence(server: Server): void {
    if (this.idleMs === undefined) return
    this.#idleTimer = server.node.platform.clock.after(this.idleMs, () => {
      this.#idleTimer = undefined
      if (server.size === 0) server.node.deliverTerm(server, silence)
    })
  }
  /** Something has come, or nothing will any more. */
  heard(): void {
    this.#idleTimer?.cancel()
    this.#idleTimer = undefined
  }
}

/** Whether an envelope is a system message: those pass even when a server is suspended. @internal */
export function isSystemMessage(envelope: Envelope): boolean {
  return envelope.kind === MESSAGE && envelope.value instanceof Tuple && envelope.value.elements[0] === system
}

const statusAtom = atom("status")
const running = atom("running")
const suspended = atom("suspended")
const module = atom("module")
const header = atom("header")
const data = atom("data")
const noStatistics = atom("no_statistics")
const unknownSystemMessage = atom("unknown_system_msg")
const callbackFailed = atom("callback_failed")
const unknownDebug = atom("unknown_debug")
const changeCodeAtom = atom("change_code")

/** What {@link changeCode} sends: `{umbel.change_code, Extra}`. It need not be suspended, as what it does is done between two messages. @internal */
export const changeNow = atom("umbel.change_code")

type To = { readonly pid: Pid; readonly tag: unknown }

/** Does what is asked, and answers; a promise holds the server meanwhile. @internal */
export function answerSystem(server: Server, rare: Rare, to: To, request: unknown): Promise<unknown> | undefined {
  const change = codeChangeIn(rare, request)
  if (change !== undefined) return changeCode(server, to, change)
  const answer = handleSystem(server, rare, request)
  if (answer instanceof StateReply) replyState(server, to, answer.state)
  else reply(server, to, answer)
  return undefined
}

/** A state, which each release of `sys` expects in its own form. */
class StateReply {
  readonly state: unknown
  constructor(state: unknown) {
    this.state = state
  }
}

/** The server need not wait for what it takes to learn the form. */
function replyState(server: Server, to: To, state: unknown): void {
  const say = (wraps: boolean): void => replyIn(server, to, state, (said) => (wraps ? tuple(ok, said) : said))
  const wraps = wrapsStates(server.node, to.pid.node)
  if (typeof wraps === "boolean") say(wraps)
  else void wraps.then(say)
}

interface Change {
  readonly from: unknown
  readonly extra: unknown
  /** Whether the server is to end when it cannot change, or is to answer why and go on. */
  readonly orEnd: boolean
}

/** `{change_code, Module, OldVsn, Extra}` to a suspended server, as of `sys`, or our own {@link changeNow}. */
function codeChangeIn(rare: Rare, request: unknown): Change | undefined {
  if (!(request instanceof Tuple)) return undefined
  const { elements } = request
  if (elements[0] === changeNow && elements.length === 2) return { from: undefined, extra: elements[1], orEnd: true }
  if (elements[0] !== changeCodeAtom || elements.length !== 4 || !rare.suspended) return undefined
  return { from: elements[2], extra: elements[3], orEnd: false }
}

/** To the node's current definition of its module, which may be the one it runs already. */
function changeCode(server: Server, to: To, change: Change): Promise<unknown> | undefined {
  const failed = (thrown: unknown): undefined => {
    if (change.orEnd && !(thrown instanceof CodeChangeRefused)) throw thrown
    reply(server, to, tuple(error, term(reasonOf(thrown))))
    return undefined
  }
  try {
    const next = server.node.currentOf(server.code) as typeof server.code
    // A second change was asked for before the first was done.
    const work = change.orEnd && next === server.code ? undefined : upgrade(server, next, change)
    if (work !== undefined) return work.then(() => reply(server, to, ok)).catch(failed)
    reply(server, to, ok)
    return undefined
  } catch (thrown) {
    return failed(thrown)
  }
}

function reply(server: Server, to: To, answer: unknown): void {
  replyIn(server, to, answer, (said) => said)
}

/** In some form. A state that holds what does not leave the node is said in words: looking at it from another one is no fault of the server. */
function replyIn(server: Server, to: To, answer: unknown, form: (answer: unknown) => unknown): void {
  const { calls } = server.node
  try {
    calls.reply(server.pid, to, form(answer))
  } catch (thrown) {
    if (!(thrown instanceof NotATerm)) throw thrown
    calls.reply(server.pid, to, form(inspect(answer)))
  }
}

function handleSystem(server: Server, rare: Rare, request: unknown): unknown {
  if (isAtom(request)) {
    switch (request.text) {
      case "get_state":
        return new StateReply(term(server.sysState))
      case "get_status":
        return status(server, rare)
      case "suspend":
        rare.suspended = true
        return ok
      case "resume":
        rare.suspended = false
        return ok
    }
  } else if (request instanceof Tuple && isAtom(request.elements[0])) {
    const [{ text }, what] = request.elements as readonly [{ text: string }, unknown]
    if (text === "terminate") {
      server.stop(what)
      return ok
    }
    if (text === "replace_state") return replace(server, what)
    if (text === "debug") return debug(server, rare, what)
  }
  return tuple(error, tuple(unknownSystemMessage, request))
}

/** A state as a term; one that holds what is none (a socket, a function) is said in words. */
function term(state: unknown): unknown {
  try {
    return copy(state)
  } catch (thrown) {
    if (thrown instanceof NotATerm) return inspect(state)
    throw thrown
  }
}

/** The function comes as a `local`: from another node there is none. */
function replace(server: Server, f: unknown): unknown {
  const change = typeof f === "object" && f !== null && "value" in f ? f.value : f
  if (typeof change !== "function")
    return tuple(error, "replace_state needs a function, and functions do not cross nodes")
  try {
    server.sysState = (change as (state: unknown) => unknown)(server.sysState)
  } catch (thrown) {
    const what = tuple(atom(server.definition.module), atom("system_replace_state"))
    return tuple(error, tuple(callbackFailed, what, tuple(error, term(reasonOf(thrown)))))
  }
  return new StateReply(term(server.sysState))
}

/** As `gen_server` formats it, so that BEAM tools show it; secrets are covered. */
function status(server: Server, rare: Rare): unknown {
  const { module: name, state } = server.describe()
  const shown = term(redact(state))
  const line = (key: string, value: unknown): unknown => tuple(charlist(key), value)
  const misc = [
    tuple(header, charlist(`Status for generic server ${server.title}`)),
    tuple(data, [
      line("Status", rare.suspended ? suspended : running),
      line("Parent", server.parent?.pid),
      line("Logged events", []),
    ]),
    tuple(data, [line("State", shown)]),
  ]
  const sysState = rare.suspended ? suspended : running
  return tuple(statusAtom, server.pid, tuple(module, atom(name.slice(0, 255))), [
    [],
    sysState,
    server.parent?.pid,
    [],
    misc,
  ])
}

function debug(server: Server, rare: Rare, what: unknown): unknown {
  if (isAtom(what) && what.text === "no_debug") {
    rare.statistics = undefined
    return ok
  }
  if (!(what instanceof Tuple) || !isAtom(what.elements[0])) return unknownDebug
  const [{ text }, flag] = what.elements as readonly [{ text: string }, unknown]
  if (text === "statistics") return statistics(server, rare, flag)
  // Events are what the observer is for; that nothing was logged is the truth.
  if (text === "trace") return ok
  if (text === "log") return isAtom(flag) && flag.text === "get" ? tuple(ok, []) : ok
  return unknownDebug
}

function statistics(server: Server, rare: Rare, flag: unknown): unknown {
  const { clock } = server.node.platform
  if (flag === true) {
    rare.statistics = { since: clock.now(), wall: clock.wallTime(), handled: server.handled }
    return ok
  }
  if (flag === false) {
    rare.statistics = undefined
    return ok
  }
  if (rare.statistics === undefined) return tuple(ok, noStatistics)
  const { wall, handled } = rare.statistics
  return tuple(ok, [
    tuple(atom("start_time"), new Date(wall)),
    tuple(atom("current_time"), new Date(clock.wallTime())),
    tuple(atom("messages_in"), server.handled - handled),
  ])
}

export interface SysApi {
  /** The state as it is, or printed where it holds what is no term. For debugging: rely on no shape of it. */
  getState(self: ProcessCapability | Node, target: Target, timeoutMs?: number): Promise<unknown>
  /** Replaces the state of a server on this node by what `change` makes of it. */
  replaceState(
    self: ProcessCapability | Node,
    target: Target,
    change: (state: never) => object,
    timeoutMs?: number,
  ): Promise<unknown>
  /** The status as BEAM tools show it, with what `formatStatus` gives of the state. */
  getStatus(self: ProcessCapability | Node, target: Target, timeoutMs?: number): Promise<unknown>
  /** The server answers nothing but system messages until it is resumed; everything else waits. */
  suspend(self: ProcessCapability | Node, target: Target, timeoutMs?: number): Promise<void>
  resume(self: ProcessCapability | Node, target: Target, timeoutMs?: number): Promise<void>
  /**
   * Has a suspended server go on with its node's current definition of `module`. Rejects with {@link CallRefused}, and the server goes on as it was, when
   * that fails. To change all servers of a node there is `changeCode`.
   */
  changeCode(
    self: ProcessCapability | Node,
    target: Target,
    change: { readonly module: string; readonly from?: unknown; readonly extra?: unknown },
    timeoutMs?: number,
  ): Promise<void>
  /** Ends the server with that reason, as if it had done so itself. */
  terminate(self: ProcessCapability | Node, target: Target, reason: unknown, timeoutMs?: number): Promise<void>
  /** Begins to count, ends counting, or gives the counts so far. */
  statistics(
    self: ProcessCapability | Node,
    target: Target,
    what: boolean | "get",
    timeoutMs?: number,
  ): Promise<unknown>
}

function ask(self: ProcessCapability | Node, target: Target, request: unknown, timeoutMs = 5_000): Promise<unknown> {
  const process = processOf(self)
  return process.node.calls.askAs(system, process, target, request, { timeout: timeoutMs })
}

/** Of `{ok, What}`. */
const whatIn = (answer: unknown): unknown =>
  answer instanceof Tuple && answer.elements.length === 2 && answer.elements[0] === ok ? answer.elements[1] : answer

async function askState(
  self: ProcessCapability | Node,
  target: Target,
  request: unknown,
  timeoutMs: number | undefined,
): Promise<unknown> {
  const answer = await ask(self, target, request, timeoutMs)
  const { node } = processOf(self)
  return (await wrapsStates(node, target.node ?? node.name)) ? whatIn(answer) : answer
}

/** Every rejection is a {@link CallExit}: `noproc`, `timeout`, or what the server ended with. */
export const Sys: SysApi = {
  getState: (self, target, timeoutMs) => askState(self, target, atom("get_state"), timeoutMs),
  replaceState: (self, target, change, timeoutMs) =>
    askState(self, target, tuple(atom("replace_state"), local(change)), timeoutMs),
  getStatus: (self, target, timeoutMs) => ask(self, target, atom("get_status"), timeoutMs),
  suspend: async (self, target, timeoutMs) => void (await ask(self, target, atom("suspend"), timeoutMs)),
  resume: async (self, target, timeoutMs) => void (await ask(self, target, atom("resume"), timeoutMs)),
  changeCode: async (self, target, { module: name, from, extra }, timeoutMs) => {
    const answer = await ask(self, target, tuple(changeCodeAtom, atom(name), from, extra), timeoutMs)
    if (answer instanceof Tuple && answer.elements[0] === error) {
      throw new CallRefused(answer.elements[1], target, "Sys.changeCode")
    }
  },
  terminate: async (self, target, reason, timeoutMs) =>
    void (await ask(self, target, tuple(atom("terminate"), reason), timeoutMs)),
  statistics: async (self, target, what, timeoutMs) => {
    const flag = what === "get" ? atom("get") : what
    return whatIn(await ask(self, target, tuple(atom("debug"), tuple(atom("statistics"), flag)), timeoutMs))
  },
}
