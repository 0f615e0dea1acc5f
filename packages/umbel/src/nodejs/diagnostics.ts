/**
 * What Node.js can find out about its thread and heap: the {@link Diagnostics} of a node.
 *
 * ```ts
 * const diagnostics = nodejsDiagnostics()
 * diagnostics.loop()            // { p50, p99, max } since the last call
 * diagnostics.collections()     // garbage collections since boot
 * ```
 *
 * Two things measure from the beginning: a histogram of the event loop's delay (V8's and libuv's own, a timer every 20 ms) and an observer of garbage
 * collections. Neither keeps the program alive.
 */
import { readdirSync, readFileSync } from "node:fs"
import { monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks"
import { getHeapStatistics, setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import type { Collections, Diagnostics, EngineLimits, LoopDelay, Timer } from "../runtime/index.ts"
import { cpuProfile, placesOf, retainedBy } from "./inspector-session.ts"
import { watchStacks } from "./watchdog.ts"

/** Milliseconds between two looks at the loop: what the histogram counts besides the delay. */
const RESOLUTION_MS = 20
/** Measured: 11 MB of heap a second of CPU, on two busy cores. An idle machine is faster; what is told before is the careful figure. */
const SNAPSHOT_BYTES_PER_MS = 11_000
const SNAPSHOT_LEAST_MS = 300
/** Which collections go through the whole heap. */
const MAJOR = 4

export function nodejsDiagnostics(): Diagnostics {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const gc = { count: 0, majorCount: 0, pauseMs: 0, longestMs: 0 }
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { duration } = entry
      const { detail } = entry as { detail?: { kind?: number } }
      gc.count++
      gc.pauseMs += duration
      gc.longestMs = Math.max(gc.longestMs, duration)
      if (detail?.kind === MAJOR) gc.majorCount++
    }
  })
  observer.observe({ entryTypes: ["gc"] })
  let profiling = false
  return {
    every(ms, run): Timer {
      const timer = setInterval(run, ms).unref()
      return { cancel: () => clearInterval(timer) }
    },
    loop(): LoopDelay {
      // The histogram holds the time between two looks, in nanoseconds.
      const late = (ns: number): number => (Number.isFinite(ns) ? Math.max(0, ns / 1e6 - RESOLUTION_MS) : 0)
      const some = delay.count > 0
      const result = some
        ? { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) }
        : { p50: 0, p99: 0, max: 0 }
      delay.reset()
      return result
    },
    collections: (): Collections => ({ ...gc }),
    limits,
    retained: retainedBy,
    snapshotPauseMs: (heapBytes) => Math.round(SNAPSHOT_LEAST_MS + heapBytes / SNAPSHOT_BYTES_PER_MS),
    async profile(ms, intervalUs) {
      if (profiling) throw new Error("this thread is being profiled already")
      profiling = true
      try {
        return await cpuProfile(ms, intervalUs)
      } finally {
        profiling = false
      }
    },
    places: placesOf,
    watchStacks,
    collectGarbage,
    stop(): void {
      delay.disable()
      observer.disconnect()
    },
  }
}

function limits(): EngineLimits {
  return { heapLimit: getHeapStatistics().heap_size_limit, ...openFiles() }
}

/** Linux tells in files; elsewhere nobody does cheaply. */
function openFiles(): Pick<EngineLimits, "openFiles" | "openFilesMax"> {
  if (process.platform !== "linux") return { openFiles: undefined, openFilesMax: undefined }
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))
    return { openFiles: readdirSync("/proc/self/fd").length, openFilesMax: line === null ? undefined : Number(line[1]) }
  } catch {
    // No /proc in this container: then nobody knows.
    return { openFiles: undefined, openFilesMax: undefined }
  }
}

/** V8 gives `gc` to contexts made while the flag is on. */
function collectGarbage(): boolean {
  const collect = (globalThis as { gc?: () => void }).gc ?? exposed()
  if (typeof collect !== "function") return false
  collect()
  return true
}
function exposed(): unknown {
  setFlagsFromString("--expose-gc")
  try {
    return runInNewContext("gc")
  } finally {
    setFlagsFromString("--no-expose-gc")
  }
}
