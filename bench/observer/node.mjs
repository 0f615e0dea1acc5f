/**
 * The node that `main.mjs` looks at: many processes, a part of which works, and the observer.
 *
 *     node bench/observer/node.mjs tree     10,000 boxes: a supervisor of 100 supervisors of 99 workers
 *     node bench/observer/node.mjs list     100,000 servers under one dynamic supervisor
 *     node bench/observer/node.mjs alone    the same without an observer, and idle: what its own recorder costs
 *
 * It prints one line of JSON when it is up, and answers each line on its input with what its inspector says of its cost.
 */

import { observer, observerAddress } from "@umbel/observer"
import { application, child, dynamicSupervisor, genServer, name, supervisor } from "umbel"
import { boot } from "umbel/nodejs"
import { INSPECTOR } from "umbel/otp"

const BRANCHES = 100
const LEAVES = 99
const MANY = 100_000
/** Of those that work: how many each 100 ms, and how many of the tree are killed each second. */
const BUSY = 500
const KILLED = 5

const worker = genServer("bench.worker", {
  init: () => ({ count: 0 }),
  casts: {
    work: ({ state }) => {
      state.count++
    },
  },
})

const branch = supervisor("bench.branch", {
  intensity: 1_000_000,
  period: 1_000,
  children: Array.from({ length: LEAVES }, (_, leaf) => child(worker, { id: `leaf-${leaf}` })),
})
const tree = application({
  name: "forest",
  start: () =>
    supervisor("bench.top", {
      children: Array.from({ length: BRANCHES }, (_, index) => child(branch, { id: `branch-${index}` })),
    }),
})
const many = dynamicSupervisor("bench.many")
const MANY_NAME = /** @type {import("umbel").Name<import("umbel").ApiFor<typeof many>>} */ (
  /** @type {unknown} */ (name("many"))
)
const crowd = application({
  name: "crowd",
  start: () => supervisor("bench.crowd", { children: [child(many, { name: MANY_NAME })] }),
})

const kind = process.argv[2]
const node = await boot({
  name: "bench-observer@127.0.0.1",
  report: (report) => void (report.kind === "note" && report.level === "error" && console.error(report.text)),
  applications: [
    kind === "tree" ? tree : crowd,
    ...(kind === "alone" ? [] : [observer.with({ port: 0, enabled: true })]),
  ],
})
if (kind !== "tree") {
  for (let made = 0; made < MANY; made += 1_000) {
    await Promise.all(
      Array.from({ length: 1_000 }, () => node.call(MANY_NAME).startChild(child(worker, { restart: "temporary" }))),
    )
  }
}
const workers = [...node.all()].filter((process) => process.describe().module === "bench.worker").map(({ pid }) => pid)

let next = 0
if (kind !== "alone") {
  setInterval(() => {
    for (let i = 0; i < BUSY; i++) {
      const pid = workers[next++ % workers.length]
      if (pid !== undefined)
        node.cast(/** @type {import("umbel").Pid<import("umbel").ApiFor<typeof worker>>} */ (pid)).work()
    }
  }, 100)
}
if (kind === "tree") {
  setInterval(() => {
    for (let i = 0; i < KILLED; i++) {
      const at = Math.floor(Math.random() * workers.length)
      const [victim] = workers.splice(at, 1)
      if (victim !== undefined) node.exit(victim, "bench")
    }
  }, 1_000)
}

console.log(
  JSON.stringify({
    node: node.name,
    address: kind === "alone" ? "" : await observerAddress(node),
    processes: node.count,
  }),
)
process.stdin.on("data", async () => {
  const { observing, loop, counters } = await node.call(INSPECTOR).system()
  console.log(JSON.stringify({ at: performance.now(), ...observing, ...loop, processes: counters.processes }))
})
process.stdin.on("end", () => void node.stop().then(() => process.exit(0)))
