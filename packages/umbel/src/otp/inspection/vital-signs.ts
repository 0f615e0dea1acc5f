/**
 * The vital signs of a node: what two readings of its counters say of the time between.
 *
 * ```ts
 * const signs = new VitalSigns(node)
 * signs.sample()       // what happened since the last time
 * ```
 */
import type { Collections, Node, Vitals } from "../../runtime/index.ts"
import type { Sample } from "./says/recording.ts"

/** All counters at one moment. */
interface Reading {
  readonly now: number
  readonly vitals: Vitals
  readonly collections: Collections
  readonly messages: number
  readonly turns: number
  readonly crashes: number
  readonly bytesIn: number
  readonly bytesOut: number
}

const NONE: Collections = { count: 0, majorCount: 0, pauseMs: 0, longestMs: 0 }

export class VitalSigns {
  readonly #node: Node
  #before: Reading

  constructor(node: Node) {
    this.#node = node
    this.#before = this.#read()
  }

  #read(): Reading {
    const { platform, scheduler, reports, remote } = this.#node
    let bytesIn = 0
    let bytesOut = 0
    for (const { received, sent } of remote.traffic()) {
      bytesIn += received
      bytesOut += sent
    }
    return {
      now: platform.clock.now(),
      vitals: platform.vitals(),
      collections: platform.diagnostics?.collections() ?? NONE,
      messages: scheduler.messages,
      turns: scheduler.turns,
      crashes: reports.crashes,
      bytesIn,
      bytesOut,
    }
  }

  /** Since the last sample. */
  sample(): Sample {
    const { platform, scheduler, count, zombies, nodes } = this.#node
    const before = this.#before
    const reading = this.#read()
    this.#before = reading
    const ms = Math.max(reading.now - before.now, 0.001)
    const { vitals, collections } = reading
    const active = vitals.loopActiveMs - before.vitals.loopActiveMs
    const idle = vitals.loopIdleMs - before.vitals.loopIdleMs
    const cpu = vitals.cpuUserMs + vitals.cpuSystemMs - before.vitals.cpuUserMs - before.vitals.cpuSystemMs
    const delay = platform.diagnostics?.loop() ?? { p50: 0, p99: 0, max: 0 }
    // A link that went down takes its bytes along: that is no negative rate.
    const rate = (now: number, then: number): number => (Math.max(0, now - then) * 1_000) / ms
    return {
      at: platform.clock.wallTime(),
      intervalMs: ms,
      heapUsed: vitals.heapUsed,
      rss: vitals.rss,
      external: vitals.external,
      loopUtilisation: active + idle > 0 ? active / (active + idle) : 0,
      delayP50: delay.p50,
      delayP99: delay.p99,
      delayMax: delay.max,
      gcCount: collections.count - before.collections.count,
      gcMs: collections.pauseMs - before.collections.pauseMs,
      cpuShare: cpu / ms,
      runQueue: scheduler.ready,
      processes: count,
      zombies: zombies.size,
      messagesRate: rate(reading.messages, before.messages),
      turnsRate: rate(reading.turns, before.turns),
      crashes: reading.crashes - before.crashes,
      bytesInRate: rate(reading.bytesIn, before.bytesIn),
      bytesOutRate: rate(reading.bytesOut, before.bytesOut),
      connected: nodes.length,
    }
  }
}
