/**
 * What a platform can find out about the thread and the heap beyond {@link Platform.vitals}: for the flight recorder and the observer.
 *
 * Optional: a platform without it (the simulator) has vitals only. Nothing here is asked while nobody looks, but for {@link Diagnostics.loop} and
 * {@link Diagnostics.collections}, once a second.
 */
import type { Timer } from "./platform.ts"

/** How much later than due timers fired since the last look. Milliseconds. */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Garbage collections since boot. Milliseconds. */
export interface Collections {
  readonly count: number
  readonly majorCount: number
  readonly pauseMs: number
  readonly longestMs: number
}

export interface EngineLimits {
  /** Bytes of heap at which the engine gives up. */
  readonly heapLimit: number | undefined
  readonly openFilesMax: number | undefined
  readonly openFiles: number | undefined
}

/** What one object keeps alive. Bytes. */
export interface RetainedSize {
  readonly bytes: number
  readonly objects: number
  readonly selfBytes: number
  readonly heapBytes: number
  readonly byKind: readonly { readonly name: string; readonly count: number; readonly bytes: number }[]
  readonly pauseMs: number
}

/** A profile as it was sampled: a tree of frames, and which of them was seen when. */
export interface SampledProfile {
  readonly frames: readonly SampledFrame[]
  /** Index of the frame, one per sample. */
  readonly samples: readonly number[]
  /** By the platform's clock, in milliseconds, one per sample. */
  readonly times: readonly number[]
  readonly startedAt: number
  readonly endedAt: number
}
export interface SampledFrame {
  readonly name: string
  /** `path:line`, through source maps where there are any; empty for what is the engine's own. */
  readonly place: string
  /** Index of the caller; -1 for the root. */
  readonly parent: number
}

export interface Diagnostics {
  /** Runs `run` again and again, without keeping the program alive for it. */
  every(ms: number, run: () => void): Timer
  /** The delay since the last call. */
  loop(): LoopDelay
  collections(): Collections
  limits(): EngineLimits
  /** Stops the thread while it takes and reads a snapshot of the heap: about {@link snapshotPauseMs}. */
  retained(object: object): Promise<RetainedSize>
  /** How long {@link retained} would stop the thread for a heap of that size. */
  snapshotPauseMs(heapBytes: number): number
  /** Samples the thread; resolves when `ms` are over. Rejects while another profile runs. */
  profile(ms: number, intervalUs: number): Promise<SampledProfile>
  /** Where these functions are written: `path:line` each, through source maps where there are any; empty where it is not known. */
  places(functions: readonly object[]): Promise<readonly string[]>
  /** Collects garbage now; false where the engine does not offer it. */
  collectGarbage(): boolean
  /** Ends what measures. */
  stop(): void
}
