/**
 * A watchdog: a thread of its own that says where the node's thread is held, while it still is.
 *
 * ```ts
 * await boot({ name: "a@127.0.0.1", cookie, watchdogMs: 5_000 })
 * // ! held  a@127.0.0.1: nothing else has run for 5 s; peers give the node up after 60 s. It is in total (file:///shop/cart.js:12)
 * ```
 *
 * A handler that holds the thread long is reported when it returns; this is for one that does not. It writes to the standard error output, as nothing of the node itself can say anything
 * then. The same thread finds the stacks of long handlers for the observer ({@link watchStacks}). Where the thread is it learns from V8's own debugger, which it is only connected
 * with for that moment; while somebody else debugs the program it keeps away, as it would take over their breakpoints.
 */
import { url as debuggerUrl } from "node:inspector"
import { isMainThread, Worker } from "node:worker_threads"
import type { HeldStack } from "../runtime/index.ts"
import { sourceOf } from "./inspector-session.ts"

export interface WatchdogOptions {
  readonly node: string
  /** Milliseconds without a turn of the event loop until it says so. */
  readonly heldMs: number
  /** Milliseconds of silence until peers give the node up. */
  readonly tickMs: number
  /** Told of the stack too, once the thread is free again. */
  readonly told?: ((stack: HeldStack) => void) | undefined
}

/** What the thread tells: lines and columns from 0, as V8 counts. */
interface RawStack {
  readonly at: number
  readonly frames: readonly {
    readonly name: string
    readonly url: string
    readonly line: number
    readonly column: number
  }[]
}

/** What the thread runs: plain JavaScript, as a worker has no loader for anything else. `beats[1]` is 1 while somebody debugs the program. */
const WATCH = `
const { workerData, parentPort } = require("node:worker_threads")
const { writeSync } = require("node:fs")
const { Session } = require("node:inspector")
const { beat, node, heldMs, tickMs, framesMax } = workerData
const beats = new Int32Array(beat)
const seconds = (ms) => ms >= 1000 ? Math.round(ms / 1000) + " s" : Math.round(ms) + " ms"
let last = 0, since = performance.now(), told = false, looked = since
setInterval(() => {
  const now = performance.now(), seen = Atomics.load(beats, 0)
  // When this thread did not run either, it was the whole program that was stopped.
  const stopped = now - looked > Math.max(50, heldMs / 2)
  looked = now
  if (stopped || seen !== last) { last = seen; since = now; told = false; return }
  if (told || now - since < heldMs) return
  told = true
  if (Atomics.load(beats, 1) === 1) return write("a place that cannot be told while the program is debugged")
  where()
}, Math.max(5, heldMs / 8))
function write(place) {
  if (node === undefined) return
  writeSync(2, "! held  " + node + ": nothing else has run for " + seconds(performance.now() - since) + "; peers give the node up after " + seconds(tickMs) + ". It is in " + place + "\\n")
}
function where() {
  const session = new Session()
  try { session.connectToMainThread() } catch (error) { return write("a place that cannot be told: " + error.message) }
  const scripts = new Map()
  session.on("Debugger.scriptParsed", ({ params }) => scripts.set(params.scriptId, params.url))
  session.once("Debugger.paused", ({ params }) => {
    const at = Date.now()
    const frames = params.callFrames.slice(0, framesMax).map((one) => ({
      name: one.functionName,
      url: scripts.get(one.location.scriptId) || one.url,
      line: one.location.lineNumber,
      column: one.location.columnNumber || 0,
    }))
    session.post("Debugger.resume")
    session.post("Debugger.disable", () => session.disconnect())
    const frame = frames.find(({ url }) => url !== "" && !url.startsWith("node:")) ?? frames[0]
    write(frame === undefined ? "native code" : (frame.name || "a function") + " (" + frame.url + ":" + (frame.line + 1) + ")")
    parentPort.postMessage({ at, frames })
  })
  session.post("Debugger.enable")
  session.post("Debugger.pause")
}
`
const FRAMES_MAX = 40

/** Watches the thread it is called on until it is disposed. Keeps no program from its end. */
export function watchThread({ node, heldMs, tickMs, told }: WatchdogOptions): Disposable {
  return watch({ node, heldMs, tickMs }, told)
}

/** Tells the stack of whatever holds this thread longer than that. Nothing where this is not the main thread, which is the one that can be looked at. */
export function watchStacks(heldMs: number, told: (stack: HeldStack) => void): Disposable {
  return isMainThread ? watch({ heldMs }, told) : { [Symbol.dispose]() {} }
}

interface Watched extends Partial<Pick<WatchdogOptions, "node" | "tickMs">> {
  readonly heldMs: number
}
function watch(data: Watched, told?: (stack: HeldStack) => void): Disposable {
  const beat = new SharedArrayBuffer(8)
  const beats = new Int32Array(beat)
  const debugged = (): void => void Atomics.store(beats, 1, debuggerUrl() === undefined ? 0 : 1)
  debugged()
  const beating = setInterval(
    () => {
      Atomics.add(beats, 0, 1)
      debugged()
    },
    Math.max(5, data.heldMs / 8),
  )
  beating.unref()
  const worker = new Worker(WATCH, { eval: true, workerData: { ...data, beat, framesMax: FRAMES_MAX } })
  if (told !== undefined) worker.on("message", (raw: RawStack) => told(stackOf(raw)))
  worker.unref()
  return {
    [Symbol.dispose]() {
      clearInterval(beating)
      void worker.terminate()
    },
  }
}

const stackOf = ({ at, frames }: RawStack): HeldStack => ({
  at,
  frames: frames.map(({ name, url, line, column }) => ({
    name: name === "" ? "(anonymous)" : name,
    ...sourceOf(url, line, column),
  })),
})
