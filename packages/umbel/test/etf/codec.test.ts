import { deflateSync, inflateSync } from "node:zlib"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  AtomBudget,
  decode,
  decodeFrom,
  encode,
  encodeTo,
  LIMITS,
  type MalformedReason,
  MalformedTerm,
  Reader,
  Writer,
} from "../../src/etf/index.ts"
import {
  atom,
  Export,
  equal,
  Float,
  Fun,
  float,
  ImproperList,
  makeName,
  makePid,
  NotATerm,
  tuple,
} from "../../src/term/index.ts"
import { beamTerms, terms } from "../term/arbitraries.ts"

const encoded = (term: unknown, profile: "umbel" | "beam" = "beam"): Uint8Array | undefined => {
  try {
    return encode(term, profile)
  } catch (error) {
    if (error instanceof NotATerm) return undefined
    throw error
  }
}

describe("the codec", () => {
  it("gives back the same term, but for whole floats", () => {
    fc.assert(
      fc.property(beamTerms, (term) => {
        const bytes = encoded(term)
        if (bytes === undefined) return
        const back = decode(bytes)
        expect(encode(back).join() === bytes.join() ? equal(back, term) : true).toBe(true)
        // Once read, nothing changes any more.
        expect(equal(decode(encode(back)), back)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it("answers bytes that were cut anywhere with a malformed term", () => {
    fc.assert(
      fc.property(terms, (term) => {
        const bytes = encoded(term, "umbel")
        if (bytes === undefined) return
        // Everywhere in the first 200 bytes, and at some 50 places behind them.
        const step = Math.ceil(bytes.length / 50)
        for (let end = 0; end < bytes.length; end += end < 200 ? 1 : step) {
          expect(outcomeOf(bytes.subarray(0, end))).toBe("malformed")
        }
      }),
      { numRuns: 100 },
    )
  })

  it("answers changed bytes with a term or a malformed term", () => {
    const change = fc.record({ at: fc.nat(), to: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...tagBytes)) })
    fc.assert(
      fc.property(terms, fc.array(change, { minLength: 1, maxLength: 4 }), (term, changes) => {
        const bytes = encoded(term, "umbel")
        if (bytes === undefined) return
        for (const { at, to } of changes) bytes[at % bytes.length] = to
        outcomeOf(bytes)
      }),
      { numRuns: 5000 },
    )
  })

  it("answers noise with a term or a malformed term", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => void outcomeOf(Uint8Array.of(131, ...noise))),
      { numRuns: 5000 },
    )
  })
})

const tagBytes = [
  70, 77, 82, 88, 90, 97, 98, 99, 100, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 116, 118, 119, 120,
]

/** "term" or "malformed"; any other error is thrown. */
function outcomeOf(bytes: Uint8Array): "term" | "malformed" {
  let term: unknown
  try {
    term = decode(bytes, { atomCache: () => atom("cached") })
  } catch (error) {
    if (error instanceof MalformedTerm) return "malformed"
    throw error
  }
  // What can be read can be sent on.
  encode(term, "umbel")
  return "term"
}

describe("the decoder", () => {
  const refused = (bytes: number[], reason: MalformedReason, offset: number, options = {}): void => {
    let thrown: unknown
    try {
      decode(Uint8Array.from(bytes), options)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(MalformedTerm)
    expect(thrown).toMatchObject({ reason, offset })
  }
  const read = (...bytes: number[]): unknown => decode(Uint8Array.of(131, ...bytes))

  it.each<[string, number[], MalformedReason, number]>([
    ["no bytes", [], "truncated", 0],
    ["another version", [130, 97, 1], "bad_version", 0],
    ["a version and no term", [131], "truncated", 1],
    ["bytes behind the term", [131, 97, 1, 0], "trailing_bytes", 3],
    ["an unknown tag", [131, 1], "unknown_tag", 1],
    ["LOCAL_EXT", [131, 121, 0], "unknown_tag", 1],
    ["a float that is NaN", [131, 70, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], "bad_float", 1],
    ["an infinite float", [131, 70, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0], "bad_float", 1],
    ["a text that is no float", [131, 99, ...Array(31).fill(65)], "bad_float", 1],
    ["an atom that is no UTF-8", [131, 119, 1, 0xff], "bad_atom", 1],
    ["an atom of 256 characters", [131, 118, 1, 0, ...Array(256).fill(97)], "bad_atom", 1],
    ["an empty bit string", [131, 77, 0, 0, 0, 0, 0], "bad_bits", 1],
    ["a bit string of 9 bits a byte", [131, 77, 0, 0, 0, 1, 9, 1], "bad_bits", 1],
    ["a bit string of no bits", [131, 77, 0, 0, 0, 1, 0, 1], "bad_bits", 1],
    ["a reference of 6 words", [131, 90, 0, 6, 119, 1, 97, ...Array(28).fill(0)], "bad_reference", 1],
    ["a pid of a node without a name", [131, 88, 119, 0, ...Array(12).fill(0)], "bad_node", 2],
    ["a pid whose node is no atom", [131, 88, 97, 0, ...Array(12).fill(0)], "bad_atom", 2],
    ["an arity that is no byte", [131, 113, 119, 1, 97, 119, 1, 97, 98, 0, 0, 1, 0], "bad_function", 1],
    ["a key twice", [131, 116, 0, 0, 0, 2, 119, 1, 97, 97, 1, 119, 1, 97, 97, 2], "duplicate_key", 1],
    ["an integer key twice", [131, 116, 0, 0, 0, 2, 97, 1, 97, 1, 98, 0, 0, 0, 1, 97, 2], "duplicate_key", 1],
    ["a cached atom without a cache", [131, 82, 0], "atom_cache", 1],
    ["a compressed term without inflate", [131, 80, 0, 0, 0, 1, 1], "compressed", 1],
    ["a list that claims 4 G elements", [131, 108, 255, 255, 255, 255, 106], "truncated", 6],
    ["a tuple that claims 4 G elements", [131, 105, 255, 255, 255, 255], "truncated", 6],
    ["a map that claims 4 G pairs", [131, 116, 255, 255, 255, 255], "truncated", 6],
    ["a binary that claims 4 GB", [131, 109, 255, 255, 255, 255], "truncated", 6],
    ["an integer that claims 4 GB", [131, 111, 255, 255, 255, 255, 0], "too_large", 1],
  ])("refuses %s", (_, bytes, reason, offset) => refused(bytes, reason, offset))

  it("bounds depth, size and new atoms", () => {
    refused([131, ...Array(2000).fill([108, 0, 0, 0, 1]).flat()], "too_deep", 1 + 1000 * 5 + 1)
    refused([131, 104, 2, 97, 1, 97, 2], "too_large", 5, { limits: { ...LIMITS, bytes: 4 } })
    const strange = [131, 108, 0, 0, 0, 2, 119, 3, 113, 113, 113, 119, 3, 122, 122, 113, 106]
    refused(strange, "too_many_atoms", 11, { limits: { ...LIMITS, newAtoms: 1 } })
    refused([131, 119, 3, 122, 122, 120], "too_many_atoms", 1, { newAtoms: new AtomBudget(0) })
  })

  it("survives any nesting of any compound tag", () => {
    for (const level of [
      [104, 1],
      [105, 0, 0, 0, 1],
      [108, 0, 0, 0, 1],
      [116, 0, 0, 0, 1, 119, 1, 97],
      [116, 0, 0, 0, 1],
    ]) {
      const bytes = Uint8Array.from([131, ...Array(100_000).fill(level).flat()])
      expect(() => decode(bytes)).toThrow(MalformedTerm)
    }
    // A list in pieces is one list, however many.
    const pieces = Uint8Array.from([131, ...Array(100_000).fill([108, 0, 0, 0, 1, 97, 7]).flat(), 106])
    expect(decode(pieces)).toHaveLength(100_000)
  })

  it("writes a list of bytes for BEAM peers as they write it, which is a string to C and Java nodes", () => {
    const beam = (term: unknown): number[] => {
      const writer = new Writer()
      encodeTo(writer, term, { profile: "beam" })
      return [...writer.take()]
    }
    expect(beam([104, 105])).toEqual([107, 0, 2, 104, 105])
    expect(beam([[], [255, 256], [0]])).toEqual([
      108, 0, 0, 0, 3, 106, 108, 0, 0, 0, 2, 97, 255, 98, 0, 0, 1, 0, 106, 107, 0, 1, 0, 106,
    ])
    const long = Array.from({ length: 65_535 }, (_, i) => i % 256)
    expect(beam(long).slice(0, 5)).toEqual([107, 255, 255, 0, 1])
    expect(beam([...long, 1]).slice(0, 5)).toEqual([108, 0, 1, 0, 0])
    for (const list of [long, [...long, 1], [...long, "no byte"]]) {
      expect(decode(Uint8Array.from([131, ...beam(list)]))).toEqual(list)
    }
  })

  it("reads the tags of old nodes", () => {
    expect(read(100, 0, 2, 111, 107)).toBe(atom("ok"))
    expect(read(115, 1, 0xe9)).toBe(atom("é"))
    expect(read(118, 0, 2, 0xc3, 0xa9)).toBe(atom("é"))
    expect(read(107, 0, 2, 1, 2)).toEqual([1, 2])
    expect(read(107, 0, 0)).toEqual([])
    expect(read(108, 0, 0, 0, 0, 97, 5)).toBe(5)
    expect(read(110, 0, 0)).toBe(0)
    expect(read(110, 0, 1)).toBe(0)
    expect(read(110, 3, 7, 5, 0, 0)).toBe(-5)
    expect(read(99, ...Array.from("1.50000000000000000000e+00", (c) => c.charCodeAt(0)), 0, 0, 0, 0, 0)).toBe(1.5)
    expect(read(103, 100, 0, 3, 97, 64, 98, 0, 0, 0, 1, 0, 0, 0, 2, 3)).toEqual(makePid("a@b", 1, 2, 3))
    expect(read(114, 0, 1, 100, 0, 3, 97, 64, 98, 3, 0, 0, 0, 9)).toMatchObject({
      node: "a@b",
      creation: 3,
      words: [9],
    })
    expect(read(101, 100, 0, 3, 97, 64, 98, 0, 0, 0, 9, 3)).toMatchObject({ node: "a@b", creation: 3, words: [9] })
    expect(read(102, 100, 0, 3, 97, 64, 98, 0, 0, 0, 9, 3)).toMatchObject({ node: "a@b", creation: 3, id: 9n })
    expect(read(77, 0, 0, 0, 1, 8, 97)).toEqual(Uint8Array.of(97))
    expect(read(109, 0, 0, 0, 1, 255)).toEqual(Uint8Array.of(255))
    expect(read(108, 0, 0, 0, 1, 97, 1, 97, 2)).toBeInstanceOf(ImproperList)
    expect(read(113, 119, 1, 109, 119, 1, 102, 97, 255)).toBeInstanceOf(Export)
  })

  it("keeps the byte order mark of a text", () => {
    expect(read(109, 0, 0, 0, 4, 0xef, 0xbb, 0xbf, 97)).toBe("\ufeffa")
  })

  it("tells 1 from 1.0 as keys", () => {
    const map = read(116, 0, 0, 0, 2, 97, 1, 97, 10, 70, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 97, 20) as Map<unknown, unknown>
    expect([...map.keys()][0]).toBe(1)
    expect([...map.keys()][1]).toBeInstanceOf(Float)
    expect(equal(decode(encode(map)), map)).toBe(true)
  })

  it("takes atoms from the cache of a connection, as terms, keys, nodes and inside closures", () => {
    const atomCache = (index: number): ReturnType<typeof atom> => atom(["ok", "a@b", "mod"][index]!)
    expect(decode(Uint8Array.of(131, 82, 0), { atomCache })).toBe(atom("ok"))
    expect(decode(Uint8Array.of(131, 116, 0, 0, 0, 1, 82, 0, 97, 1), { atomCache })).toEqual({ ok: 1 })
    const pid = [88, 82, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]
    const closure = (free: number[][]): number[] => {
      const inside = [
        1,
        ...Array(16).fill(7),
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        free.length,
        82,
        2,
        97,
        1,
        97,
        2,
        ...pid,
        ...free.flat(),
      ]
      return [112, 0, 0, 0, inside.length + 4, ...inside]
    }
    const fun = decode(Uint8Array.of(131, ...closure([[82, 0], closure([[82, 1]])])), { atomCache }) as Fun
    expect(fun).toBeInstanceOf(Fun)
    // Without any cache it reads the same.
    const again = decode(encode(fun)) as Fun
    expect(again.key).toBe(fun.key)
    expect(again).toMatchObject({ module: "mod", arity: 1 })
  })

  it("inflates with what it is given, and to no other size than claimed", () => {
    const plain = encode(["x".repeat(1000)]).subarray(1)
    const compressed = (size: number): Uint8Array =>
      Uint8Array.of(131, 80, 0, 0, size >> 8, size & 255, ...deflateSync(plain))
    const inflate = (deflated: Uint8Array, size: number): Uint8Array => inflateSync(deflated, { maxOutputLength: size })
    expect(decode(compressed(plain.length), { inflate })).toEqual(["x".repeat(1000)])
    expect(() => decode(compressed(plain.length - 1), { inflate })).toThrow(MalformedTerm)
    expect(() => decode(compressed(plain.length + 1), { inflate })).toThrow(MalformedTerm)
    expect(() => decode(compressed(plain.length), { inflate, limits: { ...LIMITS, bytes: 100 } })).toThrow("too_large")
  })

  it("gives pids of this node as those that it holds", () => {
    const mine = makePid("a@b", 1, 0, 1)
    const pid = (read: typeof mine): typeof mine => (read.key === mine.key ? mine : read)
    expect(decode(encode([makePid("a@b", 1, 0, 1)]), { pid })).toEqual([mine])
    expect((decode(encode([makePid("a@b", 1, 0, 1)]), { pid }) as unknown[])[0]).toBe(mine)
  })

  it("leaves the reader where it was when it refuses", () => {
    const reader = new Reader(Uint8Array.of(9, 104, 2, 97), 1)
    expect(() => decodeFrom(reader, {})).toThrow(MalformedTerm)
    expect(reader.offset).toBe(1)
  })
})

describe("the encoder", () => {
  it("leaves the writer and the budget as they were when it refuses", () => {
    const writer = new Writer(4)
    writer.u8(1)
    const atoms = new AtomBudget(10)
    expect(() => encodeTo(writer, [atom("fresh"), { other: () => 1 }], { profile: "beam", atoms })).toThrow(NotATerm)
    expect(writer.take()).toEqual(Uint8Array.of(1))
    expect(atoms.count).toBe(0)
  })

  it("sends a peer no more atoms than the budget allows, and names the one too many", () => {
    const atoms = new AtomBudget(3)
    const writer = new Writer()
    encodeTo(writer, { a: atom("b"), b: true }, { profile: "beam", atoms })
    encodeTo(writer, { a: atom("b"), b: true }, { profile: "beam", atoms })
    expect(() => encodeTo(writer, [{ a: 1, c: 2 }], { profile: "beam", atoms })).toThrow(
      'message[0].c cannot be sent: the atom "c"',
    )
  })

  it("writes bytes and names so that each kind of peer can read them", () => {
    expect([...encode(Uint8Array.of(97), "umbel")]).toEqual([131, 77, 0, 0, 0, 1, 8, 97])
    expect([...encode(Uint8Array.of(97), "beam")]).toEqual([131, 109, 0, 0, 0, 1, 97])
    expect([...encode(new Uint8Array(0), "umbel")]).toEqual([131, 109, 0, 0, 0, 0])
    expect(decode(encode(makeName("n", "a@b"), "umbel"))).toEqual(makeName("n", "a@b"))
    expect(decode(encode(makeName("n", "a@b"), "beam"))).toEqual(tuple(atom("n"), atom("a@b")))
    expect(decode(encode(makeName("n", undefined), "beam"))).toBe(atom("n"))
  })

  it("writes integers in their shortest form", () => {
    expect([...encode(255)]).toEqual([131, 97, 255])
    expect([...encode(256n)]).toEqual([131, 98, 0, 0, 1, 0])
    expect([...encode(-1)]).toEqual([131, 98, 255, 255, 255, 255])
    expect([...encode(2 ** 31)]).toEqual([131, 110, 4, 0, 0, 0, 0, 128])
    expect([...encode(-(2 ** 31) - 1)]).toEqual([131, 110, 4, 1, 1, 0, 0, 128])
    expect([...encode(-0)]).toEqual([131, 97, 0])
    expect([...encode(float(1))]).toEqual([131, 70, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0])
  })

  it("sends ErlPort only what it reads", () => {
    expect([...encode(tuple(atom("ok"), "x", 1.5, null), "erlport")]).toEqual([
      131, 104, 4, 100, 0, 2, 111, 107, 109, 0, 0, 0, 1, 120, 70, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 100, 0, 3, 110, 105,
      108,
    ])
    for (const term of [{ a: 1 }, new Map(), makePid("a@b", 1, 0, 1), new Date(0), atom("日")]) {
      expect(() => encode([term], "erlport")).toThrow("message[0] cannot be sent")
    }
  })

  it("refuses identifiers of a node without a name", () => {
    expect(() => encode([makePid("", 1, 0, 1)])).toThrow("message[0] cannot be sent: it is of a node without a name")
  })
})

describe("writer and reader", () => {
  it("agree on all numbers", () => {
    const writer = new Writer(1)
    const at = writer.reserve32()
    writer.u8(200)
    writer.u16(0xbeef)
    writer.u32(0xdeadbeef)
    writer.u64(0xdeadbeef_12345678n)
    writer.utf8("né")
    writer.raw(Uint8Array.of(1, 2))
    writer.patch32(at, writer.length)
    const bytes = writer.take()
    const reader = new Reader(bytes)
    expect([reader.u32(), reader.u8(), reader.u16(), reader.i32(), reader.u64()]).toEqual([
      bytes.length,
      200,
      0xbeef,
      0xdeadbeef | 0,
      0xdeadbeef_12345678n,
    ])
    expect([...reader.raw(3)]).toEqual([110, 195, 169])
    expect([...reader.view(2)]).toEqual([1, 2])
    expect(reader.remaining).toBe(0)
    expect(() => reader.u8()).toThrow(MalformedTerm)
  })
})
