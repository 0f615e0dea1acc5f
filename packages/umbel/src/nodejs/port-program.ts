/**
 * An external program and all it starts: a process group of its own, that is ended as a whole.
 *
 * ```ts
 * const program = new Program(await spawnProgram({ command: "python3", args: ["resizer.py"] }), …)
 * program.write(bytes)
 * program.read()          // what there is, or null
 * await program.end()     // SIGTERM, and SIGKILL after `killAfter` milliseconds
 * ```
 *
 * It is read on demand (Node's paused mode): what nobody asks for stays in the pipe, and a full pipe makes the program wait. A program that
 * starts a session of its own (`setsid`, a daemon) has left the group, and is no concern of ours any more.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process"
import { statSync } from "node:fs"
import { constants } from "node:os"
import type { Readable, Writable } from "node:stream"
import type { Clock } from "../runtime/index.ts"

/** What to run. */
export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string | undefined
  /** Beside the environment of this node; undefined takes a variable out. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The program could not be started. */
export class ProgramFailed extends Error {
  override readonly name = "ProgramFailed"
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** Milliseconds between two looks at whether a group has gone. */
const LOOK_MS = 20
/** Milliseconds that the output of an ended program may stay open and silent, held by a process that has left its group. */
const LINGER_MS = 500
const GROUPS = process.platform !== "win32"

/** Starts it; the outcome is known at once. @throws ProgramFailed saying what is wrong with the command */
export function spawnProgram(command: Command): Child | Promise<never> {
  const { args, cwd, env } = command
  const options = { cwd, env: { ...process.env, ...env }, detached: GROUPS, windowsHide: true }
  let child: Child
  try {
    child = spawn(command.command, [...args], { ...options, stdio: ["pipe", "pipe", "pipe"] })
  } catch (cause) {
    throw failure(command, cause)
  }
  if (child.pid !== undefined) return child
  return new Promise((_, reject) => child.once("error", (cause) => reject(failure(command, cause))))
}

function failure({ command, cwd }: Command, cause: unknown): ProgramFailed {
  const code = (cause as NodeJS.ErrnoException).code
  const said = (text: string): ProgramFailed =>
    new ProgramFailed(`cannot start ${JSON.stringify(command)}: ${text}`, { cause })
  if (cwd !== undefined && statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return said(`its working folder ${JSON.stringify(cwd)} is not there`)
  }
  if (code === "ENOENT") {
    const where = command.includes("/") ? "there is no such file" : "there is no program of that name on the PATH"
    return said(`${where} (or its first line names an interpreter that is not there)`)
  }
  if (code === "EACCES") return said("the file may not be executed")
  return said(cause instanceof Error ? cause.message : String(cause))
}

export interface ProgramEvents {
  /** There may be something to read, or it has ended. */
  readonly changed: () => void
  /** All that was written has left this process. */
  readonly drained: () => void
  /** It reads no more. */
  readonly inputClosed: (problem: string | undefined) => void
  readonly error: (chunk: Uint8Array) => void
  readonly errorEnd: () => void
}

export class Program implements Disposable {
  readonly osPid: number
  /** What the operating system gave as its exit status: 128 + n for signal n. Undefined while it runs. */
  exitStatus: number | undefined = undefined
  /** Nothing can be read any more. */
  outputEnded = false
  /** Nor will anything come on standard error. */
  errorEnded = false
  readonly #child: Child
  readonly #clock: Clock
  readonly #killAfter: number
  /** Resolves when neither the program nor anything of its group is left to be ended. */
  readonly gone: Promise<void>
  readonly #exited: Promise<void>
  readonly #errorClosed: Promise<void>
  #reads = 0
  #gone = false
  #ending: Promise<void> | undefined

