/**
 * A node in numbers, from its counters, its platform and the recorder's latest sample.
 */
import type { Node } from "../../runtime/index.ts"
import type { Recorder } from "./recorder.ts"
import type { SystemView } from "./says/system.ts"

/** The release of this library; a test holds it to package.json. */
export const RELEASE = "0.1.0"

export function systemOf(node: Node, recorder: Recorder, answersMs: number): SystemView {
  const { platform, scheduler, reports } = node
  const vitals = platform.vitals()
  const limits = platform.diagnostics?.limits()
  const measures = platform.diagnostics !== undefined
  const gc = platform.diagnostics?.collections() ?? { count: 0, majorCount: 0, pauseMs: 0, longestMs: 0 }
  const { heapUsed, heapTotal, rss, external, arrayBuffers, code, cpuUserMs, cpuSystemMs, processors } = vitals
  const { latest } = recorder
  return {
    node: node.name,
    at: platform.clock.wallTime(),
    bootedAt: node.bootedAt,
    memory: { heapUsed, heapTotal, heapLimit: limits?.heapLimit, rss, external, arrayBuffers, code },
    cpu: { userMs: cpuUserMs, systemMs: cpuSystemMs, processors, share: latest?.cpuShare ?? 0 },
    loop: {
      utilisation: latest?.loopUtilisation ?? 0,
      delayP50: measures ? latest?.delayP50 : undefined,
      delayP99: measures ? latest?.delayP99 : undefined,
      delayMax: measures ? latest?.delayMax : undefined,
      intervalMs: latest?.intervalMs ?? 0,
      activeMs: vitals.loopActiveMs,
      idleMs: vitals.loopIdleMs,
    },
    gc: { count: gc.count, pauseMs: gc.pauseMs, longestMs: gc.longestMs, majorCount: gc.majorCount },
    counters: {
      processes: node.count,
      zombies: node.zombies.size,
      runQueue: scheduler.ready,
      turns: scheduler.turns,
      messages: scheduler.messages,
      crashes: reports.crashes,
      reports: reports.count,
      pendingCalls: node.calls.size,
      registeredNames: node.names.size,
    },
    limits: {
      heapLimit: limits?.heapLimit,
      openFilesMax: limits?.openFilesMax,
      openFiles: limits?.openFiles,
    },
    platform: {
      runtime: vitals.runtime,
      os: vitals.os,
      architecture: vitals.architecture,
      processId: vitals.processId,
      release: RELEASE,
    },
    connections: node.remote.traffic().map(({ node: peer, received, sent, unsent, umbel, flags, creation }) => ({
      node: peer,
      bytesIn: received,
      bytesOut: sent,
      queuedBytes: unsent,
      kind: umbel ? "umbel" : "beam",
      flags,
      creation,
    })),
    observing: { recorderMs: recorder.costMs, answersMs, recorderBytes: recorder.bytes },
  }
}
