/**
 * The counter: what is called, cast to and started in every row, under its supervisor and by its name. Its twin is `../beam/bench_counter.erl`.
 */
import { application, child, genServer, name, supervisor } from "umbel"
import { boot } from "umbel/nodejs"

export const counter = genServer("bench.counter", {
  init: (/** @type {number} */ count) => ({ count }),
  calls: {
    increment: ({ state }, /** @type {number} */ by) => (state.count += by),
    echo: ({ state }, /** @type {{ id: number, name: string, tags: string[] }} */ object) => {
      state.count++
      return object
    },
    get: ({ state }) => state.count,
    cpu: () => cpuNanoseconds(),
  },
  casts: {
    msg: ({ state }, /** @type {number} */ by, /** @type {import("umbel").Atom<"abc">} */ _abc) => {
      state.count += by
    },
    blob: ({ state }, /** @type {Uint8Array} */ _bytes) => {
      state.count++
    },
  },
})

/** CPU of this operating-system process so far, in nanoseconds. */
export function cpuNanoseconds() {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1_000
}

/** @type {import("umbel").Name<import("umbel").ApiFor<typeof counter>>} */
export const COUNTER = name("counter")

/** @type {import("umbel").Application} */
const bench = application({
  name: "bench",
  start: () => supervisor("bench.supervisor", { children: [child(counter, { arg: 0, name: COUNTER })] }),
})

/**
 * A node with the counter on it. What it reports goes to standard error.
 * @param {Omit<import("umbel/nodejs").BootOptions, "applications" | "report">} options
 */
export function bootBench(options) {
  return boot({
    ...options,
    applications: [bench],
    report: (report) => {
      if (report.kind === "crash" || (report.kind === "note" && report.level === "error")) console.error(report)
    },
  })
}
