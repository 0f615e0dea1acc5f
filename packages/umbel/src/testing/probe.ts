/**
 * Probe: a process that stands for the test. Whatever is sent to it stays until the test asks for it.
 *
 * ```ts
 * const probe = t.probe()
 * t.cast(BELL).notify(probe.pid)
 * await probe.expectReceive(tuple(atom("rang"), 3))
 * probe.refuteReceived(isError)
 *
 * const mailer = t.probe({ name: MAILER })          // in a server's place
 * const call = await mailer.expectCall(tuple(atom("deliver"), "a@example.org", anything))
 * call.reply(ok)
 * ```
 *
 * A failure says what was expected, what lies in the mailbox, where the messages that come near differ, and which processes crashed meanwhile.
 */
import type { Node } from "../runtime/index.ts"
import { termOf } from "../runtime/index.ts"
import { atom, inspect, type Name, Pid, type Ref, type Target, Tuple, tuple } from "../term/index.ts"
import type { Captured } from "./captured.ts"
import { inWords } from "./captured.ts"
import { failureAt, quoted, type TestFailure } from "./failure.ts"
import { MailboxProcess } from "./mailbox-process.ts"
import { difference, type Pattern, printedPattern } from "./pattern.ts"

/** Milliseconds to wait for what should come; virtual ones in a simulated world. */
export const WITHIN_MS = 1_000
/** Milliseconds to wait for what should not come. */
const REFUTE_MS = 100
const MESSAGES_SHOWN = 20
const TAKEN_SHOWN = 5

const genCall = atom("$gen_call")

export interface Within {
  /** Milliseconds; 1,000 unless told. Virtual ones in a simulated world. */
  readonly within?: number | undefined
}

/** A call that a probe has received in a server's place. */
export interface ReceivedCall {
  /** `{deliver, "a", 1}` for `deliver("a", 1)`; the atom for a request without arguments. */
  readonly request: unknown
  reply(value: unknown): void
  /** Answers "no": the caller's promise rejects with `CallRefused`. */
  refuse(reason: unknown): void
}

/** What a probe needs of its surroundings. @internal */
export interface Surroundings {
  readonly node: Node
  readonly captured: Captured
  /** Lets time run until the work settles, where time is virtual. */
  awaited<T>(work: Promise<T>): Promise<T>
  /** How to run this again, as the first words of a failure; empty where nothing was left to chance. */
  prefix(): string
  /** A failure was made: it says what crashed, too. */
  failed(): void
}

export class Probe {
  readonly pid: Pid
  readonly #process: MailboxProcess
  readonly #in: Surroundings
  readonly #taken: unknown[] = []
  #waiting = false

  /** @internal */
  constructor(surroundings: Surroundings, name: Name | undefined) {
    const { node } = surroundings
    this.#in = surroundings
    this.#process = new MailboxProcess(node)
    this.pid = this.#process.pid
    node.launch(this.#process, node.user)
    if (name !== undefined) this.#process.register(name)
  }

  // ---- what it may do ---------------------------------------------------------------------------------------------------
  send(to: Target, message: unknown): void {
    this.#process.send(to, message)
  }
  /** The `Down` arrives here. */
  monitor(target: Target): Ref {
    return this.#process.monitor(target)
  }
  /** When either ends abnormally so does the other; with `trapExit`, an `Exit` arrives here instead. */
  link(target: Pid): void {
    this.#process.link(target)
  }
  trapExit(on: boolean): void {
    this.#process.trapExit(on)
  }
  /** Sends an exit signal from this probe. */
  exitOther(target: Pid, reason: unknown): void {
    this.#process.exitOther(target, reason)
  }
  /** Ends the probe, as an exit signal would. */
  exit(reason: unknown): void {
    this.#in.node.exit(this.pid, reason)
  }

  // ---- what is expected of it -----------------------------------------------------------------------------------------------
  /** What was sent to it and not taken, oldest first. */
  get mailbox(): readonly unknown[] {
    return this.#process.messages
  }

  /** Takes out the first message that fits, and waits for it if need be. Rejects with {@link TestFailure} when none comes. */
  expectReceive<M>(pattern: (message: unknown) => message is M, options?: Within): Promise<M>
  expectReceive<const M>(pattern: M, options?: Within): Promise<M extends (...args: never) => unknown ? unknown : M>
  expectReceive(pattern: Pattern, options?: Within): Promise<unknown> {
    return this.#expect(pattern, (term) => difference(pattern, term), options, "message")
  }

  /** Takes out the first call whose request fits, and waits for it if need be. */
  async expectCall(request: Pattern = () => true, options?: Within): Promise<ReceivedCall> {
    const term = (await this.#expect(request, (term) => callDifference(request, term), options, "call")) as Tuple
    const [, from, asked] = term.elements
    const [pid, tag] = (from as Tuple).elements
    const answer = (value: unknown): void => this.#in.node.calls.reply(this.pid, { pid: pid as Pid, tag }, value)
    return { request: asked, reply: answer, refuse: (reason) => answer(tuple(atom("error"), reason)) }
  }

  /** Throws {@link TestFailure} when a message that fits is here already. */
  refuteReceived(pattern: Pattern): void {
    const found = this.mailbox.find((term) => difference(pattern, term) === undefined)
    if (found !== undefined) throw this.#failure(failureAt(), this.#unexpected(pattern, found), pattern)
  }

  /** Waits `within` milliseconds (100 unless told) and rejects when a message that fits comes: certain in virtual time, a guess in real time. */
  async refuteReceive(pattern: Pattern, { within = REFUTE_MS }: Within = {}): Promise<void> {
    const failure = failureAt()
    await this.#until((term) => difference(pattern, term) === undefined, within)
    const found = this.mailbox.find((term) => difference(pattern, term) === undefined)
    if (found !== undefined) throw this.#failure(failure, this.#unexpected(pattern, found), pattern)
  }

  #unexpected(pattern: Pattern, found: unknown): string {
    return `a message matched ${printedPattern(pattern)}, and none was to: ${shown(found, 1_000)}`
  }

  async #expect(
    pattern: Pattern,
    differs: (term: unknown) => string | undefined,
    { within = WITHIN_MS }: Within = {},
    what: string,
  ): Promise<unknown> {
    const failure = failureAt()
    const fits = (term: unknown): boolean => differs(term) === undefined
    await this.#until(fits, within)
    const envelope = this.#process.takeFirst((one) => fits(termOf(one)))
    if (envelope === undefined) {
      const { ended } = this.#process
      const why = ended === undefined ? ` within ${within} ms` : `: the probe ended with ${inspect(ended.reason)}`
      throw this.#failure(failure, `no ${what} matched ${printedPattern(pattern)}${why}`, pattern, differs)
    }
    const term = termOf(envelope)
    this.#taken.push(term)
    return term
  }

