import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decode, encode } from "../../src/etf/index.ts"
import {
  atom,
  copy,
  equal,
  float,
  local,
  makeName,
  makePid,
  NotATerm,
  share,
  struct,
  tuple,
  withStructs,
} from "../../src/term/index.ts"
import { terms } from "./arbitraries.ts"

/** What `run` gives, or the reason it refuses for: copier and codec have to refuse the same. */
function outcome(run: () => unknown): unknown {
  try {
    return { value: run() }
  } catch (error) {
    if (!(error instanceof NotATerm)) throw error
    return { refused: error.message }
  }
}

/** Everything that could differ between two copies, key order and kinds included, as a value to compare. */
function shape(term: unknown): unknown {
  if (typeof term === "number") return Object.is(term, -0) ? "-0" : term
  if (typeof term !== "object" || term === null) return term
  if (Array.isArray(term)) return ["array", ...term.map(shape)]
  if (term instanceof Uint8Array) return [term.constructor.name, ...term]
  if (term instanceof Map) return ["Map", ...[...term].map(([key, value]) => [shape(key), shape(value)])]
  if (term instanceof Set) return ["Set", ...[...term].map(shape)]
  if (term instanceof Date) return ["Date", term.getTime()]
  if (term instanceof Error) {
    return [
      "Error",
      term.name,
      term.message,
      term.stack,
      ...Object.entries(term).map(([key, value]) => [key, shape(value)]),
    ]
  }
  const fields = term as Record<string, unknown>
  if ("key" in term) return [term.constructor.name, fields["key"]]
  const prototype = Object.getPrototypeOf(term) as object | null
  const hidden = new Set(["immutable", "encoded"])
  return [
    prototype?.constructor.name,
    ...Object.keys(term).flatMap((key) =>
      hidden.has(key) && prototype !== Object.prototype ? [] : [[key, shape(fields[key])]],
    ),
  ]
}

