import { describe, expect, it } from "vitest"
import { amount, jsonLine, type Result, tableHead, tableLine, times } from "../harness/report.mjs"

const result: Result = {
  row: "local-call",
  peer: "OTP 25.2.3",
  umbel: 2_840_123.4,
  other: 612_345.6,
  unit: "call/s",
  ratio: 4.638105,
  lowest: 4.1,
  highest: 12.345,
  goal: 3,
}

describe("a line of JSON", () => {
  it("has the seven keys that readers rely on, and no more", () => {
    expect(JSON.parse(jsonLine(result))).toEqual({
      row: "local-call",
      peer: "OTP 25.2.3",
      umbel: 2_840_100,
      other: 612_350,
      unit: "call/s",
      ratio: 4.638,
      goal: 3,
    })
  })
  it("keeps the fractions of small figures", () => {
    expect(JSON.parse(jsonLine({ ...result, umbel: 355.123456 })).umbel).toBe(355.12)
  })
  it("says null where there is no goal", () => {
    expect(JSON.parse(jsonLine({ ...result, goal: null })).goal).toBeNull()
  })
})

describe("a line of the table", () => {
  it("says whether the goal is reached", () => {
    expect(tableLine(result)).toMatch(/2,840,000 +612,300 +call\/s +4\.64× +4\.10× to 12\.3× +3× +ok$/)
    expect(tableLine({ ...result, ratio: 2.9 })).toMatch(/2\.90× .* 3× +below$/)
    expect(tableLine({ ...result, ratio: 3 })).toMatch(/ok$/)
  })
  it("says nothing of a goal where there is none", () => {
    expect(tableLine({ ...result, goal: null })).toMatch(/12\.3×$/)
  })
  it("stands under the head", () => {
    expect(tableLine(result).indexOf("call/s")).toBe(tableHead().indexOf("unit"))
  })
})

describe("figures for people", () => {
  it.each([
    [2_840_123, "2,840,000"],
    [1234.5, "1,235"],
    [664.4, "664"],
    [99.46, "99.5"],
    [0.1234, "0.123"],
  ])("%d is shown as %s", (value, text) => {
    expect(amount(value)).toBe(text)
  })
  it("show a ratio with what can be told of it", () => {
    expect([times(0.5), times(9.994), times(12.34)]).toEqual(["0.50×", "9.99×", "12.3×"])
  })
})
