/**
 * A simulated world: nodes, a network and time, in one thread and from one seed.
 *
 * ```ts
 * const world = simulate({ seed: 42, latency: [1, 20] })
 * const a = await world.boot({ name: "a@sim", applications: [shop] })
 * const b = await world.boot({ name: "b@sim", applications: [shop] })
 * {
 *   using _cut = world.partition([a], [b])
 *   await world.run(60_000)                      // a minute, at once
 * }
 * await a.call(COUNTER.at("b@sim")).get()
 * ```
 *
 * **When time runs.** While outside code has a promise of the world or of its nodes that is not settled (`world.boot`, `world.run`, `node.call`, `node.start`,
 * `node.stop`, …), and not otherwise. So nothing happens between two statements, and a test need not say how long a call takes.
 *
 * **What is decided by the seed.** Which process goes next, how long a chunk travels, all randomness of the nodes. Between two decisions
 * all microtasks run dry, so ordinary `async` code is part of it. One rule follows: code of processes awaits only what `self` gives it. Whoever
 * awaits real I/O in a simulated process gets a run that no seed repeats.
 */
import { Distribution } from "../distribution/index.ts"
import { startGlobal } from "../global/index.ts"
import { APPLICATION_OPTIONS, type ApplicationOptions, startApplications, startKernel } from "../otp/index.ts"
import type { Clock, Platform, Report } from "../runtime/index.ts"
import { nodeName } from "../wire/index.ts"
import { SimulatedExecutor } from "./executor.ts"
import { allInvariants, type Invariant, InvariantBroken } from "./invariants/index.ts"
import { md5 } from "./md5.ts"
import { Network, type SimulatedTransport } from "./network.ts"
import { SeededRandom } from "./random.ts"
import { type Outside, SimulatedNode } from "./simulated-node.ts"
import { eventLine, reportLine, Trace } from "./trace.ts"
import { VirtualTime } from "./virtual-time.ts"
import { virtualVitals } from "./vitals.ts"

export interface SimulateOptions {
  /** A safe integer. Everything that is left to chance comes from it. */
  readonly seed: number
  /** Milliseconds that a chunk of bytes travels; 1 to 10 unless told. */
  readonly latency?: readonly [min: number, max: number] | undefined
  /** How many of the latest lines of the trace are kept; 10,000 unless told. */
  readonly traceLines?: number | undefined
  /** What must hold at any moment; all that there are unless told. */
  readonly invariants?: readonly Invariant[] | undefined
}

export interface SimulatedBootOptions extends ApplicationOptions {
  /** `name@host`; the host is of no meaning here. */
  readonly name: string
  /** Nodes that share it can talk; all do unless told. */
  readonly cookie?: string | undefined
  /** Whether the node takes no part in `global`: yes unless told, as most scenarios need none and a seed takes longer with it. */
  readonly hidden?: boolean | undefined
  /** Milliseconds of silence until a peer is given up; 60,000 unless told. */
  readonly tickMs?: number | undefined
  /** Where the node's reports go; nowhere but into the trace unless told. */
  readonly report?: ((report: Report) => void) | undefined
  /** Told when an application has ended whose end is the node's; the node stops by itself. */
  readonly onEnd?: ((application: string, reason: unknown) => void) | undefined
}

const SIMULATE_KEYS: ReadonlySet<string> = new Set(["seed", "latency", "traceLines", "invariants"])
const BOOT_KEYS: ReadonlySet<string> = new Set([
  "name",
  "cookie",
  "hidden",
  "tickMs",
  "report",
  "onEnd",
  ...APPLICATION_OPTIONS,
])
const COOKIE = "simulated"

/** What the world keeps of each of its nodes. */
interface Inhabitant {
  readonly node: SimulatedNode
  readonly executor: SimulatedExecutor
  readonly transport: SimulatedTransport
  readonly clock: LifeClock
}

/** Time as one life of a node sees it: what it planned does not happen after its end. */
class LifeClock implements Clock {
  over = false
  readonly now: () => number
  readonly wallTime: () => number
  readonly #time: VirtualTime
  constructor(time: VirtualTime) {
    this.#time = time
    this.now = () => time.now()
    this.wallTime = () => time.wallTime()
  }
  after(ms: number, run: () => void) {
    return this.#time.after(ms, () => {
      if (!this.over) run()
    })
  }
}

