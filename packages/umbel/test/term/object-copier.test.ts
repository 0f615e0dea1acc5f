/** Objects of a kind that came often are copied by a function made for their keys: nobody can tell, but by the time it takes. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decode, encode } from "../../src/etf/index.ts"
import { atom, copy, DEPTH_MAX, NotATerm, share, tuple } from "../../src/term/index.ts"
import { NONE, ObjectCopiers, type Parts } from "../../src/term/object-copier.ts"

const OFTEN = 250

/** The object, of a kind that was copied often. */
function metOften<T extends object>(object: T): T {
  for (let i = 0; i < OFTEN; i++) copy(object)
  return object
}

/** Copiers by themselves: each value is its own copy, unless the parts say otherwise. */
const copiersWith = (parts: Partial<Parts> = {}): ObjectCopiers =>
  new ObjectCopiers({
    object: (term) => term,
    leaf: (term) => term,
    enter: () => {},
    isShared: () => false,
    within: (error) => error,
    ...parts,
  })
const run = { fresh: false, polluted: false, left: 0, structs: undefined as never }
const copied = (copiers: ObjectCopiers, object: object): unknown =>
  copiers.copy(object as Record<string, unknown>, 0, run)
function learnt(copiers: ObjectCopiers, ...objects: readonly object[]): ObjectCopiers {
  for (const object of objects) for (let i = 0; i < 200; i++) copiers.learn(object as Record<string, unknown>)
  return copiers
}

describe("the copier of objects that come often", () => {
  const value = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "grapheme" }),
    fc.constantFrom<unknown>(null, undefined, true, atom("an_atom"), 1n, 1n << 70n, -0, new Uint8Array(3), [], {}),
    fc.constant(tuple(1, [{ id: 1 }])),
    fc.constant({ id: 1, name: ["x"] }),
  )

  it("gives what the bytes would give, whatever the values are, and a copy of its own", () => {
    metOften({ id: 1, name: "Ada", tags: ["a"] })
    fc.assert(
      fc.property(value, value, value, (id, name, tags) => {
        const object = { id, name, tags }
        const own = copy(object)
        expect(own).toEqual(decode(encode(object, "umbel")))
        expect(own).not.toBe(object)
        expect(Object.keys(own)).toEqual(["id", "name", "tags"])
        expect(Object.getPrototypeOf(own)).toBe(Object.prototype)
      }),
    )
  })

  it("takes nothing for it that has other keys, or the same in another order", () => {
    metOften({ id: 1, name: "Ada" })
    const others: readonly object[] = [
      { id: 1 },
      { id: 1, name: 2, more: 3 },
      { name: 2, id: 1 },
      { id: 1, nam: 2 },
      {},
      Object.assign(Object.create(null) as object, { id: 1, name: 2 }),
    ]
    for (const other of others) {
      const own = copy(other)
      expect(own).toEqual(decode(encode(other, "umbel")))
      expect(Object.keys(own)).toEqual(Object.keys(other))
    }
    class Person {
      id = 1
      name = "Ada"
    }
    expect(() => copy(new Person())).toThrow(NotATerm)
    expect(() => copy(Object.create({ id: 1, name: 2 }) as object)).toThrow(NotATerm)
  })

  it("names the way to a culprit", () => {
    const person = metOften({ id: 1, at: { city: "London" as unknown } })
    expect(() => copy([{ ...person, at: { city: () => 1 } }])).toThrow("message[0].at.city")
    expect(() => copy({ ...person, id: Number.NaN })).toThrow("message.id")
    expect(() => copy({ ...person, id: "\ud800" })).toThrow("message.id")
  })

  it("hands over what is shared as it is, unless a fresh copy is asked for", () => {
    const shared = share(metOften({ key: 1, parts: [1] }))
    expect(copy(shared)).toBe(shared)
    const own = copy(shared, { fresh: true })
    expect(own).toEqual(shared)
    expect(own.parts).not.toBe(shared.parts)
  })

  it("ends at the bounds of depth and parts", () => {
    interface Nested {
      in: Nested | undefined
    }
    const nest = (n: number): Nested | undefined => (n === 0 ? undefined : { in: nest(n - 1) })
    metOften(nest(10)!)
    expect(copy(nest(DEPTH_MAX))).toEqual(nest(DEPTH_MAX))
    expect(() => copy(nest(DEPTH_MAX + 1))).toThrow(NotATerm)
    expect(() => copy(nest(10), { parts: 9 })).toThrow(NotATerm)
    expect(copy(nest(10), { parts: 10 })).toEqual(nest(10))
  })

  it("leaves out what a polluted prototype adds", () => {
    const person = metOften({ id: 1, name: "Ada" })
    const prototype = Object.prototype as unknown as Record<string, unknown>
    prototype["polluted"] = 1
    try {
      expect(Object.keys(copy(person))).toEqual(["id", "name"])
      for (let i = 0; i < OFTEN; i++) copy({ met: 1, meanwhile: 2 })
    } finally {
      delete prototype["polluted"]
    }
    expect(copy({ met: 1, meanwhile: 2 })).toEqual({ met: 1, meanwhile: 2 })
  })

  it("knows keys that look like code or an index, and keeps away from __proto__ and __struct__", () => {
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
    expect(copy(metOften(odd))).toEqual(odd)
    const proto = JSON.parse('{"a":1,"__proto__":{"b":2}}') as object
    const own = copy(metOften(proto))
    expect(Object.getPrototypeOf(own)).toBe(Object.prototype)
    expect(Object.entries(own)).toEqual([
      ["a", 1],
      ["__proto__", { b: 2 }],
    ])
    expect(copied(learnt(copiersWith(), proto), proto)).toBe(NONE)
    const structLike = { a: 1, __struct__: "x" }
    expect(copied(learnt(copiersWith(), structLike), structLike)).toBe(NONE)
  })
})

describe("object copiers", () => {
  it("know nothing that came seldom", () => {
    const copiers = copiersWith()
    for (let i = 0; i < 199; i++) copiers.learn({ id: i })
    expect(copied(copiers, { id: 1 })).toBe(NONE)
    copiers.learn({ id: 199 })
    expect(copied(copiers, { id: 1 })).toEqual({ id: 1 })
  })

  it("tell kinds apart that begin with the same key, four of them", () => {
    const kinds = ["a", "b", "c", "d"].map((key) => ({ type: key, [key]: 1 }))
    const fifth = { type: "e", e: 1 }
    const copiers = learnt(copiersWith(), ...kinds, fifth)
    for (const kind of kinds) expect(copied(copiers, kind)).toEqual(kind)
    expect(copied(copiers, fifth)).toBe(NONE)
  })

  it("hold no more than a thousand first keys, and learn those anew that come again", () => {
    const copiers = learnt(copiersWith(), { known: 1 })
    for (let i = 0; i < 1000; i++) copiers.learn({ [`k${i}`]: 1 })
    expect(copied(copiers, { known: 1 })).toBe(NONE)
    expect(copied(learnt(copiers, { known: 1 }), { known: 2 })).toEqual({ known: 2 })
  })

  it("copy objects of more than sixteen keys never", () => {
    const large = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, i]))
    expect(copied(learnt(copiersWith(), large), large)).toBe(NONE)
  })
})
