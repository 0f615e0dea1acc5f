/**
 * Ports: an external program as a process, supervised like any other.
 *
 * ```ts
 * export const resizer = port("shop.resizer", { command: "python3", args: ["resizer.py"], packet: 4, etf: true })
 * export const RESIZER = name<typeof resizer>("resizer")
 *
 * child(resizer, { name: RESIZER })                                       // under a supervisor
 * const size = await self.call(RESIZER).request(tuple(atom("resize"), 640, 480))
 *
 * const log = port("shop.log", (path: string) => ({
 *   command: "tail", args: ["-F", path], packet: "line",
 *   onMessage: (self, line) => self.send(SINK, line),
 * }))
 * child(log, { arg: "/var/log/syslog" })
 * ```
 *
 * **One life, one program.** The program starts with the process. When it ends the process does, `normal` for exit status 0 and `{exit_status, N}`
 * otherwise (128 + n for signal n), so that its supervisor starts it again. When the process ends, however it does, or the node stops, so do the
 * program and all that it started: they are a process group of their own, which gets SIGTERM, and SIGKILL `killAfter` milliseconds later; a process that is
 * killed kills at once.
 *
 * **Messages.** What the program says answers the oldest waiting `request`; without one it goes to `onMessage` and to all subscribers, as
 * {@link PortMessage}. While nobody is there to take it, it is not read. Standard error goes to the node's reports, line by line.
 *
 * **Nothing grows.** `send` is answered when the program has taken enough of what was written; beyond `maxUnsent` bytes it is refused with `busy`. A
 * program that says more than is taken (the handler still works, a subscriber's mailbox holds 1,000 messages) is not read, and so waits. A
 * message longer than `maxPacket` is refused on the way out and ends the port on the way in. Rules: the Erlang manual, `open_port/2`.
 *
 * In a simulated world a port is a stranger: its program lives in real time, and no seed repeats it.
 */
import { define, type GenServer, refuse, Server } from "../otp/index.ts"
import {
  type Api,
  create,
  type ExitReason,
  isDown,
  isExit,
  type Node,
  type Process,
  type ProcessCapability,
} from "../runtime/index.ts"
import { type Atom, inspect, normal, ok, Pid } from "../term/index.ts"
import type { Packet } from "./port-framing.ts"
import { PortLife } from "./port-life.ts"
import { type PortPlan, planOf } from "./port-plan.ts"
import { type Program, spawnProgram } from "./port-program.ts"

/** The `self` of `onMessage`. */
export interface PortSelf<In> extends ProcessCapability {
  /** Writes to the program, without waiting. @throws PortBusy beyond `maxUnsent`, and what `send` would be refused for: left uncaught, the port crashes */
  write(message: In): void
  /** Ends the port, and so the program. `normal` unless told. */
  stop(reason?: ExitReason): void
}

interface CommonSpec<In, Out> {
  /** A program's name, looked up in PATH, or its path. No shell has a part in it. */
  readonly command: string
  readonly args?: readonly string[] | undefined
  /** That of this node unless told. */
  readonly cwd?: string | undefined
  /** Beside the environment of this node; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Bytes of the longest message either way: 16 MiB for packets and raw bytes, 64 KiB for a line, unless told. */
  readonly maxPacket?: number | undefined
  /** Bytes that may have been written and not taken by the program; 8 MiB unless told. One message always fits. */
  readonly maxUnsent?: number | undefined
  /** Milliseconds between SIGTERM and SIGKILL; 2,000 unless told. Keep it below the child's `shutdown`. */
  readonly killAfter?: number | undefined
  /** Gets what no request waited for. A promise holds the next message back until it settles. */
  readonly onMessage?: ((self: PortSelf<In>, message: Out) => unknown) | undefined
}
/** Messages are lines of text, given and taken without their line end. */
export interface LinePort extends CommonSpec<string, string> {
  readonly packet: "line"
  readonly etf?: false | undefined
}
/** Messages are bytes, with their length in front of them, or as they come. */
export interface BytesPort extends CommonSpec<string | Uint8Array, Uint8Array> {
  readonly packet: Exclude<Packet, "line">
  readonly etf?: false | undefined
}
/** Messages are terms. `beam` (or true) is what `term_to_binary` gives; `erlport` the older tags that ErlPort reads, without maps. */
export interface TermPort extends CommonSpec<unknown, unknown> {
  readonly packet: 1 | 2 | 4
  readonly etf: true | "beam" | "erlport"
}
export type PortSpec = LinePort | BytesPort | TermPort

export interface PortApi<In, Out> extends Api {
  calls: {
    /**
     * Writes a message; answered once the program has taken enough. Refused with `busy` beyond `maxUnsent`, with `closed` when the program reads no
     * more, and with a sentence for what cannot be sent.
     */
    send(message: In): Atom<"ok">
    /**
     * Writes a message; the answer is the program's next message that no earlier request waits for. Refused as `send` is, and, as everywhere, by
     * the term `{error, Reason}`.
     */
    request(message: In): Out
    /** From now on `pid` gets a {@link PortMessage} for whatever answers no request. Ends with `unsubscribe`, or with `pid`. */
    subscribe(pid: Pid): Atom<"ok">
    unsubscribe(pid: Pid): Atom<"ok">
    /** The program reads the end of its input; it may still speak. */
    closeInput(): Atom<"ok">
    /** The program's process id in the operating system. */
    osPid(): number
  }
  casts: {
    /** Writes without waiting. What would be refused is lost, and told in a report. */
    send(message: In): void
  }
}

