import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { decode, encode } from "../../src/etf/index.ts"
import { compare, equal } from "../../src/term/index.ts"
import { erl } from "./erl.ts"
import { UNSORTED, VECTORS } from "./vectors.ts"

const recorded = JSON.parse(readFileSync(new URL("./fixtures/otp25.json", import.meta.url), "utf8")) as Record<
  string,
  string
>
const literal = (bytes: Uint8Array): string => `<<${bytes.join()}>>`
/** The external forms of Erlang expressions, as a real node makes them. */
const external = (run: (code: string) => string, expressions: readonly string[]): Uint8Array[] =>
  run(expressions.map((each) => `io:format("~s~n", [base64:encode(term_to_binary(${each}))])`).join(", "))
    .trim()
    .split("\n")
    .map((line) => Buffer.from(line, "base64"))

function expectTerm(found: unknown, { term, as = term }: { term: unknown; as?: unknown }): void {
  expect(equal(found, as)).toBe(true)
  expect(Object.prototype.toString.call(found)).toBe(Object.prototype.toString.call(as))
}

describe("what OTP 25 wrote", () => {
  it.each(VECTORS.map((vector) => [vector.erlang, vector] as const))("%s is read", (erlang, vector) => {
    expectTerm(decode(Buffer.from(recorded[erlang]!, "base64")), vector)
  })
})

describe.skipIf(erl === undefined)("a living Erlang", () => {
  it("writes what is read", () => {
    const found = external(
      erl!,
      VECTORS.map(({ erlang }) => erlang),
    )
    expect(found).toHaveLength(VECTORS.length)
    for (const [i, bytes] of found.entries()) expectTerm(decode(bytes), VECTORS[i]!)
  })

  it("reads what is written, in the profiles beam and umbel", () => {
    const checks = VECTORS.flatMap(({ erlang, term }, i) =>
      (["beam", "umbel"] as const)
        // Names are names only among Umbel nodes.
        .filter((profile) => profile === "beam" || !erlang.startsWith("{counter"))
        .map(
          (profile) =>
            `case binary_to_term(${literal(encode(term, profile))}) =:= (${erlang}) of true -> ok; false -> io:format("~p ", [{${i}, ${profile}}]) end`,
        ),
    )
    expect(erl!(checks.join(", "))).toBe("")
  })

  it("echoes a closure bit by bit", () => {
    const [bytes] = external(erl!, ["(fun(X) -> fun() -> {X, self(), make_ref()} end end)(<<1>>)"])
    expect(decode(bytes!)).toMatchObject({ module: "erl_eval", arity: 0 })
    expect(
      erl!(`true = binary_to_term(${literal(bytes!)}) =:= binary_to_term(${literal(encode(decode(bytes!)))})`),
    ).toBe("")
  })

  it("sorts as compare does", () => {
    const [sorted] = external(erl!, [`lists:sort([${UNSORTED.map(({ erlang }) => erlang).join(", ")}])`])
    const theirs = decode(sorted!) as unknown[]
    const ours = UNSORTED.map(({ term }) => term).sort(compare)
    expect(ours.map((term, i) => [i, equal(term, theirs[i])])).toEqual(ours.map((_, i) => [i, true]))
  })
})
