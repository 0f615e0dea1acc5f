import { describe, expect, it } from "vitest"
import { busyWarning, describeCores, parseCores, pinned } from "../harness/machine.mjs"

describe("cores", () => {
  it.each([
    ["0-1", [0, 1]],
    ["3", [3]],
    ["0-2,5,7-8", [0, 1, 2, 5, 7, 8]],
  ])("%s are read as %j", (list, cores) => {
    expect(parseCores(list)).toEqual(cores)
  })
  it("are asked for by taskset, where there is one", () => {
    const cores = { one: 1, caller: 0, pinned: true }
    expect(pinned(cores, "caller", ["node", "x.mjs"])).toEqual(["taskset", "-c", "0", "node", "x.mjs"])
    expect(pinned({ ...cores, pinned: false }, "one", ["node"])).toEqual(["node"])
  })
  it("are stated, also when there is only one, or none can be kept", () => {
    expect(describeCores({ one: 1, caller: 0, pinned: true })).toContain(
      "the asking one on core 0, the asked one on core 1",
    )
    expect(describeCores({ one: 0, caller: 0, pinned: true })).toContain("the only one")
    expect(describeCores({ one: 1, caller: 0, pinned: false })).toContain("nothing is pinned")
  })
})

describe("a busy machine", () => {
  it("is warned of, and an idle one is not", () => {
    expect(busyWarning(1.234)).toContain("1.23")
    expect(busyWarning(0.2)).toBeUndefined()
  })
})
