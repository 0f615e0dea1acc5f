/**
 * The seed of a run that is left to chance: the one that was asked for, or a fresh one.
 *
 * ```ts
 * const seed = seedFrom(process.env)    // UMBEL_SEED=42 runs 42 again
 * ```
 */
import { random } from "./platform.ts"

/** `UMBEL_SEED`, or a number nobody has chosen. @throws RangeError for a seed that is none */
export function seedFrom(env: Readonly<Record<string, string | undefined>>): number {
  const text = env["UMBEL_SEED"]
  if (text === undefined || text === "") return random.uint32()
  const seed = Number(text)
  if (!Number.isSafeInteger(seed)) throw new RangeError(`UMBEL_SEED is a whole number, not ${JSON.stringify(text)}`)
  return seed
}
