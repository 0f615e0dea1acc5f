/**
 * V8's own tools (heap snapshots, CPU profiles) through `node:inspector`, in this thread: no port is opened, and nobody else can connect.
 *
 * ```ts
 * const { bytes } = await retainedBy(process)
 * const profile = await cpuProfile(5_000, 1_000, clockOffset)
 * ```
 */
import { Session } from "node:inspector"
import { findSourceMap } from "node:module"
import { fileURLToPath } from "node:url"
import { getHeapSnapshot } from "node:v8"
import type { RetainedSize, SampledFrame, SampledProfile, SourcePlace } from "../runtime/index.ts"
import { HeapSnapshotReader, retainedSize } from "./heap-snapshot.ts"

/** Where an object is put for the moment in which V8 is asked for its id. */
const SPOT = "umbel.inspected"

interface CallFrame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
  readonly columnNumber: number
}
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: CallFrame
    readonly children?: readonly number[]
  }[]
  /** Microseconds. */
  readonly startTime: number
  readonly samples?: readonly number[]
  readonly timeDeltas?: readonly number[]
}

function ask<T>(session: Session, method: string, parameters: object = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    session.post(method, parameters, (error: Error | null, answer: unknown) => {
      if (error === null) resolve(answer as T)
      else reject(new Error(`${method}: ${error.message}`))
    })
  })
}

/** What an object keeps alive. The thread stands still while V8 goes through the heap, and at the end while the graph is searched. */
export async function retainedBy(object: object): Promise<RetainedSize> {
  const session = new Session()
  session.connect()
  const spot = globalThis as Record<symbol, unknown>
  const key = Symbol.for(SPOT)
  try {
    spot[key] = object
    const { result } = await ask<{ result: { objectId: string } }>(session, "Runtime.evaluate", {
      expression: `globalThis[Symbol.for(${JSON.stringify(SPOT)})]`,
    })
    delete spot[key]
    const { objectId } = result
    const reader = new HeapSnapshotReader()
    const began = performance.now()
    const snapshot = getHeapSnapshot().setEncoding("utf8")
    let pauseMs = performance.now() - began
    // Between pieces of it the event loop goes on.
    for await (const piece of snapshot) reader.add(piece as string)
    // V8 numbers objects when it takes a snapshot, so only now is there a number to ask for.
    const { heapSnapshotObjectId } = await ask<{ heapSnapshotObjectId: string }>(
      session,
      "HeapProfiler.getHeapObjectId",
      { objectId },
    )
    const reading = performance.now()
    const size = retainedSize(reader.heap(), Number(heapSnapshotObjectId))
    pauseMs += performance.now() - reading
    return { ...size, pauseMs }
  } finally {
    delete spot[key]
    session.disconnect()
  }
}

/** Where each of these functions is written. */
export async function placesOf(functions: readonly object[]): Promise<readonly SourcePlace[]> {
  const session = new Session()
  session.connect()
  const spot = globalThis as Record<symbol, unknown>
  const key = Symbol.for(SPOT)
  const urls = new Map<string, string>()
  session.on("Debugger.scriptParsed", ({ params: { scriptId, url } }) => urls.set(scriptId, url))
  try {
    await ask(session, "Debugger.enable")
    const places: SourcePlace[] = []
    for (const one of functions) {
      spot[key] = one
      const { result } = await ask<{ result: { objectId: string } }>(session, "Runtime.evaluate", {
        expression: `globalThis[Symbol.for(${JSON.stringify(SPOT)})]`,
      })
      const { internalProperties = [] } = await ask<{ internalProperties?: readonly InternalProperty[] }>(
        session,
        "Runtime.getProperties",
        { objectId: result.objectId, ownProperties: true },
      )
      const at = internalProperties.find(({ name }) => name === "[[FunctionLocation]]")?.value?.value
      const url = at === undefined ? "" : (urls.get(at.scriptId) ?? "")
      places.push(at === undefined ? NOWHERE : sourceOf(url, at.lineNumber, at.columnNumber))
    }
    return places
  } finally {
    delete spot[key]
    session.disconnect()
  }
}
interface InternalProperty {
  readonly name: string
  readonly value?: {
    readonly value?: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number }
  }
}

/** Samples this thread. Times are those of `performance.now()`. */
export async function cpuProfile(ms: number, intervalUs: number): Promise<SampledProfile> {
  const session = new Session()
  session.connect()
  try {
    await ask(session, "Profiler.enable")
    await ask(session, "Profiler.setSamplingInterval", { interval: intervalUs })
    const starting = ask(session, "Profiler.start")
    // Starting goes through all code there is, which takes up to some 0.3 s in a large program, and is none of the program's own.
    const began = performance.now()
    await starting
    await new Promise<void>((resolve) => setTimeout(resolve, ms))
    const ended = performance.now()
    const { profile } = await ask<{ profile: CpuProfile }>(session, "Profiler.stop")
    return sampled(profile, began, ended)
  } finally {
    session.disconnect()
  }
}

/** V8 tells microseconds of the system's monotonic clock, as `process.hrtime` does; `performance.now()` counts from the start of the program. */
function sampled(
  { nodes, startTime, samples = [], timeDeltas = [] }: CpuProfile,
  startedAt: number,
  endedAt: number,
): SampledProfile {
  const offset = performance.now() - Number(process.hrtime.bigint()) / 1e6
  const places = new Map<number, number>()
  nodes.forEach(({ id }, index) => {
    places.set(id, index)
  })
  const parents = new Int32Array(nodes.length).fill(-1)
  nodes.forEach(({ children = [] }, index) => {
    for (const child of children) parents[places.get(child)!] = index
  })
  let at = startTime
  const kept: number[] = []
  const times: number[] = []
  samples.forEach((id, index) => {
    at += timeDeltas[index] ?? 0
    const time = at / 1_000 + offset
    if (time < startedAt || time > endedAt) return
    kept.push(places.get(id) ?? 0)
    times.push(time)
  })
  const frames = nodes.map(({ callFrame }, index) => frameOf(callFrame, parents[index]!))
  return { frames, samples: kept, times, startedAt, endedAt }
}

/** Parts of a path that are shown: what stands before is the machine's. */
const PATH_PARTS = 4

function frameOf({ functionName, url, lineNumber, columnNumber }: CallFrame, parent: number): SampledFrame {
  const name = functionName === "" ? (parent < 0 ? "(root)" : "(anonymous)") : functionName
  return { name, place: sourceOf(url, lineNumber, columnNumber).place, parent }
}

/** V8 counts lines and columns from 0. */
export function sourceOf(url: string, lineNumber: number, columnNumber: number): SourcePlace {
  if (url === "") return NOWHERE
  const mapped = findSourceMap(url)?.findEntry(lineNumber, columnNumber)
  const found = mapped !== undefined && "originalSource" in mapped ? mapped.originalSource : url
  const line = (mapped !== undefined && "originalLine" in mapped ? mapped.originalLine : lineNumber) + 1
  const path = found.startsWith("file:") ? fileURLToPath(found) : found
  const short = path.startsWith("node:") ? path : path.split(/[\\/]/).slice(-PATH_PARTS).join("/")
  return { place: `${short}:${line}`, path, line }
}
const NOWHERE: SourcePlace = { place: "", path: "", line: 0 }
