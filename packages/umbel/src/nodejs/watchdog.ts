/**
 * A watchdog: a thread of its own that says so when the node's thread is held, and where, while it still is.
 *
 * ```ts
 * await boot({ name: "a@127.0.0.1", cookie, watchdogMs: 5_000 })
 * // ! held  a@127.0.0.1: nothing else has run for 5 s; peers give the node up after 60 s. It is in total (file:///shop/cart.js:12)
 * ```
 *
 * A handler that holds the thread long is reported when it returns; this is for one that does not. It writes to the standard error output, as nothing of the node itself can say anything
 * then. Where the thread is it learns from V8's own debugger, which it is only connected with for that moment.
 */
import { Worker } from "node:worker_threads"

export interface WatchdogOptions {
  readonly node: string
  /** Milliseconds without a turn of the event loop until it says so. */
  readonly heldMs: number
  /** Milliseconds of silence until peers give the node up. */
  readonly tickMs: number
}

/** What the thread runs: plain JavaScript, as a worker has no loader for anything else. */
const WATCH = `
const { workerData } = require("node:worker_threads")
const { writeSync } = require("node:fs")
const { Session } = require("node:inspector")
const { beat, node, heldMs, tickMs } = workerData
const beats = new Int32Array(beat)
const seconds = (ms) => ms >= 1000 ? Math.round(ms / 1000) + " s" : Math.round(ms) + " ms"
let last = 0, since = performance.now(), told = false, looked = since
setInterval(() => {
  const now = performance.now(), seen = Atomics.load(beats, 0)
  // When this thread did not run either, it was the whole program that was stopped.
  const stopped = now - looked > heldMs / 2
  looked = now
  if (stopped || seen !== last) { last = seen; since = now; told = false; return }
  if (told || now - since < heldMs) return
  told = true
  where((place) => writeSync(2, "! held  " + node + ": nothing else has run for " + seconds(now - since) + "; peers give the node up after " + seconds(tickMs) + ". It is in " + place + "\\n"))
}, Math.max(10, heldMs / 8))
function where(say) {
  const session = new Session()
  try { session.connectToMainThread() } catch (error) { return say("a place that cannot be told: " + error.message) }
  const scripts = new Map()
  session.on("Debugger.scriptParsed", ({ params }) => scripts.set(params.scriptId, params.url))
  session.once("Debugger.paused", ({ params }) => {
    const url = (one) => scripts.get(one.location.scriptId) || one.url
    const frame = params.callFrames.find((one) => url(one) !== "" && !url(one).startsWith("node:")) ?? params.callFrames[0]
    session.post("Debugger.resume")
    session.post("Debugger.disable", () => session.disconnect())
    say(frame === undefined ? "native code" : (frame.functionName || "a function") + " (" + url(frame) + ":" + (frame.location.lineNumber + 1) + ")")
  })
  session.post("Debugger.enable")
  session.post("Debugger.pause")
}
`

/** Watches the thread it is called on until it is disposed. Keeps no program from its end. */
export function watchThread({ node, heldMs, tickMs }: WatchdogOptions): Disposable {
  const beat = new SharedArrayBuffer(4)
  const beats = new Int32Array(beat)
  const beating = setInterval(() => void Atomics.add(beats, 0, 1), heldMs / 8)
  beating.unref()
  const worker = new Worker(WATCH, { eval: true, workerData: { beat, node, heldMs, tickMs } })
  worker.unref()
  return {
    [Symbol.dispose]() {
      clearInterval(beating)
      void worker.terminate()
    },
  }
}
