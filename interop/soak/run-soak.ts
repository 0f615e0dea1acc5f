/**
 * Five nodes under load, while things go wrong: what `npm run soak` runs (`scripts/soak.mjs` has its options).
 *
 * Two are BEAM nodes, three are Umbel nodes in processes of their own, all join and leave groups and call one another. Umbel nodes are killed and
 * started again, paused for longer than the tick time, and cut off from others; nothing is done to the BEAM nodes. What must hold:
 *
 * - neither BEAM node ever loses the other: whatever happens to an Umbel node is its own trouble;
 * - no Umbel node ends but by our hand;
 * - once all is quiet and connected again, all five see the same members in every group (and the same global names, where the nodes have those).
 */
import { writeSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { atom, inspect, type Pid } from "umbel"
import { boot } from "umbel/nodejs"
import { Random } from "../../packages/umbel/test/fuzz/mutate.ts"
import { commandLine, wrong } from "../../scripts/command-line.mjs"
import { peers } from "../peers.ts"
import { BeamNode } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"
import { Program } from "../support/program.ts"
import { GROUPS, TICK_MS } from "./plan.ts"

const USAGE = "npm run soak -- [--minutes 10] [--seed 42] [--visible]"
const { values } = commandLine(
  { options: { minutes: { type: "string" }, seed: { type: "string" }, visible: { type: "boolean" } } },
  USAGE,
)
const minutes = Number(values.minutes ?? 1)
const visible = values.visible === true
const seed = Number(values.seed ?? Date.now() % 1_000_000)
if (!(minutes > 0)) wrong(`--minutes is a number above 0, not ${values.minutes}`, USAGE)
if (!Number.isSafeInteger(seed)) wrong(`--seed is a safe integer, not ${values.seed}`, USAGE)
if (peers.erlang === undefined) {
  console.error("the soak needs Erlang: apt-get install erlang-base")
  process.exit(2)
}

const COOKIE = `soak${seed}`
/** Milliseconds in which all must be equal once all is quiet. */
const SETTLE_MS = 60_000
/** How long a node may take to be ready: longer than the first ones did, by so many times, and so much at the least, in milliseconds. */
const SLOWER = 10
const READY_MS = 60_000
const BEAMS = ["beam1@127.0.0.1", "beam2@127.0.0.1"]
const UMBELS = ["umbel1@127.0.0.1", "umbel2@127.0.0.1", "umbel3@127.0.0.1"]
const ALL = [...BEAMS, ...UMBELS]

const random = new Random(seed, 1)
const started = Date.now()
const say = (text: string): void => console.log(`${((Date.now() - started) / 1_000).toFixed(1).padStart(6)} s  ${text}`)
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

// However it ends, it says so: not by `console`, as a pipe that was closed would take the last word with it.
let over = false
process.on("exit", (code) => {
  if (!over) lastWord(`the soak ended with exit code ${code} before it was over`)
})
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    lastWord(`the soak was ended by ${signal}`)
    endAll()
  })
}
process.stdout.on("error", (error) => {
  lastWord(`nobody reads what the soak says: ${error.message}`)
  endAll()
})

const source = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

say(`${minutes} minutes, seed ${seed}, Umbel nodes ${visible ? "visible" : "hidden"}`)
const epmdPort = await freePort()
// The one that watches is a hidden node of its own, and its EPMD is everybody's.
await using watcher = await boot({ name: "watcher@127.0.0.1", cookie: COOKIE, epmdPort, report: () => {} })
const beams: BeamNode[] = []
const umbels = new Map<string, Program>()
/** How long the first nodes took to be ready, in milliseconds. */
let firstReady = 0
let lives = 0

async function startUmbel(name: string): Promise<void> {
  const others = ALL.filter((other) => other !== name)
  const args = [
    name,
    COOKIE,
    String(epmdPort),
    String(seed * 1_000 + ++lives),
    visible ? "visible" : "hidden",
    ...others,
  ]
  const program = new Program(name, process.execPath, [
    "--conditions=@umbel/source",
    "--import=tsx",
    source("./member.ts"),
    ...args,
  ])
  umbels.set(name, program)
  await program.line((line) => line === "ready", Math.max(READY_MS, SLOWER * firstReady))
}

