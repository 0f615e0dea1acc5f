/**
 * Node.js as the platform of a node: its clock, its event loop, its randomness, its console.
 */
import { AsyncResource } from "node:async_hooks"
import { randomBytes } from "node:crypto"
import { availableParallelism } from "node:os"
import { performance } from "node:perf_hooks"
import { getHeapSpaceStatistics } from "node:v8"
import type { Attribution, Clock, Executor, Platform, Random, Report, Timer, Vitals } from "../runtime/index.ts"
import { nodejsDiagnostics } from "./diagnostics.ts"

export const clock: Clock = {
  now: performance.now.bind(performance),
  wallTime: Date.now,
  after(ms, run): Timer {
    const timer = setTimeout(run, Math.min(ms, TIMER_MAX_MS))
    return { cancel: () => clearTimeout(timer) }
  },
}
/** Node's timers hold 31 bits; what is longer would fire at once. 24.8 days. */
const TIMER_MAX_MS = 2 ** 31 - 1

export const random: Random = { uint32: () => randomBytes(4).readUInt32LE() }

/** Milliseconds the thread looks for I/O before it sleeps. */
const AWAKE_MS = 0.2

/**
 * The event loop as an executor.
 *
 * One loop, started at boot, drains whenever its gate is opened: so handlers run in the async context of the boot, and never in that of
 * whoever sent the message. The gate is a promise (a microtask away), or `setImmediate` when I/O and timers must have a chance first.
 */
class EventLoop implements Executor {
  breathedAt = performance.now()
  readonly turnsPerDrain = Number.POSITIVE_INFINITY
  readonly choose = undefined
  #open: (() => void) | undefined
  #woken = false
  #breathing = false
  #attached = false
  #awake = false
  #awakeUntil = 0
  // Buffers are written from here: no sender's context may reach the sockets' callbacks.
  readonly #context = new AsyncResource("umbel.node")

  attach(drain: () => void): void {
    this.#attached = true
    void this.#context.runInAsyncScope(() => this.#loop(drain))
  }

  async #loop(drain: () => void): Promise<void> {
    while (this.#attached) {
      // One look: who was answered by what was just drained has mostly asked the next thing by then, and needs no gate.
      if (!this.#woken) await undefined
      if (!this.#woken) {
        await new Promise<void>((open) => {
          this.#open = open
        })
      }
      this.#woken = false
      drain()
    }
  }

  wake(breatheFirst: boolean): void {
    if (!this.#breathing) {
      this.#breathing = true
      setImmediate(this.#breathe)
    }
    if (breatheFirst) setImmediate(this.#openGate)
    else this.#openGate()
  }
  readonly #openGate = (): void => {
    this.#woken = true
    const open = this.#open
    // Never twice: Node.js makes an event of that.
    this.#open = undefined
    open?.()
  }
  readonly #breathe = (): void => {
    this.#breathing = false
    this.breathedAt = performance.now()
  }

  stayAwake(): void {
    this.#awakeUntil = performance.now() + AWAKE_MS
    if (this.#awake) return
    this.#awake = true
    setImmediate(this.#look)
  }
  // While an immediate is due the loop looks for I/O without sleeping.
  readonly #look = (): void => {
    if (performance.now() < this.#awakeUntil) setImmediate(this.#look)
    else this.#awake = false
  }

  afterBurst(run: () => void): void {
    this.#context.runInAsyncScope(setImmediate, undefined, run)
  }

  detach(): void {
    this.#attached = false
    this.#openGate()
  }
}

/** Bytes of compiled functions. The engine's own count of all code takes milliseconds, which is too long for a chart that is drawn all day. */
function machineCode(): number {
  let bytes = 0
  for (const { space_name, space_used_size } of getHeapSpaceStatistics()) {
    if (space_name.startsWith("code_")) bytes += space_used_size
  }
  return bytes
}

function vitals(): Vitals {
  const { heapUsed, heapTotal, rss, external, arrayBuffers } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const { active, idle } = performance.eventLoopUtilization()
  const os = process.platform === "win32" ? "windows" : process.platform
  return {
    heapUsed,
    heapTotal,
    rss,
    external,
    arrayBuffers,
    code: machineCode(),
    cpuUserMs: user / 1_000,
    cpuSystemMs: system / 1_000,
    loopActiveMs: active,
    loopIdleMs: idle,
    processors: availableParallelism(),
    processId: process.pid,
    os,
    architecture: `${process.arch}-${os}`,
    runtime: `Node.js ${process.versions.node}`,
  }
}

/** A platform on this thread. Each node needs its own: its executor drives one node. */
export function nodejsPlatform(report: (report: Report) => void, attribution?: Attribution): Platform {
  return { clock, random, executor: new EventLoop(), vitals, diagnostics: nodejsDiagnostics(), attribution, report }
}
