/**
 * The rows: what is measured, against whom, and how good it is to be. The goals are those of the design's budgets.
 */
import { encode } from "umbel/etf"
import { BEAM_SERVER } from "./harness/side.mjs"
import { SAMPLE } from "./umbel/sample.mjs"

/**
 * @typedef {object} Row
 * @property {import("./row-names.mjs").RowName} name
 * @property {import("./harness/statistics.mjs").Unit} unit
 * @property {number | null} goal The ratio; null where the design sets none.
 * @property {import("./row-names.mjs").PeerName} peer
 * @property {number} [count] Operations of a round, where not time decides how many.
 * @property {number} [rounds] At most so many, where a round takes long.
 * @property {(surroundings: import("./harness/surroundings.mjs").Surroundings) => { umbel: SideSpec, other: SideSpec }} sides
 *
 * @typedef {import("./harness/side.mjs").SideSpec} SideSpec
 */

const CALLERS = 100
const UMBEL_SERVER = "umbel_server@127.0.0.1"
const IDLE_SERVERS = 100_000
const MILLION = 1_000_000
const FLOOD = 5_000_000

/** @type {(job: string, args: Record<string, unknown>) => SideSpec} */
const node = (job, args) => ({ on: "node", job, args })
/** @type {(job: string, ...args: string[]) => SideSpec} */
const beam = (job, ...args) => ({ on: "beam", job, args })

/**
 * Two Umbel nodes: one with the counter, one that calls it (or, without callers, casts to it).
 * @param {import("./harness/surroundings.mjs").Surroundings} surroundings
 * @param {number | undefined} callers
 * @param {{ size?: number, cpu?: boolean }} rest
 * @returns {SideSpec}
 */
function umbelNodes({ cookie, epmdPort }, callers, rest = {}) {
  const shared = { cookie, epmdPort }
  return {
    on: "node",
    job: "umbel/remote",
    args: { name: "umbel_caller@127.0.0.1", server: UMBEL_SERVER, callers, ...rest, ...shared },
    server: { job: "umbel/remote", args: { name: UMBEL_SERVER, ...shared } },
  }
}

/**
 * The same on the BEAM.
 * @param {string} job
 * @param {readonly string[]} args
 * @returns {SideSpec}
 */
const beamNodes = (job, ...args) => ({ on: "beam", job, args: [BEAM_SERVER, ...args], server: { job: "server" } })

/** @type {SideSpec} */
const http = {
  on: "node",
  job: "peers/http-client",
  args: { callers: CALLERS },
  server: { job: "peers/http-server", args: {} },
}

/**
 * @param {import("./row-names.mjs").RowName} name
 * @param {number} size Bytes.
 * @returns {Row}
 */
const blobRow = (name, size) => ({
  name,
  unit: "message/s",
  goal: null,
  peer: "beam",
  sides: (surroundings) => ({
    umbel: umbelNodes(surroundings, undefined, { size }),
    other: beamNodes("remote_blobs", String(size)),
  }),
})

/**
 * The same calls among a million processes and among a thousand.
 * @param {"ring" | "random"} order
 */
const growth = (order) => ({
  umbel: /** @type {SideSpec} */ ({
    on: "node",
    job: "umbel/growth",
    args: { processes: MILLION, order },
    flags: ["--max-old-space-size=8192"],
  }),
  other: node("umbel/growth", { processes: 1_000, order }),
})

const sampleHex = () => Buffer.from(encode(SAMPLE)).toString("hex")

