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

/** Where the thread was while something held it. */
export interface HeldStack {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Innermost first. */
  readonly frames: readonly HeldFrame[]
}
export interface HeldFrame extends SourcePlace {
  readonly name: string
}
/** Where something is written, through source maps where there are any. */
export interface SourcePlace {
  /** `path:line`, of the path what is the program's; empty for what is the engine's own. */
  readonly place: string
  /** The whole path on that machine, and the line from 1; empty and 0 for what is the engine's own. */
  readonly path: string
  readonly line: number
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
  /** Where these functions are written. */
  places(functions: readonly object[]): Promise<readonly SourcePlace[]>
  /** From now on a thread of its own tells where this one was, each time it was held for more than `ms`: once each, when it is free again. */
  watchStacks(ms: number, told: (stack: HeldStack) => void): Disposable
  /** Collects garbage now; false where the engine does not offer it. */
  collectGarbage(): boolean
  /** Ends what measures. */
  stop(): void
}
