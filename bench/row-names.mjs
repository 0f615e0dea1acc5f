/** The names of the rows and what they measure: apart from `rows.mjs`, which needs the built library, while `--help` does not. */

export const ROW_NAMES = /** @type {const} */ ({
  "local-call": "gen_server calls on one node: one caller, a small integer",
  "ping-pong": "a number between two servers' info handlers, against ! and receive",
  "ping-pong-coroutine": "the same between two coroutines that receive by hand",
  "local-call-object": "calls that take and answer {id, name, tags}, against a map",
  "start-genserver": "GenServers started and linked",
  "start-genserver-all": "the same with all cores, and as many schedulers on the BEAM: as people run it",
  "memory-genserver": "heap of an idle, linked GenServer, 100,000 alive",
  "etf-encode": "a 184-byte nested term, against term_to_binary",
  "etf-decode": "the same, against binary_to_term",
  "json-encode": "the same, against JSON.stringify to bytes",
  "json-decode": "the same, against JSON.parse from bytes",
  "remote-call-1": "calls to another node over loopback TCP: one caller",
  "remote-call-100": "the same: 100 callers",
  "remote-cast": "casts of {msg, 1, abc} to another node, drained",
  "nact-call": "local-call, against query of nact",
  "nact-start": "start-genserver, against spawn of nact",
  "noex-call": "local-call, against a call of noex",
  "noex-start": "start-genserver, against GenServer.start of noex",
  "xstate-send": "casts on one node, drained, against events sent to a machine of XState",
  "xstate-start": "start-genserver, against createActor(…).start() of XState",
  "million-genservers": "one million servers start, answer once, and end",
  "growth-ring": "a call among 1,000,000 processes in ring order, against one among 1,000",
  "growth-random": "the same in random order: what cache misses cost",
  "flood-timer": "the worst lateness of a 10 ms timer beside 5,000,000 messages, 100,000 of them outstanding",
  "remote-1k": "casts of 1 KiB of bytes to another node, drained",
  "remote-64k": "the same: 64 KiB",
  "remote-10m": "the same: 10 MiB",
  "remote-cast-cpu": "CPU of both nodes for a cast of remote-cast",
  "http-call-100": "remote-call-100 against Fastify and undici: HTTP and JSON, 100 callers",
})

/** @typedef {keyof typeof ROW_NAMES} RowName */
/** @typedef {"beam" | "json" | "http" | "nact" | "noex" | "xstate" | "thousand"} PeerName */

/** @type {readonly string[]} */
export const rowNames = Object.keys(ROW_NAMES)
