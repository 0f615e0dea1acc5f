/** Tests for node:test, two of which fail: run by `hooks.test.ts`. */
import assert from "node:assert/strict"
import { afterEach, beforeEach, describe, it } from "node:test"
import { useTestNode, useTestWorld } from "../../src/testing/index.ts"
import { COUNTER, counter } from "./parts.ts"

describe("a node", () => {
  const t = useTestNode({ beforeEach, afterEach })
  it("counts", async () => {
    await t().startSupervised(counter, { arg: 1, name: COUNTER })
    assert.equal(await t().call(COUNTER).increment(2), 3)
  })
  it("forgets a crash", async () => {
    await t().startSupervised(counter, { arg: 1, name: COUNTER })
    t().cast(COUNTER).spoil()
    await t().settled()
  })
  it("expects a crash", async () => {
    await t().startSupervised(counter, { arg: 1, name: COUNTER })
    t().cast(COUNTER).spoil()
    await t().expectCrash("out of ink")
  })
})

describe("a world", () => {
  const world = useTestWorld({ beforeEach, afterEach }, { seed: 99 })
  it("fails in a world", async () => {
    await world().node()
    assert.equal(1, 2)
  })
})
