/**
 * What a node needs from the world: time, chance, a thread to run on, and a place for reports.
 *
 * `nodejs/` provides it from Node.js, `sim/` from a seed and virtual time. Nothing below those two reads a clock, draws a
 * number or schedules anything in another way.
 */
import type { Diagnostics } from "./diagnostics.ts"
import type { Process } from "./process.ts"
import type { Report } from "./report.ts"

export interface Platform {
  readonly clock: Clock
  readonly random: Random
  readonly executor: Executor
  /** What the operating system and the engine tell of this program, measured now: for the observer. */
  vitals(): Vitals
  /** What else it can find out about the thread and the heap; undefined where it cannot. */
  readonly diagnostics?: Diagnostics | undefined
  /** Knows later which process's turn some code came from; undefined where nobody asks, as it costs something each turn. */
  readonly attribution?: Attribution | undefined
  /** Takes what the node has to tell a person: crashes, refusals, handlers that hold the thread. Must not throw. */
  report(report: Report): void
}

/** Lets the code that a turn leaves behind (promises, timers) be traced back to the process. */
export interface Attribution {
  /** Runs `turn(process)`. */
  run(process: Process, turn: (process: Process) => void): void
}

/** Of the whole operating-system process: several nodes in one thread share them. Memory in bytes. */
export interface Vitals {
  readonly heapUsed: number
  readonly heapTotal: number
  /** Memory that the operating system counts as this process's. */
  readonly rss: number
  /** What JavaScript's objects hold outside its heap, `arrayBuffers` included. */
  readonly external: number
  readonly arrayBuffers: number
  /** Compiled functions. */
  readonly code: number
  /** CPU time since the process began, in milliseconds. */
  readonly cpuUserMs: number
  readonly cpuSystemMs: number
  /** How long the event loop has worked and waited since it began, in milliseconds. */
  readonly loopActiveMs: number
  readonly loopIdleMs: number
  /** Logical processors of the machine. */
  readonly processors: number
  readonly processId: number
  /** `linux`, `darwin`, `windows`. */
  readonly os: string
  /** `x64-linux`. */
  readonly architecture: string
  /** `Node.js 20.19.0`. */
  readonly runtime: string
}

export interface Clock {
  /** Milliseconds since some fixed moment; never goes back; fractions welcome. */
  now(): number
  /** Milliseconds since 1970, for people. */
  wallTime(): number
  /** Runs `run` once, `ms` milliseconds from now, outside any process. */
  after(ms: number, run: () => void): Timer
}

export interface Timer {
  cancel(): void
}

export interface Random {
  /** 0 to 2^32 - 1, every value equally likely. */
  uint32(): number
}

/**
 * The thread a node's processes take their turns on. It calls `drain` in a context of its own, so that no handler runs in
 * the async context of whoever sent the message.
 */
export interface Executor {
  /** When the event loop last had a chance to serve I/O and timers, by the platform's clock. */
  readonly breathedAt: number
  /** How many turns one drain may take. */
  readonly turnsPerDrain: number
  /** Which of `count` ready processes goes next. Undefined: the one that has waited longest. */
  readonly choose: ((count: number) => number) | undefined
  /** Told once, at boot, what to call. */
  attach(drain: () => void): void
  /** Asks for one drain: soon, or after I/O and timers had their chance. */
  wake(breatheFirst: boolean): void
  /** Runs `run` once this burst of work is over: for buffers that are written in one go. */
  afterBurst(run: () => void): void
  /**
   * More I/O is to be expected in a moment: the thread need not go to sleep at once, as waking it may take longer than the answer. As BEAM
   * schedulers wait busily for a moment (`+sbwt`).
   */
  stayAwake(): void
  /** No drain will be asked for again. */
  detach(): void
}
