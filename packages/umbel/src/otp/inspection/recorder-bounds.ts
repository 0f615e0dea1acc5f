/**
 * How much the flight recorder keeps: three rings, each coarser and longer than the one before, and the latest events. Never more, however long the node runs.
 *
 * ```ts
 * RINGS.map(({ everyMs, forMs }) => …)    // a second for 15 minutes, ten for 6 hours, a minute for 48 hours
 * RINGS_BYTES                             // 522,720
 * ```
 */
import { SAMPLE_BYTES } from "./sample-ring.ts"

export interface RecorderRing {
  /** Milliseconds between two samples, and from the oldest to the latest. */
  readonly everyMs: number
  readonly forMs: number
}
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

export const RINGS: readonly RecorderRing[] = [
  { everyMs: 1_000, forMs: 15 * MINUTE_MS },
  { everyMs: 10_000, forMs: 6 * HOUR_MS },
  { everyMs: MINUTE_MS, forMs: 48 * HOUR_MS },
]
export const samplesOf = ({ everyMs, forMs }: RecorderRing): number => forMs / everyMs
/** Bytes that all rings take, from the boot on. */
export const RINGS_BYTES: number = RINGS.reduce((sum, ring) => sum + samplesOf(ring) * SAMPLE_BYTES, 0)
/** Events kept. */
export const EVENTS_MAX = 500

/**
 * Scenes: how things stood, for looking back at more than numbers. One every so many milliseconds (less often where taking one takes long), for so long, in so
 * many bytes at most; in each at most so many boxes of trees, children of one supervisor, and processes by each of CPU, messages and mailbox.
 */
export const SCENES = {
  everyMs: 10_000,
  forMs: 15 * MINUTE_MS,
  bytesMax: 4 * 2 ** 20,
  boxes: 200,
  children: 20,
} as const
export const ROWS_PER_MEASURE = 20
