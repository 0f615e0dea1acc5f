/**
 * The flight recorder: what a node was like over the last hours, in rings of fixed size, kept whether anybody looks or not.
 *
 * ```ts
 * recorder.tick()                       // once a second
 * recorder.recording(sinceWallTime)     // what it has
 * ```
 *
 * A sample a second for the last 15 minutes, one for each ten seconds for the 6 hours before, one for each minute for the 48 hours before; counters of each
 * application every ten seconds, for an hour; scenes (trees, and the processes that stood out) every ten seconds, for a quarter of an hour; the latest 500 events. Measured with 100,000 idle processes on two busy cores: 1 to 5 ms a second (0.1 to 0.5 % of the event loop; the more is that of the
 * rounds) and 4.3 MB; scenes may take it to 8.
 */
import type { CrashReport, LongHandlerReport, Node, NoteReport, SupervisionReport } from "../../runtime/index.ts"
import { inspect, type Pid } from "../../term/index.ts"
import { ApplicationSweep } from "./application-sweep.ts"
import { EVENTS_MAX, RINGS } from "./recorder-bounds.ts"
import { SampleRings } from "./sample-rings.ts"
import type { Moment, MomentQuery } from "./says/moments.ts"
import type { ApplicationSample, RecordedEvent, RecordedKind, Recording, Sample } from "./says/recording.ts"
import { Scenes } from "./scenes.ts"
import { VitalSigns } from "./vital-signs.ts"

export const TICK_MS = 1_000
/** Rounds of application counters. */
const ROUNDS_MAX = 360
/** Milliseconds between two rounds, and of one tick that a round may take. */
const ROUND_MS = 10_000
const SLICE_MS = 2
const TEXT_MAX = 500
/** Samples that lead to a moment: of how many milliseconds, and how many. Events up to it. */
const LEADING_MS = 15 * 60_000
const LEADING = 300
const LEADING_EVENTS = 200
/** A sample is of a moment for so many of its intervals. */
const CURRENT = 3

export class Recorder {
  readonly #node: Node
  readonly #signs: VitalSigns
  readonly #rings = new SampleRings(RINGS)
  readonly #sweep: ApplicationSweep
  readonly #scenes = new Scenes()
  #rounds: ApplicationSample[][] = []
  #roundAt = Number.NEGATIVE_INFINITY
  #sweeping = false
  #events: RecordedEvent[] = []
  #nodes: ReadonlySet<string> = new Set()
  /** Milliseconds its ticks have taken since boot. */
  costMs = 0

  constructor(node: Node) {
    this.#node = node
    this.#signs = new VitalSigns(node)
    this.#sweep = new ApplicationSweep(node)
    this.event("boot", `${node.name} has booted`, undefined)
  }

  get latest(): Sample | undefined {
    return this.#rings.latest
  }
  get bytes(): number {
    return this.#rings.bytes + this.#sweep.bytes + this.#scenes.bytes
  }

  /** Takes a sample, and goes on with the round. Whether a round is complete. */
  tick(): boolean {
    const { clock } = this.#node.platform
    const began = clock.now()
    this.#rings.add(this.#signs.sample())
    this.#changes()
    const complete = this.#round(began)
    this.costMs += clock.now() - began
    return complete
  }

