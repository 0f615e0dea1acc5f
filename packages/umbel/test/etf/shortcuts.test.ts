/** What the codec keeps from one term to the next, for speed, never shows in what it reads and writes. */
import fc from "fast-check"
import { expect, it } from "vitest"
import { AtomBudget, decode, encode, encodeTo, Writer } from "../../src/etf/index.ts"
import { atom, makePid, makeRef, NotATerm, struct, textOf, tuple, withStructs } from "../../src/term/index.ts"

const written = (writer: Writer, term: unknown): Uint8Array => {
  writer.reset()
  encodeTo(writer, term, { profile: "beam" })
  return writer.take()
}

it("a writer that has written many keys and nodes writes as a new one", () => {
  const writer = new Writer()
  for (let i = 0; i < 3000; i++) {
    const pid = makePid(`node${i % 7}@host`, i, 0, 1)
    const ref = makeRef(`node${i % 5}@host`, 1, [i, 0xffff_ffff, 3])
    const term = { [`key${i}`]: i, é: pid, [`key${i % 13}!`]: [ref], a: { [`key${i + 1}`]: null, "": tuple(true) } }
    expect(written(writer, term)).toEqual(written(new Writer(), term))
    expect(decode(encode(term))).toEqual(term)
  }
})

it("a key that can be no atom is refused each time", () => {
  const writer = new Writer()
  for (const key of ["x".repeat(256), "\ud800"]) {
    for (let i = 0; i < 3; i++) {
      expect(() => written(writer, { a: 1, [key]: 2 })).toThrow(NotATerm)
      expect(writer.length).toBe(0)
    }
  }
})

it("terms grow a writer at any place", () => {
  const pid = makePid("some-node@some-host", 1, 2, 3)
  const term = [
    1,
    -1,
    2 ** 40,
    1.5,
    "text",
    "é",
    atom("an_atom"),
    { key: pid },
    [[]],
    tuple(),
    new Map([["k", 1n]]),
    pid,
  ]
  const whole = written(new Writer(100_000), term)
  for (let capacity = 0; capacity <= whole.length; capacity++) {
    expect(written(new Writer(capacity), term)).toEqual(whole)
  }
})

it("bytes of encoded terms are their owner's, and nobody can give away the memory they lie in", () => {
  const first = encode(["first"])
  const second = encode(["second"])
  try {
    // Node.js 20 copies instead; later ones refuse.
    structuredClone(first, { transfer: [first.buffer as ArrayBuffer] })
  } catch (error) {
    expect((error as Error).name).toBe("DataCloneError")
  }
  first.fill(0)
  expect(first).toHaveLength(encode(["first"]).length)
  expect(decode(second)).toEqual(["second"])
  const many = Array.from({ length: 10_000 }, (_, i) => encode({ i }))
  expect(many.map((bytes) => decode(bytes))).toEqual(many.map((_, i) => ({ i })))
})

it("a struct may encode while it is encoded", () => {
  class Inner {}
  const structs = withStructs(
    struct("Elixir.Inner", Inner, { to: () => ({ bytes: encode({ deep: [1, 2, 3] }) }), from: () => undefined }),
  )
  const bytes = encode([1, new Inner(), 2], "umbel", { structs })
  expect(decode(bytes)).toEqual([1, { __struct__: atom("Elixir.Inner"), bytes: encode({ deep: [1, 2, 3] }) }, 2])
})

it("what encode returns is not changed by the next call", () => {
  const first = encode("first")
  const copy = Array.from(first)
  encode("other")
  expect(Array.from(first)).toEqual(copy)
  expect(() => encode([() => 1])).toThrow(NotATerm)
  expect(encode("first")).toEqual(first)
})

it("what encode returned stays as it was, however much is encoded behind it", () => {
  const sizes = [0, 1, 60, 700, 760, 800, 3000, 4000, 4100, 70_000]
  const kept: { text: string; bytes: Uint8Array }[] = []
  for (let i = 0; i < 500; i++) {
    const text = String.fromCharCode(97 + (i % 26)).repeat(sizes[(i * 7) % sizes.length]!)
    if (i % 11 === 0) expect(() => encode([text, () => 1])).toThrow(NotATerm)
    kept.push({ text, bytes: encode(text) })
  }
  for (const { text, bytes } of kept) expect(decode(bytes)).toBe(text)
})

