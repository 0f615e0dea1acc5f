import { expect, test } from "vitest"
import { corpus } from "./corpus.ts"
import { Fuzzer } from "./fuzzer.ts"
import { Random } from "./mutate.ts"

/** Some seconds of it, from a seed that is another one each day; `npm run fuzz` is for more. */
const COUNT = 50_000

test("what the corpus keeps comes to what it came to", () => {
  const fuzzer = new Fuzzer(0)
  const kept = corpus()
  expect(kept.length).toBeGreaterThan(80)
  for (const { target: name, outcome, bytes } of kept) {
    const target = fuzzer.targets.find((target) => target.name === name)
    expect(target, `there is no target ${name}`).toBeDefined()
    expect(target!.run(bytes, new Random(0, 0)), Buffer.from(bytes).toString("hex")).toBe(outcome)
  }
})

test(`${COUNT} damaged inputs are taken, or refused for a stated reason`, () => {
  const seed = Math.floor(Date.now() / 86_400_000)
  const fuzzer = new Fuzzer(seed)
  try {
    fuzzer.run(0, COUNT)
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}`, { cause: error })
  }
  // The damage is neither so slight that all is taken, nor so bad that nothing is.
  for (const { name } of fuzzer.targets) {
    const outcomes = fuzzer.tally.get(name)!
    expect(outcomes.size, name).toBeGreaterThan(1)
  }
}, 240_000)