describe("copy", () => {
  it("gives what the bytes of the umbel profile would give, or refuses as they would", () => {
    fc.assert(
      fc.property(terms, (term) => {
        const copied = outcome(() => shape(copy(term)))
        const decoded = outcome(() => shape(decode(encode(term, "umbel"))))
        expect(copied).toEqual(decoded)
      }),
      { numRuns: 3000 },
    )
  })

  it("names the way to a culprit in a map by its keys, whatever they are", () => {
    const bad = () => 1
    for (const map of [
      new Map([[atom("ok"), bad]]),
      new Map<unknown, unknown>([
        ["text", 1],
        [atom("ok"), bad],
      ]),
    ]) {
      expect(() => copy([map])).toThrow('message[0].get(atom("ok")) cannot be sent')
      expect(() => encode([map])).toThrow('message[0].get(atom("ok")) cannot be sent')
    }
  })

  it("gives a term that is copied to itself", () => {
    // But for the -0 that float(-0) comes back as: sent on, it is the integer 0.
    fc.assert(
      fc.property(terms, (term) => {
        const once = outcome(() => copy(term)) as { value?: unknown }
        if (
          "value" in once &&
          !`${JSON.stringify(shape(once.value), (_, v) => (typeof v === "bigint" ? `${v}n` : v))}`.includes('"-0"')
        ) {
          expect(shape(copy(once.value))).toEqual(shape(once.value))
        }
      }),
      { numRuns: 1000 },
    )
  })

  it("shares nothing that could be changed", () => {
    const message = {
      list: [1, { deep: [2] }],
      bytes: Uint8Array.of(1),
      map: new Map([["k", [3]]]),
      pair: tuple([4], 5),
    }
    const copied = copy(message)
    message.list.push(9)
    message.bytes[0] = 9
    message.map.get("k")!.push(9)
    ;(message.pair.elements[0] as unknown as number[]).push(9)
    expect(shape(copied)).toEqual(
      shape({ list: [1, { deep: [2] }], bytes: Uint8Array.of(1), map: new Map([["k", [3]]]), pair: tuple([4], 5) }),
    )
  })

  it("returns what cannot be changed as it is", () => {
    for (const term of [
      "text",
      1,
      1.5,
      true,
      null,
      undefined,
      atom("ok"),
      tuple(atom("ok"), tuple(1, "x")),
      makePid("a@b", 1, 0, 1),
      makeName("n", undefined),
    ]) {
      expect(copy(term)).toBe(term)
    }
    const changed = tuple(1n, -0)
    expect(copy(changed).elements).toEqual([1, 0])
  })

  it.each<[string, unknown, string]>([
    [
      "a function",
      [1, 2, { socket: () => 1 }],
      "message[2].socket cannot be sent: a function is no term; hand it over with local(…)",
    ],
    ["a symbol", tuple(Symbol("s")), "message[0] cannot be sent: a symbol is no term"],
    ["NaN", { "a b": Number.NaN }, 'message["a b"] cannot be sent: NaN is no Erlang number'],
    ["an infinity", new Map([["k", -Infinity]]), 'message.get("k") cannot be sent: -Infinity is no Erlang number'],
    [
      "a hole in an array",
      { list: Object.assign(new Array(3), { 0: 1 }) },
      "message.list[1] cannot be sent: an array with a hole",
    ],
    ["a lone surrogate", ["\ud800"], "message[0] cannot be sent: a string with a lone surrogate"],
    ["a key with a lone surrogate", { "\ud800": 1 }, "cannot be sent: a name with a lone surrogate"],
    ["a key beyond an atom's length", { ["k".repeat(256)]: 1 }, "more than 255 characters"],
    [
      "an instance of a class",
      { when: new (class Socket {})() },
      "message.when cannot be sent: an instance of Socket is no term",
    ],
    ["a subclass of Array", new (class Stack extends Array {})(), "an instance of Stack"],
    ["a promise", Promise.resolve(), "an instance of Promise"],
    ["another view of bytes", new Uint16Array(1), "no Uint16Array"],
    ["a buffer", new ArrayBuffer(1), "no ArrayBuffer"],
    ["a boxed number", new Number(1), "an instance of Number"],
    ["an invalid date", { at: new Date(Number.NaN) }, "message.at cannot be sent: an invalid Date"],
    ["a huge integer", 1n << 600_000n, "an integer of more than"],
    [
      "keys equal as terms",
      [
        new Map([
          [1, "a"],
          [1n, "b"],
        ] as [unknown, string][]),
      ],
      "message[0] cannot be sent: two of its keys",
    ],
    [
      "a string and its bytes as keys",
      new Map([
        ["a", 1],
        [Uint8Array.of(97), 2],
      ] as [unknown, number][]),
      "two of its keys",
    ],
    [
      "two equal tuples as keys",
      new Map([
        [tuple(1), 1],
        [tuple(1), 2],
      ]),
      "two of its keys",
    ],
  ])("refuses %s and says where it is, as the encoder does", (_, term, message) => {
    expect(() => copy(term)).toThrow(NotATerm)
    expect(() => copy(term)).toThrow(message)
    expect(outcome(() => encode(term, "umbel"))).toEqual(outcome(() => copy(term)))
  })

  it("refuses cycles, and what is nested deeper than a thousand levels", () => {
    const cycle: unknown[] = []
    cycle.push({ cycle })
    expect(() => copy(cycle)).toThrow("contains itself")
    expect(() => encode(cycle)).toThrow("contains itself")
    const deep = (levels: number): unknown => {
      let term: unknown = []
      for (let i = 0; i < levels; i++) term = [term]
      return term
    }
    expect(copy(deep(1000))).toEqual(decode(encode(deep(1000))))
    expect(() => copy(deep(1001))).toThrow(NotATerm)
    expect(() => encode(deep(1001))).toThrow(NotATerm)
  })

  it("refuses what shared parts would multiply beyond bounds, instead of hanging", () => {
    let term: unknown[] = []
    for (let i = 0; i < 60; i++) term = [term, term]
    expect(() => copy(term, { parts: 1000 })).toThrow("parts")
    expect(() => encode(term, "beam", { parts: 1000 })).toThrow("parts")
  })

  it("keeps __proto__ as data", () => {
    const hostile = JSON.parse('{"__proto__": {"admin": true}}') as Record<string, unknown>
    const copied = copy(hostile) as { admin?: boolean }
    expect(copied.admin).toBeUndefined()
    expect(Object.keys(copied)).toEqual(["__proto__"])
    expect(Object.getPrototypeOf(copied)).toBe(Object.prototype)
  })

  it("does not send what somebody added to Object.prototype", () => {
    Object.defineProperty(Object.prototype, "added", { value: 1, enumerable: true, configurable: true })
    const [copied, bytes] = [Object.keys(copy({ a: 1 })), encode({ a: 1 })]
    delete (Object.prototype as { added?: number }).added
    expect(copied).toEqual(["a"])
    expect(decode(bytes)).toEqual({ a: 1 })
  })

  it("names the message as it is told to", () => {
    expect(() => copy([() => 1], { root: "argument 1" })).toThrow("argument 1[0] cannot be sent")
  })
})

