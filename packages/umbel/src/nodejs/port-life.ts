/**
 * One life of a port: the traffic between a program and the processes that use it.
 *
 * The program is read only while its messages have somewhere to go: a request that waits, a handler that has returned, a subscriber whose
 * mailbox is short. Otherwise they stay in the pipe, and the program waits. What is read is handled in the port's own turns, a few at a time: the
 * platform only leaves a *nudge* in the port's mailbox, and never two.
 */
import { type Later, type Refused, refuse, type Server } from "../otp/index.ts"
import type { Process } from "../runtime/index.ts"
import { atom, normal, ok, type Pid, type Ref, tuple } from "../term/index.ts"
import type { PortMessage } from "./port.ts"
import { type Coding, isUnsendable } from "./port-coding.ts"
import { PacketReader } from "./port-framing.ts"
import type { PortPlan } from "./port-plan.ts"
import { Program, type spawnProgram } from "./port-program.ts"
import { ErrorLines } from "./port-stderr.ts"

/** What a port finds in its mailbox when there may be something to do. */
export class Nudge {}

/** Messages handled in one turn. */
const BATCH = 64
/** Messages in a subscriber's mailbox from which on the program waits. */
const MAILBOX_LONG = 1_000
/** Milliseconds between two looks at whether it is short again. */
const LOOK_MS = 10
/** Requests that may wait for the program's answer. */
const REQUESTS_MAX = 1_000

const NOTHING = Symbol("nothing")
const busy = atom("busy")
const closed = atom("closed")
const exitStatus = atom("exit_status")

/** A message could not be written: the program takes no more, or there is too much that it has not taken. */
export class PortBusy extends Error {
  override readonly name = "PortBusy"
}

interface Subscriber {
  readonly pid: Pid
  readonly ref: Ref
}

export class PortLife {
  readonly program: Program
  readonly #server: Server
  readonly #plan: PortPlan
  readonly #coding: Coding
  readonly #reader: PacketReader
  readonly #errors: ErrorLines
  readonly #nudge = new Nudge()
  #nudged = false
  /** Waiting until a subscriber has room: nudges come to nothing meanwhile. */
  #held = false
  #outputOver = false
  #subscribers: readonly Subscriber[] = []
  /** Who waits for an answer of the program, oldest first. */
  readonly #requests: ((answer: unknown) => void)[] = []
  /** Who waits until what was written has been taken. */
  #senders: ((answer: unknown) => void)[] = []

  constructor(server: Server, plan: PortPlan, child: Awaited<ReturnType<typeof spawnProgram>>) {
    const { clock } = server.node.platform
    this.#server = server
    this.#plan = plan
    this.#coding = plan.coding()
    this.#reader = new PacketReader(plan.packet, plan.maxPacket)
    this.#errors = new ErrorLines((line) => this.#note("info", line), clock.now)
    this.program = new Program(child, clock, plan.killAfter, {
      changed: () => this.nudge(),
      drained: () => this.#answerSenders(ok),
      inputClosed: (problem) => {
        if (problem !== undefined) this.#note("warning", `writing to the program failed: ${problem}`)
        this.#answerSenders(refuse(closed))
      },
      error: (chunk) => this.#errors.push(chunk),
      errorEnd: () => this.#errors.end(),
    })
  }