  /** Resolves when a message is kept that fits, when the time is over, or when the probe has ended. */
  #until(fits: (term: unknown) => boolean, within: number): Promise<void> {
    if (this.#waiting) throw new TypeError("this probe is waiting already: await one expectation before the next")
    const process = this.#process
    const here = (): boolean => process.ended !== undefined || process.kept.some((envelope) => fits(termOf(envelope)))
    if (here()) return Promise.resolve()
    this.#waiting = true
    const came = new Promise<void>((resolve, reject) => {
      const timer = this.#in.node.platform.clock.after(within, () => finish(resolve))
      const finish = (then: () => void): void => {
        timer.cancel()
        process.onChange = undefined
        this.#waiting = false
        then()
      }
      process.onChange = () => {
        try {
          if (here()) finish(resolve)
        } catch (thrown) {
          // The guard's own error is the test's, not the probe's.
          finish(() => reject(thrown))
        }
      }
    })
    return this.#in.awaited(came)
  }

  #failure(
    make: (message: string) => TestFailure,
    headline: string,
    pattern: Pattern,
    differs = (term: unknown): string | undefined => difference(pattern, term),
  ): TestFailure {
    const lines = [`${this.#in.prefix()}${headline}`, ...this.#mailboxLines(pattern, differs)]
    if (this.#taken.length > 0) {
      const latest = this.#taken.slice(-TAKEN_SHOWN).map((term) => shown(term, 200))
      lines.push(`  taken before: ${this.#taken.length > TAKEN_SHOWN ? "…, " : ""}${latest.join(", ")}`)
    }
    const { unexpected } = this.#in.captured
    if (unexpected.length > 0) {
      this.#in.failed()
      lines.push(`  ${unexpected.length === 1 ? "a process has" : `${unexpected.length} processes have`} crashed:`)
      lines.push(quoted(inWords(unexpected)))
    }
    return make(lines.join("\n"))
  }

  #mailboxLines(pattern: Pattern, differs: (term: unknown) => string | undefined): string[] {
    const { mailbox } = this
    const who = `the mailbox of ${this.#process.title} ${this.pid}`
    if (mailbox.length === 0) return [`  ${who} is empty`]
    const lines = [`  ${who}, oldest first:`]
    for (const [i, term] of mailbox.slice(0, MESSAGES_SHOWN).entries()) {
      // A guard has no parts: that it refuses needs no saying.
      const why = typeof pattern === "function" ? undefined : differs(term)
      lines.push(`    ${i + 1}. ${shown(term, 1_000)}${why === undefined ? "" : `   (${why})`}`)
    }
    if (mailbox.length > MESSAGES_SHOWN) lines.push(`    … and ${mailbox.length - MESSAGES_SHOWN} more`)
    return lines
  }
}

function callDifference(request: Pattern, term: unknown): string | undefined {
  return isCall(term) ? difference(request, term.elements[2], "request") : "no call"
}

/** `{'$gen_call', {Pid, Tag}, Request}` */
const isCall = (term: unknown): term is Tuple =>
  term instanceof Tuple &&
  term.elements.length === 3 &&
  term.elements[0] === genCall &&
  term.elements[1] instanceof Tuple &&
  term.elements[1].elements[0] instanceof Pid

/** A call by its request: the envelope says nothing to a reader. */
function shown(term: unknown, size: number): string {
  return isCall(term) ? `call ${inspect(term.elements[2], { size })}` : inspect(term, { size })
}