it("a term that failed leaves nothing behind for the next one of the same writer", () => {
  const writer = new Writer()
  const options = { profile: "beam", atoms: new AtomBudget(3) } as const
  for (let i = 0; i < 5; i++) {
    expect(() => encodeTo(writer, { a: 1, [`b${i}`]: () => 1 }, options)).toThrow("message.b")
    expect(options.atoms.count).toBe(0)
  }
  encodeTo(writer, { a: 1, b: atom("c") }, options)
  expect(() => encodeTo(writer, { a: 1, d: 1 }, options, "reason")).toThrow("reason.d")
  expect(decode(Uint8Array.of(131, ...writer.take()))).toEqual({ a: 1, b: atom("c") })
})

it("objects that begin alike and go on otherwise are read as if each were the first of its kind", () => {
  const value = fc.oneof(fc.integer(), fc.string(), fc.constantFrom(null, true, atom("an_atom")))
  const key = fc.constantFrom("a", "b", "c", "é", "1", "__proto__", "with space", "k".repeat(100))
  const pairs = fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 5 })
  const object = pairs.map((entries) => Object.fromEntries([["a0", 0], ...entries]) as Record<string, unknown>)
  fc.assert(
    fc.property(fc.array(object, { maxLength: 8 }), (objects) => {
      const bytes = encode(objects)
      expect(decode(bytes)).toEqual(objects)
      expect(encode(decode(bytes))).toEqual(bytes)
    }),
    { numRuns: 3000 },
  )
})

it("a key twice is refused in objects of a known kind as well", () => {
  const map = (...keys: string[]): Uint8Array =>
    Uint8Array.from([131, 116, 0, 0, 0, keys.length, ...keys.flatMap((text) => [119, 1, text.charCodeAt(0), 97, 1])])
  for (let i = 0; i < 3; i++) {
    expect(decode(map("a", "b", "c"))).toEqual({ a: 1, b: 1, c: 1 })
    expect(() => decode(map("a", "b", "b"))).toThrow("duplicate_key")
    expect(() => decode(map("a", "b", "a"))).toThrow("duplicate_key")
    expect(() => decode(map("a", "a", "a"))).toThrow("duplicate_key")
  }
})

it("tells text from bytes as the platform's strict decoder does", () => {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  const expected = (bytes: Uint8Array): string | undefined => {
    try {
      return strict.decode(bytes)
    } catch {
      return undefined
    }
  }
  // The borders of every range of the Unicode standard's table of well-formed sequences.
  const byte = fc.constantFrom(
    ...[0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbd, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee],
    ...[0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff],
  )
  const piece = fc.oneof(
    fc.array(byte, { maxLength: 4 }),
    fc.string({ unit: "binary", maxLength: 4 }).map((text) => Array.from(new TextEncoder().encode(text))),
    fc.constantFrom([0xef, 0xbf, 0xbd], Array<number>(29).fill(97)),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const bytes = Uint8Array.from(pieces.flat())
      expect(textOf(bytes)).toBe(expected(bytes))
      const back = decode(Uint8Array.of(131, 109, 0, 0, 0, bytes.length, ...bytes))
      expect(back).toEqual(expected(bytes) ?? bytes)
    }),
    { numRuns: 5000 },
  )
})

it("a megabyte is text when it is, whatever stands in it, and bytes when it is none", () => {
  const large = 1024 * 1024
  const ascii = new Uint8Array(large).fill(7)
  expect(textOf(ascii)).toBe("\x07".repeat(large))
  const umlaut = ascii.slice()
  umlaut.set([0xc3, 0xa4], large - 2)
  expect(textOf(umlaut)?.slice(-2)).toBe("\x07ä")
  umlaut[large - 1] = 7
  expect(textOf(umlaut)).toBeUndefined()
})