  /** What crash reports and the observer show. */
  get status(): object {
    const { program } = this
    return {
      command: [this.#plan.command, ...this.#plan.args].join(" "),
      osPid: program.osPid,
      unsent: program.unsent,
      requests: this.#requests.length,
      subscribers: this.#subscribers.length,
      ...(this.#errors.latest.length > 0 ? { stderr: [...this.#errors.latest] } : {}),
    }
  }

  // ---- to the program ------------------------------------------------------------------------------------------------------
  /** The answer comes once the program has taken enough of it. */
  send(message: unknown): unknown {
    const refused = this.#write(message)
    if (refused !== undefined) return refused
    if (!this.program.full) return ok
    return this.#server.later(new Promise((answer) => void this.#senders.push(answer)))
  }

  /** The answer is the program's next message that no earlier request waits for. */
  request(message: unknown): Later<unknown> | Refused<unknown> {
    if (this.#requests.length >= REQUESTS_MAX) return refuse(busy)
    const refused = this.#write(message)
    if (refused !== undefined) return refused
    this.nudge()
    return this.#server.later(new Promise((answer) => void this.#requests.push(answer)))
  }

  /** @throws PortBusy, and what cannot be sent */
  write(message: unknown): void {
    const bytes = this.#coding.encode(message)
    if (!this.program.writable) throw new PortBusy("the program reads no more")
    if (!this.#fits(bytes)) throw new PortBusy(`the program has not taken ${this.program.unsent} bytes (maxUnsent)`)
    this.program.write(bytes)
  }

  #write(message: unknown): Refused<unknown> | undefined {
    let bytes: Uint8Array
    try {
      bytes = this.#coding.encode(message)
    } catch (thrown) {
      if (isUnsendable(thrown)) return refuse(thrown.message)
      throw thrown
    }
    if (!this.program.writable) return refuse(closed)
    if (!this.#fits(bytes)) return refuse(busy)
    this.program.write(bytes)
    return undefined
  }
  /** One message always fits, so that none waits for ever. */
  #fits(bytes: Uint8Array): boolean {
    const { unsent } = this.program
    return unsent === 0 || unsent + bytes.length <= this.#plan.maxUnsent
  }

  /** A cast has nobody to answer: what cannot be written is told. */
  cast(message: unknown): void {
    try {
      this.write(message)
    } catch (thrown) {
      if (!isUnsendable(thrown) && !(thrown instanceof PortBusy)) throw thrown
      this.#note("warning", `a message that was cast is lost: ${thrown.message}`)
    }
  }

  #answerSenders(answer: unknown): void {
    const senders = this.#senders
    this.#senders = []
    for (const give of senders) give(answer)
  }

  // ---- from the program ------------------------------------------------------------------------------------------------------
  subscribe(pid: Pid): void {
    if (this.#subscribers.some((one) => one.pid.key === pid.key)) return
    this.#subscribers = [...this.#subscribers, { pid, ref: this.#server.monitor(pid) }]
    this.nudge()
  }
  unsubscribe(pid: Pid): void {
    const gone = this.#subscribers.find((one) => one.pid.key === pid.key)
    if (gone !== undefined) this.#server.demonitor(gone.ref)
    this.#subscribers = this.#subscribers.filter((one) => one !== gone)
  }
  /** Whether it was a subscriber's. */
  down(ref: Ref): boolean {
    const left = this.#subscribers.filter((one) => one.ref.key !== ref.key)
    const one = left.length < this.#subscribers.length
    this.#subscribers = left
    return one
  }

  isNudge(message: unknown): boolean {
    return message === this.#nudge
  }
  nudge(): void {
    if (this.#nudged) return
    this.#nudged = true
    this.#server.node.deliverTerm(this.#server, this.#nudge)
  }

  /** Hands on what the program has said, as long as somebody takes it. */
  pump(): Promise<unknown> | undefined {
    this.#nudged = false
    for (let i = 0; i < BATCH; i++) {
      if (!this.#mayGoOn()) return undefined
      const message = this.#next()
      if (message === NOTHING) return this.#atRest()
      const work = this.#hand(message)
      // Requests to the port come in between: the next message is another turn's.
      if (work !== undefined) return work.then(() => this.nudge())
    }
    this.#awaitFar()
    this.nudge()
    return undefined
  }

  #mayGoOn(): boolean {
    // Little is left, and nobody to wait for.
    if (this.program.exitStatus !== undefined) return true
    if (this.#held) return false
    if (this.#requests.length > 0) return true
    if (this.#subscribers.some(({ pid }) => this.#mailbox(pid) >= MAILBOX_LONG)) {
      this.#hold(new Promise<void>((resolve) => void this.#server.node.platform.clock.after(LOOK_MS, resolve)))
      return false
    }
    return this.#subscribers.length > 0 || this.#plan.onMessage !== undefined
  }
  #mailbox(pid: Pid): number {
    return this.#server.node.find(pid)?.size ?? 0
  }
  #hold(until: Promise<unknown>): void {
    this.#held = true
    const go = (): void => {
      this.#held = false
      this.nudge()
    }
    // A connection that was lost ends the wait too: the monitor tells the rest.
    until.then(go, go)
  }
  /** Those on other nodes have no mailbox that could be seen; the links to them say whether they are full. */
  #awaitFar(): void {
    const { node } = this.#server
    const far = this.#subscribers.filter(({ pid }) => node.isFar(pid))
    if (far.length > 0) this.#hold(Promise.all(far.map(({ pid }) => node.ready(pid))))
  }

  #next(): unknown {
    for (;;) {
      const message = this.#reader.next()
      if (message !== undefined) return this.#coding.decode(message)
      const chunk = this.program.read()
      if (chunk !== null) this.#reader.push(chunk)
      else if (this.program.outputEnded && !this.#outputOver) {
        this.#outputOver = true
        const rest = this.#reader.end()
        if (rest !== undefined) return this.#coding.decode(rest)
        const { held } = this.#reader
        if (held > 0)
          this.#note("warning", `the program's output ended in the middle of a packet, ${held} bytes of which had come`)
      } else return NOTHING
    }
  }

  #hand(message: unknown): Promise<unknown> | undefined {
    const give = this.#requests.shift()
    if (give !== undefined) {
      give(message)
      return undefined
    }
    const { pid } = this.#server
    for (const one of this.#subscribers) {
      this.#server.send(one.pid, { kind: "port", port: pid, data: message } satisfies PortMessage)
    }
    const work = this.#plan.onMessage?.(this.#server as Process as never, message as never)
    return work instanceof Promise ? work : undefined
  }

  /** Everything that has come was handed on. */
  #atRest(): undefined {
    const { program } = this
    if (program.exitStatus === undefined || !this.#outputOver || !program.errorEnded) return
    this.#server.stop(program.exitStatus === 0 ? normal : tuple(exitStatus, program.exitStatus))
  }

  #note(level: "info" | "warning", text: string): void {
    this.#server.node.reports.note(level, this.#server.title, text, this.#server.pid)
  }
}
