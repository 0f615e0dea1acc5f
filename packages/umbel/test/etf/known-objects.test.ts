/** Objects of a kind that came often are read and written by functions made for their keys: nobody can tell, but by the time it takes. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { AtomBudget, decode, type EncodeOptions, encodeTo, MalformedTerm, Writer } from "../../src/etf/index.ts"
import { KnownTexts } from "../../src/etf/known-texts.ts"
import { atom, NotATerm, tuple } from "../../src/term/index.ts"

const OFTEN = 250
const BEAM: EncodeOptions = { profile: "beam" }

/** Bytes of `term` by a writer with a past, with the version in front. */
function writtenBy(writer: Writer, term: unknown, options = BEAM): Uint8Array {
  writer.reset()
  writer.u8(131)
  encodeTo(writer, term, options)
  return writer.take()
}
const fresh = (term: unknown): Uint8Array => writtenBy(new Writer(), term)

/** A writer that has met objects of this kind often. */
function knowing(...objects: readonly object[]): Writer {
  const writer = new Writer()
  for (let i = 0; i < OFTEN; i++) for (const object of objects) writtenBy(writer, object)
  return writer
}

/** Bytes that decoders have met often. */
function metOften(bytes: Uint8Array): Uint8Array {
  for (let i = 0; i < OFTEN; i++) decode(bytes)
  return bytes
}

const person = { id: 1, name: "Ada", tags: ["a", "b"], address: { city: "London", at: [1.5, -2] }, active: true }

describe("a writer that knows a kind of object", () => {
  const value = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.string({ unit: "grapheme-ascii", maxLength: 60 }),
    fc.boolean(),
    fc.constantFrom(null, undefined, atom("an_atom"), tuple(1, "two"), 1n << 70n, new Uint8Array(300), [], {}),
    fc.constantFrom(["math", "poetry"], ["math", 1, "größe"], new Map([["a", 1]]), new Date(7)),
    fc.constant({ city: "Paris", at: [] }),
    fc.constant({ id: { id: {} }, name: 2 }),
  )

  it("writes what a new one writes, whatever the values are", () => {
    const writer = knowing(person)
    fc.assert(
      fc.property(value, value, value, value, value, (id, name, tags, address, active) => {
        const object = { id, name, tags, address, active }
        expect(writtenBy(writer, object)).toEqual(fresh(object))
        expect(writtenBy(writer, [object, object, 1])).toEqual(fresh([object, object, 1]))
      }),
      { numRuns: 2000 },
    )
  })

  it("writes the same, whatever it has met before", () => {
    const key = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
      fc.constantFrom("a", "größe", "𝄞"),
    )
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 8, noNullPrototype: true }), value, (object, other) => {
        const writer = knowing(object)
        expect(writtenBy(writer, object)).toEqual(fresh(object))
        for (const changed of Object.keys(object)) {
          const another = { ...object, [changed]: other }
          expect(writtenBy(writer, another)).toEqual(fresh(another))
        }
      }),
      { numRuns: 100 },
    )
  })

  it("takes nothing for it that is another one", () => {
    class Person {
      id = 1
      name = "Ada"
    }
    const others: readonly object[] = [
      { id: 1 },
      { id: 1, name: 2, more: 3 },
      { name: 2, id: 1 },
      { id: 1, nam: 2 },
      {},
      [1, 2],
      tuple(1, 2),
      new Map([["id", 1]]),
      new Date(0),
      Object.assign(Object.create(null), { id: 1, name: 2 }),
    ]
    for (const other of others) {
      const writer = knowing({ id: 1, name: "Ada" })
      expect(writtenBy(writer, other)).toEqual(fresh(other))
      expect(writtenBy(writer, { id: 1, name: "Ada" })).toEqual(fresh({ id: 1, name: "Ada" }))
    }
    for (const refused of [
      new Person(),
      Object.create({ id: 1, name: 2 }),
      Object.create({ id: 1 }, { name: { value: 1, enumerable: true } }),
    ]) {
      expect(() => writtenBy(knowing({ id: 1, name: "Ada" }), refused)).toThrow(NotATerm)
    }
  })

  it("asks large bytes in the place of such an object for none of their keys", () => {
    const writer = knowing({ payload: person })
    const asked: PropertyKey[] = []
    const bytes = new Uint8Array(8)
    Object.setPrototypeOf(
      bytes,
      new Proxy(Uint8Array.prototype, {
        ownKeys(target) {
          asked.push("keys")
          return Reflect.ownKeys(target)
        },
      }),
    )
    // Refused for its prototype, which would have seen whoever went through the keys.
    expect(() => writtenBy(writer, { payload: bytes })).toThrow(NotATerm)
    expect(writtenBy(writer, { payload: new Uint8Array(8) })).toEqual(fresh({ payload: new Uint8Array(8) }))
    expect(asked).toEqual([])
  })

  it("names the way to a culprit, and is back where it was", () => {
    const writer = knowing(person)
    const bad = { ...person, address: { city: () => 1, at: 2 } }
    for (let i = 0; i < 3; i++) {
      expect(() => writtenBy(writer, [bad])).toThrow("message[0].address.city")
      expect(writtenBy(writer, person)).toEqual(fresh(person))
    }
  })

  it("grows at any place", () => {
    const whole = fresh([person, person])
    for (let capacity = 0; capacity <= whole.length; capacity++) {
      const writer = new Writer(capacity)
      for (let i = 0; i < OFTEN; i++) {
        writer.reset()
        encodeTo(writer, person, BEAM)
      }
      writer.bytes = new Uint8Array(capacity)
      writer.length = 0
      expect(writtenBy(writer, [person, person])).toEqual(whole)
    }
  })

  it("counts the keys for the peer's budget of atoms, and refuses the one too many by name", () => {
    const writer = new Writer()
    for (let i = 0; i < OFTEN; i++) writtenBy(writer, { a: 1, b: 2 }, { profile: "beam", atoms: new AtomBudget(10) })
    const options: EncodeOptions = { profile: "beam", atoms: new AtomBudget(3) }
    const one = new Writer()
    for (let i = 0; i < OFTEN; i++) writtenBy(one, { a: 1, b: 2 }, options)
    expect(options.atoms!.count).toBe(2)
    expect(writtenBy(one, { a: 1, b: atom("c") }, options)).toEqual(fresh({ a: 1, b: atom("c") }))
    expect(() => writtenBy(one, { a: 1, b: atom("d") }, options)).toThrow("message.b")
  })

  it("writes all that a polluted prototype adds, as before", () => {
    const writer = knowing({ id: 1, name: "Ada" })
    const prototype = Object.prototype as unknown as Record<string, unknown>
    prototype["polluted"] = 1
    try {
      expect(writtenBy(writer, { id: 1, name: "Ada" })).toEqual(fresh({ id: 1, name: "Ada" }))
    } finally {
      delete prototype["polluted"]
    }
  })

  it("knows keys that look like code, or like an index", () => {
    const odd = {
      'a"]; throw 1; ["': 1,
      "\u2028": 2,
      "`${1}`": 3,
      "\\": 4,
      "1": 5,
      constructor: 6,
      toString: 7,
      "*/": 8,
    }
    expect(writtenBy(knowing(odd), odd)).toEqual(fresh(odd))
    expect(decode(metOften(fresh(odd)))).toEqual(odd)
    const proto = JSON.parse('{"__proto__":1,"b":2}') as object
    expect(writtenBy(knowing(proto), proto)).toEqual(fresh(proto))
    expect(decode(metOften(fresh(proto)))).toEqual(proto)
  })
})