export class World {
  readonly seed: number
  /** Chance for scenarios: what they draw here they draw in every run of this seed. */
  readonly random: SeededRandom
  readonly trace: Trace
  readonly #time = new VirtualTime()
  readonly #network: Network
  readonly #choice: SeededRandom
  readonly #invariants: readonly Invariant[]
  readonly #inhabitants: Inhabitant[] = []
  readonly #runs = new Set<{
    readonly until: number
    readonly resolve: () => void
    readonly reject: (error: unknown) => void
  }>()
  readonly #outside: Outside
  #lives = 0
  #pumping = false
  #broken: InvariantBroken | undefined

  /** @internal */
  constructor(options: SimulateOptions) {
    const { seed, latency = [1, 10], traceLines = 10_000, invariants = allInvariants() } = options
    this.seed = seed
    this.random = new SeededRandom(seed, "scenario")
    this.#choice = new SeededRandom(seed, "choice")
    this.trace = new Trace(traceLines)
    this.#invariants = invariants
    this.#network = new Network(this.#time, new SeededRandom(seed, "network"), latency, (text) =>
      this.#note(`net ${text}`),
    )
    this.#outside = { awaited: 0, onAwaited: () => this.#pump() }
    this.#time.onPlanned = () => this.#pump()
  }

  /** Milliseconds of virtual time since the world began. */
  get now(): number {
    return this.#time.now()
  }
  /** The nodes that live, in the order they were booted. */
  get nodes(): readonly SimulatedNode[] {
    return this.#inhabitants.map(({ node }) => node)
  }

  /**
   * A node of this world, with its applications started.
   * @throws RangeError for a name that is none; Error when it is taken; ApplicationFailed
   */
  async boot(options: SimulatedBootOptions): Promise<SimulatedNode> {
    refuseUnknown("world.boot", options, BOOT_KEYS)
    nodeName(options.name)
    if (this.nodes.some(({ name }) => name === options.name)) {
      throw new Error(`the name ${options.name} is taken by another running node of this world`)
    }
    const inhabitant = this.#settle(options)
    const { node } = inhabitant
    this.#note(`boot ${node.name}`)
    await node.awaited(this.#start(inhabitant, options))
    return node
  }

  #settle(options: SimulatedBootOptions): Inhabitant {
    const { name, report } = options
    const life = ++this.#lives
    const clock = new LifeClock(this.#time)
    const executor = new SimulatedExecutor(clock, new SeededRandom(this.seed, `turns ${life}`), () => this.#pump())
    const platform: Platform = {
      clock,
      executor,
      random: new SeededRandom(this.seed, `node ${life}`),
      vitals: virtualVitals(clock),
      report: (told) => {
        if (clock.over) return
        this.#note(`${name} ${reportLine(told)}`)
        report?.(told)
      },
    }
    const node = new SimulatedNode(platform, { name }, this.#outside)
    node.tracer = (event) => {
      if (clock.over) return
      this.#note(`${name} ${eventLine(event)}`)
      this.#check((invariant) => invariant.event?.(node, event))
    }
    const inhabitant = { node, executor, clock, transport: this.#network.transport(name) }
    this.#inhabitants.push(inhabitant)
    node.onStop(() => this.#note(`stopped ${name}`))
    return inhabitant
  }

  async #start({ node, transport }: Inhabitant, options: SimulatedBootOptions): Promise<void> {
    // The first step to be registered is the last to be done: the node is of this world until nothing of it is left.
    node.onStop(() => this.#leave(node))
    await startKernel(node)
    const { hidden = true } = options
    const distribution = new Distribution(node, transport, {
      cookie: options.cookie ?? COOKIE,
      md5,
      hidden,
      tickMs: options.tickMs,
    })
    if (!hidden) await startGlobal(node, distribution, { tickMs: distribution.tickMs })
    await distribution.start()
    await startApplications(node, options, (application, reason) => {
      void node.stop().then(() => options.onEnd?.(application, reason))
    })
  }

  #leave(node: SimulatedNode): void {
    const at = this.#inhabitants.findIndex((one) => one.node === node)
    if (at >= 0) this.#inhabitants.splice(at, 1)
  }

  /** As `kill -9`: it does nothing more, says no goodbye, and its connections break. */
  crash(node: SimulatedNode): void {
    const inhabitant = this.#inhabitants.find((one) => one.node === node)
    if (inhabitant === undefined) throw new Error(`${node.name} does not live in this world (any more)`)
    this.#note(`crash ${node.name}`)
    inhabitant.clock.over = true
    inhabitant.executor.detach()
    inhabitant.transport.crash()
    this.#leave(node)
    node.crashed()
  }

  /** Nothing gets from one side to the other, in either direction, until it is disposed. Names will do for nodes. */
  partition(left: readonly (SimulatedNode | string)[], right: readonly (SimulatedNode | string)[]): Disposable {
    const ways = [this.cut(left, right), this.cut(right, left)]
    return {
      [Symbol.dispose]: () => {
        for (const way of ways) way[Symbol.dispose]()
      },
    }
  }
  /** Nothing gets from these to those until it is disposed; the way back stays open. */
  cut(from: readonly (SimulatedNode | string)[], to: readonly (SimulatedNode | string)[]): Disposable {
    return this.#network.cut(from.map(nameOf), to.map(nameOf))
  }

  /** Lets `ms` milliseconds of virtual time pass. @throws InvariantBroken */
  run(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) return reject(this.#broken)
      const run = {
        until: this.now + ms,
        resolve: () => {
          this.#runs.delete(run)
          resolve()
        },
        reject,
      }
      this.#runs.add(run)
      this.#pump()
    })
  }

  /**
   * Checks what must hold once nothing is under way any more: call it after the last fault was mended and time has run long enough for all to be known.
   * @throws InvariantBroken
   */
  atRest(): void {
    this.#check((invariant) => invariant.atRest?.(this.nodes))
    if (this.#broken !== undefined) throw this.#broken
  }

  // ---- the pump ------------------------------------------------------------------------------------------------------------
  #pump(): void {
    if (this.#pumping || this.#broken !== undefined) return
    if (this.#runs.size === 0 && this.#outside.awaited === 0) return
    this.#pumping = true
    // Not a microtask: by then everything that the last step has resolved has run on as far as it can.
    setImmediate(() => {
      this.#pumping = false
      if (this.#runs.size === 0 && this.#outside.awaited === 0) return
      if (this.#step()) this.#pump()
    })
  }

  /** One thing happens. False when nothing is left that could. */
  #step(): boolean {
    const busy = this.#inhabitants.filter(({ executor }) => executor.busy)
    if (busy.length > 0) {
      this.#choice.pick(busy).executor.step()
      return true
    }
    const { next } = this.#time
    const [run] = [...this.#runs].sort((a, b) => a.until - b.until)
    if (run !== undefined && (next === undefined || next > run.until)) {
      this.#time.skipTo(run.until)
      run.resolve()
      return true
    }
    if (next === undefined) return false
    this.#time.advance()
    return true
  }

  #note(text: string): void {
    this.trace.add(this.now, text)
  }

  #check(look: (invariant: Invariant) => string | undefined): void {
    for (const invariant of this.#invariants) {
      const problem = look(invariant)
      if (problem === undefined || this.#broken !== undefined) continue
      this.#broken = new InvariantBroken(this.seed, this.now, invariant.name, problem)
      this.#note(this.#broken.message)
      for (const run of this.#runs) run.reject(this.#broken)
      for (const { node } of this.#inhabitants) node.broken(this.#broken)
    }
  }
}

const nameOf = (node: SimulatedNode | string): string => (typeof node === "string" ? node : node.name)

function refuseUnknown(where: string, options: object, keys: ReadonlySet<string>): void {
  for (const key of Object.keys(options)) {
    if (!keys.has(key)) throw new TypeError(`${where} has no option ${key}; it has ${[...keys].join(", ")}`)
  }
}

/** A new world. Nothing of it is shared with any other. @throws TypeError, RangeError for options that are none */
export function simulate(options: SimulateOptions): World {
  refuseUnknown("simulate", options, SIMULATE_KEYS)
  const { latency } = options
  if (latency !== undefined && !(latency[0] >= 0 && latency[1] >= latency[0])) {
    throw new RangeError(`latency is [min, max] in milliseconds, not [${latency.join(", ")}]`)
  }
  return new World(options)
}
