import { describe, expect, it } from "vitest"
import { readOptions, UsageError } from "../options.mjs"
import { rowNames } from "../row-names.mjs"

const known = ["local-call", "ping-pong", "etf-encode"]

describe("the command line", () => {
  it("asks for every row when it names none", () => {
    expect(readOptions([], known)).toEqual({
      rows: known,
      rounds: 7,
      json: false,
      build: true,
      help: false,
      erl: undefined,
    })
  })
  it("asks for the rows it names, once each, in the order in which they are known", () => {
    expect(readOptions(["etf-encode", "local-call", "etf-encode"], known).rows).toEqual(["local-call", "etf-encode"])
  })
  it("takes options before, between and behind the rows", () => {
    const options = readOptions(["--json", "ping-pong", "--rounds", "15", "--no-build"], known)
    expect(options).toMatchObject({ rows: ["ping-pong"], rounds: 15, json: true, build: false })
  })
  it("takes a value behind an equals sign, too", () => {
    expect(readOptions(["--rounds=3", "--erl=/opt/otp/bin/erl"], known)).toMatchObject({
      rounds: 3,
      erl: "/opt/otp/bin/erl",
    })
  })
  it("names the row that there is not, and those that there are", () => {
    expect(() => readOptions(["local-calls"], known)).toThrow(
      new UsageError("there is no row local-calls; there are local-call, ping-pong, etf-encode."),
    )
  })
  it("names the option that there is not", () => {
    expect(() => readOptions(["--jsn"], known)).toThrow("there is no option --jsn")
  })
  it.each([["0"], ["-3"], ["2.5"], ["many"], ["1001"], [""]])("refuses %j rounds", (rounds) => {
    expect(() => readOptions(["--rounds", rounds], known)).toThrow(UsageError)
  })
  it("refuses an option whose value is missing, and a value for an option that takes none", () => {
    expect(() => readOptions(["--rounds"], known)).toThrow("got nothing")
    expect(() => readOptions(["--erl", "--json"], known)).toThrow("got --json")
    expect(() => readOptions(["--json=yes"], known)).toThrow("--json takes no value")
  })
})

describe("the rows", () => {
  it("are those that the project's budgets are read from", () => {
    expect(rowNames).toEqual(
      expect.arrayContaining([
        ...["local-call", "ping-pong", "local-call-object", "start-genserver", "memory-genserver"],
        ...["etf-encode", "etf-decode", "json-encode", "json-decode"],
        ...["remote-call-1", "remote-call-100", "remote-cast", "http-call-100"],
      ]),
    )
  })
})