/** What a program said, as its subscribers get it. `data` is text for lines, a term for `etf`, else bytes. */
export interface PortMessage {
  readonly kind: "port"
  readonly port: Pid
  readonly data: unknown
}
export const isPortMessage = (message: unknown): message is PortMessage =>
  typeof message === "object" && message !== null && "port" in message && "kind" in message && message.kind === "port"

type Given<Arg, Spec> = Spec | ((arg: Arg) => Spec)

/**
 * Defines a port; nothing runs until it is started. Given a function, each life calls it with the argument it was started with.
 * @throws TypeError, RangeError for an option that is none. Starting fails with `ProgramFailed`, in words, when the program cannot be started.
 */
export function port<Arg = void>(module: string, spec: Given<Arg, LinePort>): GenServer<Arg, PortApi<string, string>>
export function port<Arg = void>(module: string, spec: Given<Arg, TermPort>): GenServer<Arg, PortApi<unknown, unknown>>
export function port<Arg = void>(
  module: string,
  spec: Given<Arg, BytesPort>,
): GenServer<Arg, PortApi<string | Uint8Array, Uint8Array>>
export function port(module: string, spec: PortSpec | ((arg: never) => PortSpec)): unknown {
  const plan =
    typeof spec === "function" ? (arg: unknown) => planOf(module, spec(arg as never)) : constant(planOf(module, spec))
  const definition = {
    ...define(module, {
      init: (arg, self) => open(self, plan(arg)),
      calls: {
        send: (self, message) => life(self).send(message),
        request: (self, message) => life(self).request(message),
        subscribe: (self, pid) => (pid instanceof Pid ? subscribed(self, pid) : refuse("subscribe takes a pid")),
        unsubscribe(self, pid) {
          if (pid instanceof Pid) life(self).unsubscribe(pid)
          return ok
        },
        closeInput(self) {
          life(self).program.closeInput()
          return ok
        },
        osPid: (self) => life(self).program.osPid,
      },
      casts: { send: (self, message) => life(self).cast(message) },
      info: (self, message) => told(self, message),
      terminate: (self) => life(self).program.end(),
      formatStatus: (state) => (state as PortLife).status,
    }),
    [create]: (node: Node, parent: Process, arg: unknown) => new PortServer(node, parent, definition, arg),
  }
  return definition
}

const constant = (plan: PortPlan) => () => plan

class PortServer extends Server implements PortSelf<unknown> {
  write(message: unknown): void {
    this.alive()
    life(this).write(message)
  }
}

const life = (self: Server): PortLife => self.state as PortLife

function subscribed(self: Server, pid: Pid): Atom<"ok"> {
  life(self).subscribe(pid)
  return ok
}

async function open(self: Server, plan: PortPlan): Promise<PortLife> {
  // So that there is time to end the program, and to wait for its end.
  self.trapExit(true)
  const child = spawnProgram(plan)
  // Nothing is awaited between the program's start and its having an owner.
  if (child instanceof Promise) return child
  const made = new PortLife(self, plan, child)
  self.own(made.program)
  keepUntilExit(self.node, made.program)
  return made
}

function told(self: Server, message: unknown): Promise<unknown> | undefined {
  const its = life(self)
  if (its.isNudge(message)) return its.pump()
  if (isDown(message) && its.down(message.ref)) return undefined
  if (isExit(message)) {
    // It traps exits to have time for its program, not to survive them.
    if (message.reason !== normal) self.stop(message.reason)
    return undefined
  }
  self.node.reports.note(
    "warning",
    self.title,
    `a port has no use for the message ${inspect(message, { limit: 20 })}`,
    self.pid,
  )
  return undefined
}

const PROGRAMS = Symbol.for("umbel.port.programs")

/** Should this operating-system process exit without stopping its node, the programs end too. */
function keepUntilExit(node: Node, program: Program): void {
  const programs = (node.attachments.get(PROGRAMS) as Programs | undefined) ?? new Programs()
  node.attachments.set(PROGRAMS, programs)
  programs.keep(program)
}

/** The programs of a node that run. One listener for all of them, and none while there are none. */
class Programs {
  readonly #running = new Set<Program>()
  readonly #endAll = (): void => {
    for (const program of this.#running) program[Symbol.dispose]()
  }

  keep(program: Program): void {
    if (this.#running.size === 0) process.on("exit", this.#endAll)
    this.#running.add(program)
    void program.gone.then(() => {
      this.#running.delete(program)
      if (this.#running.size === 0) process.off("exit", this.#endAll)
    })
  }
}
