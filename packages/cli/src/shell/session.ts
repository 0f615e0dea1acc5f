/**
 * One person's shell on a node: a process with a mailbox, and variables that outlive it.
 *
 * When the process ends (somebody killed it, or what was typed did) the next line gets a new one; the variables stay. Lines are evaluated one after the other.
 */
import { inspect, isDown, type Local, local, type Node, type Pid, type Running } from "umbel"
import { ExitThrown } from "umbel/runtime"
import { complete } from "./complete.ts"
import { full, readOnly, type Scope, SideEffect } from "./evaluate.ts"
import { harmless } from "./harmless.ts"
import { HELPERS, type Helper, type Host, helpersOf } from "./helpers.ts"
import { type Look, print, printThrown, shownAs } from "./print.ts"
import type { Answer, Line, Mode } from "./protocol.ts"

/** Values kept for `v`. */
const VALUES_MAX = 100

/** A line on its way to the process that evaluates it. */
class Job {
  readonly line: Line
  readonly answer: (answer: Answer) => void
  constructor(line: Line, answer: (answer: Answer) => void) {
    this.line = line
    this.answer = answer
  }
}
const isJob = (message: unknown): message is Local<Job> =>
  typeof message === "object" && message !== null && "value" in message && message.value instanceof Job

export class Session {
  readonly mode: Mode
  readonly look: Look
  readonly #node: Node
  readonly #scope: Scope
  readonly #helpers: Scope
  readonly #values = new Map<number, unknown>()
  #self: Running | undefined
  #pid: Pid | undefined
  #count = 0
  /** The line that is being evaluated or waits for it. */
  readonly #open = new Set<Job>()

  /** `instead` are helpers that stand for those of the same name, and others beside them that may do anything. */
  constructor(
    node: Node,
    mode: Mode,
    look: Look,
    host: Host,
    instead: Readonly<Record<string, unknown>> = {},
    insteadHelp: Readonly<Record<string, Helper>> = {},
  ) {
    this.#node = node
    this.mode = mode
    this.look = look
    const own = helpersOf({
      node,
      host,
      values: this.#values,
      self: () => this.#self!,
      readOnly: mode === "read-only",
      isOwn: isJob,
      instead: insteadHelp,
    })
    const helpers: Scope = { ...own, ...instead }
    this.#helpers = helpers
    const readable = Object.entries(helpers).filter(([name]) => mode === "full" || HELPERS[name]?.reads === true)
    this.#scope = Object.assign(Object.create(null) as Scope, Object.fromEntries(readable))
    if (mode === "full") {
      this.#scope["node"] = node
      this.#scope["__import"] = (specifier: string) => host.import(specifier)
      Object.defineProperty(this.#scope, "self", { get: () => this.#self, set: () => {}, enumerable: true })
    }
    this.#begin()
  }

  evaluate(line: Line): Promise<Answer> {
    if (this.#pid === undefined || this.#node.find(this.#pid) === undefined) this.#begin()
    return new Promise((resolve) => {
      const job = new Job(line, (answer) => {
        this.#open.delete(job)
        resolve(answer)
      })
      this.#open.add(job)
      this.#node.send(this.#pid!, local(job))
    })
  }

  complete(text: string): readonly string[] {
    // `self` is a getter of ours: what it gives is as much data as the other variables are.
    const own = "self" in this.#scope ? { self: this.#self } : {}
    return complete(text, Object.assign(Object.create(null) as Scope, this.#scope, own))
  }

  /** Ends what is being evaluated: its process ends, and the next line has another. JavaScript that runs already goes on by itself. */
  interrupt(): void {
    this.end("interrupted")
  }

  end(reason: unknown): void {
    if (this.#pid !== undefined) this.#node.exit(this.#pid, reason)
  }

  #begin(): void {
    this.#pid = this.#node.spawn(async (self) => {
      self.label("shell")
      this.#self = self
      for (;;) {
        const { value: job } = await self.receive(isJob)
        job.answer(await this.#run(job.line))
      }
    })
    this.#node.monitor(this.#pid, (down) => {
      if (!isDown(down)) return
      const text = `this shell's process has ended: ${inspect(down.reason, { limit: 20 })}; the next line has a new one, and its variables`
      for (const job of this.#open) job.answer({ kind: "thrown", text })
    })
  }

  async #run(line: Line): Promise<Answer> {
    const number = ++this.#count
    try {
      const value = this.mode === "full" ? await this.#full(line, number) : await this.#read(line)
      this.#values.set(number, value)
      if (this.#values.size > VALUES_MAX) this.#values.delete(this.#values.keys().next().value!)
      if (value === undefined) return { kind: "value", number, text: "" }
      return { kind: "value", number, text: print(this.#printable(value), this.look) }
    } catch (thrown) {
      // A process that wants to end ends: `self.exit(reason)` throws for that.
      if (thrown instanceof ExitThrown) throw thrown
      return { kind: "thrown", text: printThrown(thrown, this.look) }
    }
  }

  #full({ code, names }: Line, number: number): Promise<unknown> {
    for (const name of names) if (!(name in this.#scope)) this.#scope[name] = undefined
    return full(code, this.#scope, number)
  }

  async #read({ expression, code }: Line): Promise<unknown> {
    if (code.trim() === "") return undefined
    if (expression === undefined) throw new SyntaxError("a shell that only reads takes one expression at a time")
    const { call, text } = expression
    if (/^\s*await\b/.test(text)) throw new SideEffect("nothing can be awaited in a shell that only reads")
    if (call === undefined || HELPERS[call.name]?.reads !== true) {
      try {
        return readOnly(text, this.#scope)
      } catch (error) {
        // What such a shell leaves out is there, and not unknown.
        const left = error instanceof ReferenceError ? /^(\w+) is not defined/.exec(error.message)?.[1] : undefined
        if (left === undefined || HELPERS[left] === undefined) throw error
        throw new SideEffect(`${left} may change something, and this shell only reads; h() lists what it has`)
      }
    }
    // The arguments are what was typed; the helper is ours, and may do what V8 would not let pass, such as to wait.
    const args = call.args.map((arg) => harmless(readOnly(arg, this.#scope)))
    return (this.#helpers[call.name] as (...args: unknown[]) => unknown)(...args)
  }

  #printable(value: unknown): unknown {
    const ours = typeof value === "object" && value !== null && Object.hasOwn(value, shownAs)
    return this.mode === "full" || ours ? value : harmless(value)
  }
}