describe("structs", () => {
  class User {
    readonly name: string
    constructor(name: string) {
      this.name = name
    }
    greet(): string {
      return `I am ${this.name}`
    }
  }
  const structs = withStructs(struct("Elixir.My.User", User))

  it("come back as instances where they are registered, in copies and through bytes", () => {
    for (const back of [
      copy(new User("Ann"), { structs }),
      decode(encode(new User("Ann"), "beam", { structs }), { structs }),
    ]) {
      expect(back).toBeInstanceOf(User)
      expect((back as User).greet()).toBe("I am Ann")
    }
  })

  it("are plain objects where they are not, and refused as instances", () => {
    expect(decode(encode(new User("Ann"), "beam", { structs }))).toEqual({
      __struct__: atom("Elixir.My.User"),
      name: "Ann",
    })
    expect(() => copy(new User("Ann"))).toThrow("an instance of User is no term")
  })

  it("of dates that are none stay objects", () => {
    const fields = decode(
      encode({
        __struct__: atom("Elixir.DateTime"),
        calendar: atom("Elixir.Calendar.ISO"),
        microsecond: tuple(0, 0),
        month: 13,
      }),
    )
    expect(fields).not.toBeInstanceOf(Date)
  })

  it("refuse two classes for one module", () => {
    expect(() => withStructs(struct("Elixir.A", User), struct("Elixir.A", class {}))).toThrow(RangeError)
  })
})

describe("share", () => {
  it("is not copied again, and cannot be changed", () => {
    const shared = share({ people: ["Ann"], pair: tuple([1], 2) })
    expect(copy(shared)).toBe(shared)
    expect(copy([shared])[0]).toBe(shared)
    expect(() => shared.people.push("Bob")).toThrow(TypeError)
    expect(() => (shared.pair.elements[0] as unknown as number[]).push(2)).toThrow(TypeError)
    expect(decode(encode(shared, "umbel"))).toEqual(copy({ people: ["Ann"], pair: tuple([1], 2) }))
  })

  it("leaves what was passed as it was", () => {
    const mine = [1]
    share(mine)
    mine.push(2)
    expect(mine).toEqual([1, 2])
  })

  it("copies bytes and maps with each message, and only what holds them", () => {
    const shared = share({ bytes: Uint8Array.of(1), names: ["Ann"] })
    const copied = copy(shared)
    expect(copied).not.toBe(shared)
    expect(copied.bytes).not.toBe(shared.bytes)
    expect(copied.names).toBe(shared.names)
  })
})

describe("local", () => {
  it("hands a value over as it is, and does not leave the node", () => {
    const socket = { write: () => 1 }
    const message = { socket: local(socket) }
    expect(copy(message).socket.value).toBe(socket)
    expect(() => encode(message)).toThrow("message.socket cannot be sent: local(…)")
  })
})

describe("equal", () => {
  it("holds between a term and its copy", () => {
    fc.assert(
      fc.property(terms, (term) => {
        const copied = outcome(() => copy(term)) as { value?: unknown }
        // A float that is whole comes back as an integer: another term.
        if ("value" in copied && encode(copied.value).join() === outcomeBytes(term))
          expect(equal(term, copied.value)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it("tells integers from floats and joins numbers and bigints", () => {
    expect(equal(1, 1n)).toBe(true)
    expect(equal(1, float(1))).toBe(false)
    expect(equal(1.5, float(1.5))).toBe(true)
    expect(equal(2 ** 53, 2n ** 53n)).toBe(false)
    expect(equal("a", Uint8Array.of(97))).toBe(true)
    expect(equal(makePid("a@b", 1, 2, 3), makePid("a@b", 1, 2, 3))).toBe(true)
    expect(equal(makePid("a@b", 1, 2, 3), makePid("a@b", 1, 2, 4))).toBe(false)
    expect(equal({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true)
    expect(equal({ a: 1 }, { a: undefined })).toBe(false)
  })
})

const outcomeBytes = (term: unknown): string => encode(term).join()