const failures: string[] = []
try {
  for (const name of BEAMS) {
    const others = ALL.filter((other) => other !== name).map((other) => `'${other}'`)
    const script = `
      {ok, soak, Code} = compile:file("${source("./soak.erl")}", [binary]), {module, _} = code:load_binary(soak, "", Code),
      ok = soak:start([${others.join(",")}]), io:format("ready~n").`
    const flags = ["-kernel", "net_ticktime", String(TICK_MS / 1_000)]
    beams.push(await BeamNode.start({ program: "erl", name, cookie: COOKIE, epmdPort, script, flags }))
  }
  const starting = Date.now()
  await Promise.all(UMBELS.map(startUmbel))
  firstReady = Date.now() - starting
  say("all five are up")

  const end = Date.now() + minutes * 60_000
  while (Date.now() < end) {
    await trouble(UMBELS[random.below(UMBELS.length)]!)
    await wait(500 + random.below(3_000))
    for (const program of umbels.values()) {
      if (program.isOver) throw new Error(`${program.name} ended by itself; it said:\n${program.lines.join("\n")}`)
    }
  }

  say("quiet")
  await Promise.all(UMBELS.map((name) => watcher.rpc(name).soak!.quiet!()))
  await Promise.all(BEAMS.map((name) => watcher.rpc(name).soak!.quiet!()))
  const counts = await Promise.all(ALL.map(async (name) => [name, inspect(await watcher.rpc(name).soak!.counts!())]))
  for (const [name, count] of counts) say(`calls of ${name} that were answered, and that were not: ${count}`)
  await settle()
  failures.push(...lostBeams())
} catch (error) {
  failures.push(String(error))
} finally {
  for (const program of umbels.values()) {
    if (program.pid !== undefined) resume(program.pid)
    await program[Symbol.asyncDispose]()
  }
  for (const beam of beams) await beam[Symbol.asyncDispose]()
}
for (const failure of failures) say(`FAILED: ${failure}`)
say(
  failures.length === 0
    ? "no BEAM node lost the other, and all see the same"
    : `again: npm run soak -- --minutes ${minutes} --seed ${seed}${visible ? " --visible" : ""}`,
)
over = true
process.exitCode = failures.length === 0 ? 0 : 1

/** Writes to the standard error output, at once, and takes a closed one. */
function lastWord(text: string): void {
  try {
    writeSync(2, `${((Date.now() - started) / 1_000).toFixed(1).padStart(6)} s  FAILED: ${text}\n`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error
  }
}
/** Ends at once, with all nodes. */
function endAll(): never {
  over = true
  for (const { pid } of [...umbels.values(), ...beams]) {
    if (pid === undefined) continue
    try {
      process.kill(pid, "SIGKILL")
    } catch (error) {
      // It has ended meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
    }
  }
  process.exit(1)
}

/** One thing goes wrong with that node. */
async function trouble(name: string): Promise<void> {
  const program = umbels.get(name)!
  switch (random.below(4)) {
    case 0: {
      say(`kill ${name}`)
      await program[Symbol.asyncDispose]()
      await wait(random.below(3_000))
      return startUmbel(name)
    }
    case 1: {
      // Now shorter, now longer than it takes to be given up.
      const ms = 500 + random.below(2 * TICK_MS)
      say(`pause ${name} for ${ms} ms`)
      process.kill(program.pid!, "SIGSTOP")
      await wait(ms)
      return resume(program.pid!)
    }
    case 2: {
      const beam = random.of(BEAMS)
      say(`${beam} cuts ${name} off`)
      return void (await watcher.rpc(beam).erlang!.disconnect_node!(atom(name)))
    }
    case 3: {
      say(`two pauses at once, of ${UMBELS[0]} and ${UMBELS[1]}`)
      const pids = [umbels.get(UMBELS[0]!)!.pid!, umbels.get(UMBELS[1]!)!.pid!]
      for (const pid of pids) process.kill(pid, "SIGSTOP")
      await wait(random.below(TICK_MS))
      return pids.forEach(resume)
    }
  }
}

function resume(pid: number): void {
  try {
    process.kill(pid, "SIGCONT")
  } catch (error) {
    // It has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
  }
}

/** Waits until every node sees the same members in every group. */
async function settle(): Promise<void> {
  const until = Date.now() + SETTLE_MS
  let different = ""
  while (Date.now() < until) {
    different = await difference().catch(String)
    if (different === "") return say("all groups are the same on all five nodes")
    await wait(500)
  }
  failures.push(`${SETTLE_MS} ms after all was quiet ${different}`)
}

async function difference(): Promise<string> {
  for (let group = 1; group <= GROUPS; group++) {
    const views = await Promise.all(ALL.map((name) => membersAt(name, group)))
    const odd = views.findIndex((view) => view !== views[0])
    if (odd >= 0)
      return `group ${group} is ${views[0] || "empty"} on ${ALL[0]} and ${views[odd] || "empty"} on ${ALL[odd]}`
  }
  const names = await Promise.all(ALL.map(globalNames))
  const known = names.filter((list) => list !== undefined)
  if (known.some((list) => list !== known[0])) return `global names differ: ${names.join(" | ")}`
  return ""
}

async function membersAt(name: string, group: number): Promise<string> {
  const rpc = watcher.rpc(name, { timeout: 5_000 })
  const pids = BEAMS.includes(name) ? await rpc.pg!.get_members!(atom("soak"), group) : await rpc.soak!.members!(group)
  return (pids as Pid[])
    .map((pid) => pid.key)
    .sort()
    .join(" ")
}

/** Undefined where a node knows of none: a hidden one takes no part in them. */
async function globalNames(name: string): Promise<string | undefined> {
  const names = await watcher.rpc(name, { timeout: 5_000 }).global!.registered_names!().catch(() => undefined)
  return Array.isArray(names) ? names.map(String).sort().join(" ") : undefined
}

/** Each time a BEAM node said that the other one was gone. */
function lostBeams(): string[] {
  return beams.flatMap((beam) =>
    beam.lines
      .filter((line) => BEAMS.some((name) => line.startsWith(`nodedown ${name} `)))
      .map((line) => `${beam.name}: ${line}`),
  )
}
