/**
 * The fuzzer: input after input to target after target, all from one seed.
 *
 * ```ts
 * const fuzzer = new Fuzzer(42)
 * fuzzer.run(0, 100_000)            // throws a Finding at the first input that is neither taken nor refused for a stated reason
 * fuzzer.tally                      // how often each target said what
 * ```
 *
 * An input depends on the seed and its own number only: `--seed 42 --from 977 --count 1` is that one again.
 */
import { mutate, Random } from "./mutate.ts"
import { type Target, targets } from "./targets.ts"

/** An input that took longer than this many milliseconds of the processor is a finding: the longest take a few. A machine may stand still meanwhile. */
const SLOW_MS = 2_000

/** What was found wrong, and with which bytes. */
export class Finding extends Error {
  override readonly name = "Finding"
  readonly target: string
  readonly index: number
  readonly bytes: Uint8Array

  constructor(target: string, index: number, bytes: Uint8Array, what: string, options?: { cause: unknown }) {
    super(`input ${index}, read as ${target}: ${what}`, options)
    this.target = target
    this.index = index
    this.bytes = bytes
  }
}

export class Fuzzer {
  readonly seed: number
  readonly targets: readonly Target[] = targets()
  /** By target, how often each outcome was. */
  readonly tally = new Map<string, Map<string, number>>()

  constructor(seed: number) {
    this.seed = seed
  }

  /** The inputs from number `from` on. @throws Finding */
  run(from: number, count: number): void {
    for (let index = from; index < from + count; index++) {
      const random = new Random(this.seed, index)
      const target = this.targets[index % this.targets.length]!
      this.check(target, mutate(target.seeds, target.header, random), random, index)
    }
  }

  /** One input, whatever it comes from. @throws Finding */
  check(target: Target, bytes: Uint8Array, random: Random, index: number): void {
    const before = process.cpuUsage()
    let outcome: string
    try {
      outcome = target.run(bytes, random)
    } catch (thrown) {
      throw new Finding(target.name, index, bytes, String(thrown), { cause: thrown })
    }
    const { user, system } = process.cpuUsage(before)
    const took = (user + system) / 1_000
    if (took > SLOW_MS) throw new Finding(target.name, index, bytes, `it took ${took.toFixed(0)} ms of the processor`)
    let outcomes = this.tally.get(target.name)
    if (outcomes === undefined) this.tally.set(target.name, (outcomes = new Map()))
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
}
