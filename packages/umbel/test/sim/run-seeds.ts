/**
 * Seeds of the busy scenario, one or as many as there is time for: what `npm run sim` runs (`scripts/sim.mjs` has its options).
 *
 * A failure is told with what is needed to see it again: the options first, the invariant, the end of the trace, and the line to paste, from
 * which all faults are left out that the failure does not need.
 */
import { commandLine, wrong } from "../../../../scripts/command-line.mjs"
import type { World } from "../../src/sim/index.ts"
import { busy, FAULTS, optionsOf, worldOf } from "./scenario.ts"
import { shrink } from "./shrink.ts"

interface Outcome {
  readonly world: World
  readonly failure: unknown
  /** The faults that happened. */
  readonly faults: readonly string[]
}

async function once(seed: number, without: ReadonlySet<number>): Promise<Outcome> {
  const world = worldOf(seed)
  const faults: string[] = []
  const failure = await busy(world, { without, tell: (fault) => faults.push(fault) }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { world, failure, faults }
}

/** The invariant that broke, or what else it was. */
function kindOf(failure: unknown): string {
  if (failure instanceof Error && "invariant" in failure) return `the invariant "${String(failure.invariant)}"`
  return failure instanceof Error ? failure.name : typeof failure
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const lineOf = (seed: number, without: ReadonlySet<number>): string =>
  `npm run sim -- ${seed}${without.size === 0 ? "" : ` --without ${[...without].sort((a, b) => a - b).join(",")}`}`

async function tellFailure(seed: number, outcome: Outcome, given: ReadonlySet<number>): Promise<void> {
  say(`seed ${seed} failed: ${kindOf(outcome.failure)}: ${String(outcome.failure)}`)
  const same = kindOf(outcome.failure)
  const without = await shrink(FAULTS, given, async (fewer) => {
    const { failure } = await once(seed, fewer)
    return failure !== undefined && kindOf(failure) === same
  })
  const least = await once(seed, without)
  say(`${least.faults.length} of its ${outcome.faults.length} faults are enough:`)
  for (const fault of least.faults) say(`  ${fault}`)
  say("the end of the trace:")
  for (const line of least.world.trace.lines.slice(-20)) say(`  ${line}`)
  say(`to see it again:  ${lineOf(seed, without)}`)
  process.exitCode = 1
}

async function oneSeed(seed: number, without: ReadonlySet<number>): Promise<void> {
  say(`seed ${seed}, options ${JSON.stringify({ ...optionsOf(seed), without: [...without] })}`)
  const outcome = await once(seed, without)
  const { trace, now } = outcome.world
  for (const fault of outcome.faults) say(`  ${fault}`)
  say(`${trace.count} lines of trace in ${(now / 1_000).toFixed(1)} s of its time; hash ${trace.hash}`)
  if (outcome.failure !== undefined) return tellFailure(seed, outcome, without)
  say("every invariant held")
}

async function freshSeeds(seconds: number): Promise<void> {
  const first = Math.floor(Math.random() * 2 ** 31)
  say(`seeds from ${first} on, for ${seconds} s`)
  const until = performance.now() + seconds * 1_000
  let seed = first
  for (; performance.now() < until; seed++) {
    const outcome = await once(seed, new Set())
    if (outcome.failure === undefined) continue
    say(`seed ${seed}, options ${JSON.stringify(optionsOf(seed))}`)
    return tellFailure(seed, outcome, new Set())
  }
  say(`${seed - first} seeds; every invariant held`)
}

const USAGE = "npm run sim -- [SEED] [--seconds 60] [--without 1,2]"

function read(): { seed: number | undefined; seconds: number; without: Set<number> } {
  const options = { seconds: { type: "string" }, without: { type: "string" } } as const
  const { values, positionals } = commandLine({ options, allowPositionals: true }, USAGE)
  const seconds = Number(values.seconds ?? 60)
  const without = (values.without ?? "").split(",").filter((text) => text !== "")
  const seed = positionals[0] === undefined ? undefined : Number(positionals[0])
  if (positionals.length > 1 || (seed !== undefined && !Number.isSafeInteger(seed)))
    wrong(`a seed is a safe integer, not ${positionals.join(" ")}`, USAGE)
  if (!(seconds > 0)) wrong(`--seconds is a number above 0, not ${values.seconds}`, USAGE)
  const bad = without.find((text) => !(Number.isInteger(Number(text)) && Number(text) >= 0 && Number(text) < FAULTS))
  if (bad !== undefined) wrong(`--without lists faults from 0 to ${FAULTS - 1}, not ${bad}`, USAGE)
  return { seed, seconds, without: new Set(without.map(Number)) }
}

const { seed, seconds, without } = read()
if (seed === undefined) await freshSeeds(seconds)
else await oneSeed(seed, without)