describe("a decoder that knows a kind of object", () => {
  it("reads the same plain object, with its keys in the same order", () => {
    const read = decode(metOften(fresh(person))) as object
    expect(read).toEqual(person)
    expect(Object.keys(read)).toEqual(Object.keys(person))
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
  })

  it("reads objects that begin alike and go on otherwise", () => {
    const alike = [
      { id: 1, nome: 2, at: 3 },
      { id: 1, name: 2, to: 3 },
      { id: 1, n: 2, at: 3 },
      { id: 1 },
      { id: 1, name: 2, at: 3, more: 4 },
    ]
    for (const other of alike) {
      metOften(fresh({ id: 1, name: 2, at: 3 }))
      expect(decode(fresh(other))).toEqual(other)
      expect(decode(fresh([other, { id: 1, name: 2, at: 3 }]))).toEqual([other, { id: 1, name: 2, at: 3 }])
    }
  })

  it("refuses a key that comes twice, and bytes that end anywhere", () => {
    const bytes = metOften(fresh({ aa: 1, bb: 2, cc: 3 }))
    const twice = Uint8Array.from(bytes)
    twice.set([98, 98], bytes.lastIndexOf(99) - 1)
    expect(() => decode(twice)).toThrow("duplicate_key")
    const whole = metOften(fresh(person))
    for (let length = 0; length < whole.length; length++) {
      metOften(whole)
      expect(() => decode(whole.subarray(0, length))).toThrow(MalformedTerm)
    }
  }, 60_000)

  it("takes changed bytes as one that knows nothing does", () => {
    const whole = fresh([{ id: 1, name: "Ada", at: { x: 1, y: 2 } }])
    const outcome = (bytes: Uint8Array): unknown => {
      try {
        return decode(bytes)
      } catch (error) {
        return (error as Error).message
      }
    }
    const change = fc.record({ at: fc.nat({ max: whole.length - 1 }), to: fc.nat({ max: 255 }) })
    fc.assert(
      fc.property(change, ({ at, to }) => {
        const bytes = Uint8Array.from(whole)
        bytes[at] = to
        const first = outcome(bytes)
        metOften(whole)
        expect(outcome(bytes)).toEqual(first)
      }),
      { numRuns: 500 },
    )
  })
})

describe("known texts", () => {
  it("are the texts, with or without having met them, zeros included", () => {
    const texts = new KnownTexts()
    const piece = fc.constantFrom("a", "b", "\0", "ab", "zz", "\x7f")
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
        const text = pieces.join("")
        const bytes = new TextEncoder().encode(`--${text}++`)
        expect(texts.read(bytes, 2, text.length)).toBe(text)
        expect(texts.read(bytes, 2, text.length)).toBe(text)
      }),
      { numRuns: 20_000 },
    )
  })

  it("are undefined beyond ASCII, at any place", () => {
    const texts = new KnownTexts()
    for (let n = 1; n <= 20; n++) {
      for (let at = 0; at < n; at++) {
        const bytes = new Uint8Array(n).fill(97)
        bytes[at] = 0x80
        expect(texts.read(bytes, 0, n)).toBeUndefined()
      }
    }
  })

  it("stay right while hardly any comes again", () => {
    const texts = new KnownTexts()
    for (let i = 0; i < 5000; i++) {
      const text = i % 7 === 0 ? "again" : `t${i}`
      expect(texts.read(new TextEncoder().encode(text), 0, text.length)).toBe(text)
    }
  })
})