/** @type {readonly Row[]} */
export const ROWS = [
  {
    name: "local-call",
    unit: "call/s",
    goal: 3,
    peer: "beam",
    sides: () => ({ umbel: node("umbel/local-call", { object: false }), other: beam("local_call") }),
  },
  {
    name: "ping-pong",
    unit: "round trip/s",
    goal: 1.5,
    peer: "beam",
    sides: () => ({ umbel: node("umbel/ping-pong", { coroutine: false }), other: beam("ping_pong") }),
  },
  {
    name: "ping-pong-coroutine",
    unit: "round trip/s",
    goal: null,
    peer: "beam",
    sides: () => ({ umbel: node("umbel/ping-pong", { coroutine: true }), other: beam("ping_pong") }),
  },
  {
    name: "local-call-object",
    unit: "call/s",
    goal: 1.5,
    peer: "beam",
    sides: () => ({ umbel: node("umbel/local-call", { object: true }), other: beam("local_call_object") }),
  },
  {
    name: "start-genserver",
    unit: "start/s",
    goal: 3,
    peer: "beam",
    sides: () => ({ umbel: node("umbel/starts", { memory: false }), other: beam("start") }),
  },
  {
    name: "start-genserver-all",
    unit: "start/s",
    goal: 3,
    peer: "beam",
    sides: () => ({
      umbel: { ...node("umbel/starts", { memory: false }), allCores: true },
      other: { ...beam("start"), allCores: true },
    }),
  },
  {
    name: "memory-genserver",
    unit: "byte",
    goal: 5,
    peer: "beam",
    count: IDLE_SERVERS,
    sides: () => ({
      umbel: { on: "node", job: "umbel/starts", args: { memory: true }, flags: ["--expose-gc"] },
      other: beam("memory"),
    }),
  },
  {
    name: "etf-encode",
    unit: "ns",
    goal: 1,
    peer: "beam",
    sides: () => ({ umbel: node("umbel/terms", { direction: "encode" }), other: beam("encode", sampleHex()) }),
  },
  {
    name: "etf-decode",
    unit: "ns",
    goal: 1,
    peer: "beam",
    sides: () => ({ umbel: node("umbel/terms", { direction: "decode" }), other: beam("decode", sampleHex()) }),
  },
  {
    name: "json-encode",
    unit: "ns",
    goal: 2,
    peer: "json",
    sides: () => ({
      umbel: node("umbel/terms", { direction: "encode" }),
      other: node("peers/json", { direction: "encode" }),
    }),
  },
  {
    name: "json-decode",
    unit: "ns",
    goal: 2,
    peer: "json",
    sides: () => ({
      umbel: node("umbel/terms", { direction: "decode" }),
      other: node("peers/json", { direction: "decode" }),
    }),
  },
  {
    name: "remote-call-1",
    unit: "call/s",
    goal: 1.2,
    peer: "beam",
    sides: (surroundings) => ({ umbel: umbelNodes(surroundings, 1), other: beamNodes("remote_call", "1") }),
  },
  {
    name: "remote-call-100",
    unit: "call/s",
    goal: 4,
    peer: "beam",
    sides: (surroundings) => ({
      umbel: umbelNodes(surroundings, CALLERS),
      other: beamNodes("remote_call", String(CALLERS)),
    }),
  },
  {
    name: "remote-cast",
    unit: "cast/s",
    goal: 4,
    peer: "beam",
    sides: (surroundings) => ({ umbel: umbelNodes(surroundings, undefined), other: beamNodes("remote_cast") }),
  },
  blobRow("remote-1k", 1024),
  blobRow("remote-64k", 64 * 1024),
  blobRow("remote-10m", 10 * 1024 * 1024),
  {
    name: "remote-cast-cpu",
    unit: "ns",
    goal: null,
    peer: "beam",
    sides: (surroundings) => ({
      umbel: umbelNodes(surroundings, undefined, { cpu: true }),
      other: beamNodes("remote_cast_cpu"),
    }),
  },
  {
    name: "http-call-100",
    unit: "call/s",
    goal: 10,
    peer: "http",
    sides: (surroundings) => ({ umbel: umbelNodes(surroundings, CALLERS), other: http }),
  },
  {
    name: "nact-call",
    unit: "call/s",
    goal: null,
    peer: "nact",
    sides: () => ({ umbel: node("umbel/local-call", { object: false }), other: node("peers/nact", { what: "call" }) }),
  },
  {
    name: "nact-start",
    unit: "start/s",
    goal: null,
    peer: "nact",
    sides: () => ({ umbel: node("umbel/starts", { memory: false }), other: node("peers/nact", { what: "start" }) }),
  },
  {
    name: "noex-call",
    unit: "call/s",
    goal: null,
    peer: "noex",
    sides: () => ({ umbel: node("umbel/local-call", { object: false }), other: node("peers/noex", { what: "call" }) }),
  },
  {
    name: "noex-start",
    unit: "start/s",
    goal: null,
    peer: "noex",
    sides: () => ({ umbel: node("umbel/starts", { memory: false }), other: node("peers/noex", { what: "start" }) }),
  },
  {
    name: "xstate-send",
    unit: "cast/s",
    goal: null,
    peer: "xstate",
    sides: () => ({ umbel: node("umbel/local-cast", {}), other: node("peers/xstate", { what: "send" }) }),
  },
  {
    name: "xstate-start",
    unit: "start/s",
    goal: null,
    peer: "xstate",
    sides: () => ({ umbel: node("umbel/starts", { memory: false }), other: node("peers/xstate", { what: "start" }) }),
  },
  {
    name: "million-genservers",
    unit: "server/s",
    goal: null,
    peer: "beam",
    count: MILLION,
    rounds: 2,
    sides: () => ({
      umbel: { on: "node", job: "umbel/million", args: {}, flags: ["--max-old-space-size=8192"] },
      other: beam("million"),
    }),
  },
  {
    name: "growth-ring",
    unit: "ns",
    // A call costs at most 1.5 times as much.
    goal: 0.67,
    peer: "thousand",
    sides: () => growth("ring"),
  },
  { name: "growth-random", unit: "ns", goal: null, peer: "thousand", sides: () => growth("random") },
  {
    name: "flood-timer",
    unit: "ms late",
    goal: null,
    peer: "beam",
    count: FLOOD,
    rounds: 3,
    sides: () => ({ umbel: node("umbel/flood", {}), other: beam("flood") }),
  },
]