  #round(now: number): boolean {
    if (!this.#sweeping) {
      if (now - this.#roundAt < ROUND_MS) return false
      this.#roundAt = now
      this.#sweeping = true
    }
    if (!this.#sweep.step(SLICE_MS)) return false
    this.#sweeping = false
    const { applications, rows } = this.#sweep.take(this.#node.platform.clock.wallTime())
    this.#rounds.push(applications)
    this.#scenes.add(this.#node, rows)
    if (this.#rounds.length > ROUNDS_MAX) this.#rounds.shift()
    return true
  }

  /** Nodes that came and went since the last tick. */
  #changes(): void {
    const nodes = this.#node.nodes
    if (nodes.length === this.#nodes.size && nodes.every((name) => this.#nodes.has(name))) return
    for (const name of nodes) if (!this.#nodes.has(name)) this.event("node-up", `${name} is connected`, undefined)
    const now = new Set(nodes)
    for (const name of this.#nodes) if (!now.has(name)) this.event("node-down", `${name} is gone`, undefined)
    this.#nodes = now
  }

  // ---- events ------------------------------------------------------------------------------------------------------------
  event(kind: RecordedKind, text: string, pid: Pid | undefined): void {
    const at = this.#node.platform.clock.wallTime()
    this.#events.push({ at, kind, text: text.slice(0, TEXT_MAX), pid: pid === undefined ? undefined : String(pid) })
    // In one go, as taking one out of the front moves all others.
    if (this.#events.length >= 2 * EVENTS_MAX) this.#events = this.#events.slice(-EVENTS_MAX)
  }
  reported(report: CrashReport | LongHandlerReport | NoteReport): void {
    if (report.kind === "crash") {
      const reason =
        report.error instanceof Error ? String(report.error) : inspect(report.reason, { limit: 10, text: 200 })
      this.event("crash", `${report.title} crashed: ${reason.split("\n", 1)[0]}`, report.pid)
    } else if (report.kind === "long-handler") {
      this.event("long-handler", `${report.title} held the thread for ${Math.round(report.ms)} ms`, report.pid)
    } else if (report.from === "application") this.event("application", report.text, report.pid)
    else if (report.from === "audit") this.event("action", report.text, report.pid)
    else if (report.level === "warning" || report.level === "error") {
      this.event(report.level, `${report.from}: ${report.text}`, report.pid)
    }
  }
  decided({ kind, supervisorTitle, child, restartsInPeriod, intensity, pid }: SupervisionReport): void {
    if (kind === "restart") {
      this.event("restart", `${supervisorTitle} restarts ${child} (${restartsInPeriod} of ${intensity})`, pid)
    } else if (kind === "give-up") this.event("give-up", `${supervisorTitle} gives up because of ${child}`, pid)
  }
  /** The latest so many. */
  events(count: number): readonly RecordedEvent[] {
    return this.#events.slice(-count)
  }

  // ---- what it has ---------------------------------------------------------------------------------------------------------
  recording(since: number): Recording {
    const { name, bootedAt, platform } = this.#node
    return {
      format: "umbel-recording",
      version: 1,
      node: name,
      bootedAt,
      at: platform.clock.wallTime(),
      samples: this.#rings.since(since),
      applications: this.#rounds.flat().filter(({ at }) => at > since),
      events: this.#events.slice(-EVENTS_MAX).filter(({ at }) => at > since),
    }
  }

  /** What there is of one moment, in milliseconds since 1970. @throws TypeError for what is no time */
  moment(at: number, query: MomentQuery): Moment {
    if (!Number.isFinite(at)) throw new TypeError(`a moment is milliseconds since 1970, not ${String(at)}`)
    const { name, bootedAt, creation, platform } = this.#node
    const since = this.#rings.since(at - LEADING_MS)
    const samples = since.filter((sample) => sample.at <= at).slice(-LEADING)
    const last = samples.at(-1)
    const isCurrent = last !== undefined && at - last.at <= CURRENT * Math.max(last.intervalMs, TICK_MS)
    const round = this.#rounds.findLast((rows) => rows.length > 0 && rows[0]!.at <= at)
    return {
      node: name,
      bootedAt,
      creation,
      now: platform.clock.wallTime(),
      oldest: this.#rings.oldestAt,
      oldestScene: this.#scenes.oldestAt,
      sample: isCurrent ? last : undefined,
      samples: isCurrent && query.samples === true ? samples : [],
      applications: isCurrent && round !== undefined && at - round[0]!.at <= CURRENT * ROUND_MS ? round : [],
      scene: this.#scenes.at(at, query),
      events: this.#events.filter((event) => event.at <= at).slice(-LEADING_EVENTS),
    }
  }
}