  /** `killAfter`: milliseconds between SIGTERM and SIGKILL. */
  constructor(child: Child, clock: Clock, killAfter: number, events: ProgramEvents) {
    this.#child = child
    this.#clock = clock
    this.#killAfter = killAfter
    this.osPid = child.pid!
    const { stdin, stdout, stderr } = child
    this.#exited = new Promise((resolve) =>
      child.once("exit", (code, signal) => {
        this.exitStatus = code ?? 128 + (signal === null ? 0 : constants.signals[signal])
        resolve()
        events.changed()
      }),
    )
    // What it started ends with it.
    this.gone = this.#exited.then(() => this.end())
    void this.gone.then(() => this.#linger())
    // Of a program that was started, an error is that a signal could not be sent: whoever sent it was told by its result.
    child.on("error", () => {})
    stdout.on("readable", events.changed)
    for (const over of ["end", "close"]) {
      stdout.on(over, () => {
        this.outputEnded = true
        events.changed()
      })
    }
    // A pipe that breaks is a program that ends; `close` follows, and the exit says why.
    stdout.on("error", () => stdout.destroy())
    stderr.on("error", () => stderr.destroy())
    stderr.on("data", (chunk) => {
      this.#reads++
      events.error(chunk)
    })
    this.#errorClosed = new Promise((resolve) =>
      stderr.on("close", () => {
        this.errorEnded = true
        resolve()
        events.errorEnd()
        events.changed()
      }),
    )
    stdin.on("drain", events.drained)
    let problem: string | undefined
    stdin.on("error", (error: NodeJS.ErrnoException) => {
      problem = error.code === "EPIPE" || error.code === "ECONNRESET" ? undefined : error.message
    })
    stdin.on("close", () => events.inputClosed(problem))
  }

  /** What there is to read now; null when that is nothing. */
  read(): Uint8Array | null {
    const chunk = this.#child.stdout.read() as Uint8Array | null
    if (chunk !== null) this.#reads++
    return chunk
  }

  write(bytes: Uint8Array): void {
    this.#child.stdin.write(bytes)
  }
  /** Whether enough waits to be taken; `drained` follows. */
  get full(): boolean {
    return this.#child.stdin.writableNeedDrain
  }
  get writable(): boolean {
    return this.#child.stdin.writable
  }
  /** Bytes written that the program has not taken. */
  get unsent(): number {
    return this.#child.stdin.writableLength
  }
  closeInput(): void {
    this.#child.stdin.end()
  }

  /** Ends the program and all it started; resolves when they are gone, or were killed. */
  end(): Promise<void> {
    return (this.#ending ??= this.#end())
  }
  async #end(): Promise<void> {
    this.closeInput()
    this.#signal("SIGTERM")
    const deadline = this.#clock.now() + this.#killAfter
    while (this.#lives()) {
      if (this.#clock.now() >= deadline) {
        this.#signal("SIGKILL")
        break
      }
      const look = this.#pause(LOOK_MS)
      await (this.exitStatus === undefined ? Promise.race([this.#exited, look]) : look)
    }
    await this.#exited
    this.#gone = true
    // Its last words.
    await Promise.race([this.#errorClosed, this.#pause(LINGER_MS)])
  }
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, resolve))
  }

  /** At once and without mercy: for a process that was killed itself. */
  [Symbol.dispose](): void {
    if (!this.#gone) this.#signal("SIGKILL")
    const { stdin, stdout, stderr } = this.#child
    for (const stream of [stdin, stdout, stderr]) stream.destroy()
  }

  /** Whether the program or anything of its group is there. A child that nobody has waited for counts too, until SIGKILL's time. */
  #lives(): boolean {
    return this.exitStatus === undefined || this.#signal(0)
  }
  /** False when there is nobody to get it. Never called once all are gone, as the number may then be another's. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    if (this.#gone) return false
    try {
      if (!GROUPS) return this.exitStatus === undefined && this.#child.kill(signal)
      return process.kill(-this.osPid, signal)
    } catch {
      // ESRCH: the group is empty. EPERM: what is left of it has become another user's, and cannot be ended by us.
      return false
    }
  }

  /** Everybody of the group is gone; does somebody else hold its pipes open? Unread bytes are waited for as long as it takes. */
  #linger(): void {
    const { stdout, stderr } = this.#child
    if (this.outputEnded && this.errorEnded) return
    const before = this.#reads
    this.#clock.after(LINGER_MS, () => {
      if (this.#reads !== before || stdout.readableLength > 0) return this.#linger()
      stdout.destroy()
      stderr.destroy()
    })
  }
}
