/** Functions made of text: bounded, and done without where they are forbidden. */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { Generated } from "../../src/term/generated.ts"

describe("generated functions", () => {
  it("are made once for each name, and so many at most", () => {
    const functions = new Generated<() => number>(2)
    const one = functions.make("one", () => "() => 1")
    expect(one?.()).toBe(1)
    expect(functions.make("one", () => "() => 3")).toBe(one)
    expect(functions.make("two", () => "() => 2")?.()).toBe(2)
    expect(functions.make("three", () => "() => 3")).toBeUndefined()
    expect(functions.make("two", () => "() => 4")?.()).toBe(2)
  })

  it("are done without where no code may be made of text", () => {
    const index = new URL("../../src/etf/index.ts", import.meta.url).href
    const terms = new URL("../../src/term/index.ts", import.meta.url).href
    const script = `
      import { decode, encode } from ${JSON.stringify(index)}
      import { copy } from ${JSON.stringify(terms)}
      let bytes
      for (let i = 0; i < 1000; i++) bytes = encode({ id: i, name: "Ada" })
      let term
      for (let i = 0; i < 1000; i++) term = decode(bytes)
      for (let i = 0; i < 1000; i++) term = copy(term)
      console.log(JSON.stringify(term))`
    const flags = [
      "--disallow-code-generation-from-strings",
      "--conditions=@umbel/source",
      "--import",
      "tsx",
      "--input-type=module",
    ]
    const cwd = fileURLToPath(new URL("../../../..", import.meta.url))
    expect(execFileSync(process.execPath, [...flags, "--eval", script], { cwd, encoding: "utf8" })).toBe(
      '{"id":999,"name":"Ada"}\n',
    )
  })
})
