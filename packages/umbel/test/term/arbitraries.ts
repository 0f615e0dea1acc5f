/** Terms of all kinds, for properties. */
import fc from "fast-check"
import {
  atom,
  bitString,
  exported,
  float,
  improper,
  makeName,
  makePid,
  makePort,
  makeRef,
  tuple,
  tupleOver,
} from "../../src/term/index.ts"

const word = fc.nat({ max: 0xffff_ffff })
const node = fc.constantFrom("a@127.0.0.1", "b@host")
const atoms = fc
  .oneof(
    fc.constantFrom("ok", "error", "Elixir.Foo", "a b", "é", "日本", "1", "x".repeat(255), ""),
    fc.string({ maxLength: 6 }),
  )
  .filter((text) => !["true", "false", "nil", "undefined"].includes(text))
  .map((text) => atom(text))
const texts = fc.string({ unit: "binary", maxLength: 60 })
const byteArrays = fc.uint8Array({ maxLength: 12 })

/** Finite numbers of all sizes. */
export const numbers: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }),
  fc.bigInt({ min: -(2n ** 2100n), max: 2n ** 2100n }),
  fc.constantFrom(
    0,
    -0,
    255,
    256,
    -1,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 53,
    -(2 ** 53),
    1n,
    2n ** 64n,
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(float),
  fc.integer().map(float),
)

/** Terms without parts, as a BEAM would have them too. */
export const leaves: fc.Arbitrary<unknown> = fc.oneof(
  numbers,
  texts,
  atoms,
  byteArrays,
  fc.constantFrom(true, false, null, undefined, "", [], {}),
  fc.tuple(node, word, word, word).map(([n, id, serial, creation]) => makePid(n, id, serial, creation)),
  fc.tuple(node, word, fc.array(word, { maxLength: 5 })).map(([n, creation, words]) => makeRef(n, creation, words)),
  fc
    .tuple(node, word, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
    .map(([n, creation, id]) => makePort(n, creation, id)),
  fc.tuple(byteArrays, fc.integer({ min: 1, max: 7 })).map(([b, bits]) => bitString(Uint8Array.of(...b, 1), bits)),
  fc.nat({ max: 255 }).map((arity) => exported("lists", "map", arity)),
)

/** What only Umbel knows. */
const umbelLeaves: fc.Arbitrary<unknown> = fc.oneof(
  leaves,
  fc
    .tuple(fc.constantFrom("counter", "true", "nil"), fc.option(node, { nil: undefined }))
    .map(([n, at]) => makeName(n, at)),
  fc.date({ min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true }),
  fc.string({ unit: "binary", maxLength: 9 }).map((message) => new Error(message)),
  fc
    .string({ maxLength: 9 })
    .map((message) => Object.assign(new TypeError(message), { code: "E", errno: -2, on: () => 1 })),
)

const keys = fc.oneof(
  fc.constantFrom("a", "id", "__proto__", "constructor", "toString", "1", "a b", "é", "true", "nil"),
  fc.string({ maxLength: 5 }),
)

function nested(leaf: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.letrec<{ term: unknown }>((tie) => ({
    term: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      leaf,
      fc.array(tie("term"), { maxLength: 4 }),
      fc.array(tie("term"), { maxLength: 4 }).map((elements) => tuple(...elements)),
      fc.array(tie("term"), { maxLength: 3 }).map(tupleOver),
      fc.dictionary(keys, tie("term"), { maxKeys: 4 }),
      fc
        .array(fc.tuple(fc.oneof(fc.string(), fc.integer(), atoms), tie("term")), { maxLength: 4 })
        .map((e) => new Map(e)),
      fc.array(fc.tuple(tie("term"), tie("term")), { maxLength: 2 }).map((entries) => new Map(entries)),
      fc
        .tuple(tie("term"), tie("term"))
        .filter(([, tail]) => !Array.isArray(tail) && !(typeof tail === "object" && tail !== null && "tail" in tail))
        .map(([element, tail]) => improper([element], tail)),
      fc
        .array(fc.oneof(fc.integer(), fc.string(), atoms), { maxLength: 3 })
        .map((members) => new Set<unknown>(members)),
    ),
  })).term
}

/** Terms that mean the same to a BEAM. */
export const beamTerms = nested(leaves)
/** All terms. */
export const terms = nested(umbelLeaves)
