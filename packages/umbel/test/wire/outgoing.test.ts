import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { AtomBudget } from "../../src/etf/index.ts"
import { atom, makePid, makeRef, NotATerm, tuple } from "../../src/term/index.ts"
import { Channel, type ChannelOptions } from "../../src/wire/channel.ts"
import type { Control } from "../../src/wire/control.ts"
import { announced } from "../../src/wire/flags.ts"
import { type Message, message } from "./controls.ts"
import { expectSameForAnyCut } from "./support.ts"

const A = makePid("a@h", 1, 2, 3)
const B = makePid("b@h", 4, 5, 6)
const R = makeRef("a@h", 3, [7, 8, 9])
const KIB = 1024

const channel = (options: Partial<ChannelOptions> = {}) =>
  new Channel({ flags: announced(), profile: "umbel", cacheAtoms: true, ...options })
const receive = (to: Channel, ...chunks: Uint8Array[]): Message[] => {
  const messages: Message[] = []
  for (const chunk of chunks) to.receive(chunk, (control, payload) => messages.push([control, payload]))
  return messages
}
const send = (id: number): Control => ({ op: "send", from: makePid("a@h", id, 0, 1), to: B })
const bigOf = (sender: number, n: number, bytes: number) => [sender, n, new Uint8Array(bytes)]

describe("the atom cache that we send", () => {
  it("brings every message to the other end, for any cut of the bytes", () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), (messages) => {
        const out = channel()
        // Twice: what the peer was told the first time is not told again.
        const written = [...messages, ...messages].filter(([control]) => control.op !== "altact")
        for (const [control, payload] of written) out.write(control, payload)
        const heard = expectSameForAnyCut<unknown>(out.take(), () => {
          const to = channel()
          return (chunk, events) => to.receive(chunk, (control, payload) => events.push([control, payload]))
        })
        expect(heard).toEqual(written)
      }),
      { numRuns: 30 },
    )
  })

  it("tells each atom once, in its first frame", () => {
    const out = channel()
    const to = channel()
    const say = (): number => {
      out.write({ op: "regSend", from: A, name: "counter" }, tuple(atom("increment"), { amount: 1 }))
      const bytes = out.take()
      expect(receive(to, bytes)[0]?.[1]).toEqual(tuple(atom("increment"), { amount: 1 }))
      return bytes.length
    }
    const first = say()
    // "", "a@h", "counter", "increment" and "amount", each with its length.
    expect(first - say()).toBe("a@hcounterincrementamount".length + 4)
  })

  it("counts 2048 slots and 255 places, and writes out what is beyond them", () => {
    const out = channel()
    const to = channel()
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 10; n++) {
        const atoms = Array.from({ length: 300 }, (_, i) => atom(`atom ${n} ${i}`))
        out.write({ op: "send", from: A, to: B }, atoms)
        expect(receive(to, out.take())[0]?.[1]).toEqual(atoms)
      }
    }
  })

  it("carries atoms of any length that an atom can have", () => {
    const atoms = ["", "é".repeat(255), "x".repeat(255), "😀".repeat(255)].map((text) => atom(text))
    const out = channel()
    const to = channel()
    for (let n = 0; n < 3; n++) {
      out.write({ op: "send", from: A, to: B }, atoms)
      expect(receive(to, out.take())[0]?.[1]).toEqual(atoms)
    }
  })

  it("tells an atom again whose first frame came to nothing", () => {
    const out = channel({ profile: "beam", atoms: new AtomBudget(100) })
    const to = channel()
    expect(() => out.write({ op: "send", from: A, to: B }, [atom("new"), Number.NaN])).toThrow(NotATerm)
    out.write({ op: "send", from: A, to: B }, [atom("new"), 1])
    expect(receive(to, out.take())[0]?.[1]).toEqual([atom("new"), 1])
  })

  it("is not used towards a peer without one", () => {
    const out = channel({ flags: announced({ without: ["DIST_HDR_ATOM_CACHE"] }) })
    out.write({ op: "send", from: A, to: B }, atom("inline"))
    expect(Buffer.from(out.take()).includes("inline")).toBe(true)
    out.write({ op: "send", from: A, to: B }, atom("inline"))
    expect(Buffer.from(out.take()).includes("inline")).toBe(true)
  })
})

describe("large messages", () => {
  it("let the small ones of others pass, and none of their own sender's", () => {
    const out = channel()
    const to = channel()
    const heard: unknown[] = []
    const takeSome = (): void =>
      to.receive(out.take(64 * KIB), (_, payload) => {
        heard.push(Array.isArray(payload) ? payload[1] : payload)
      })
    out.write(send(1), bigOf(1, 1, 1024 * KIB))
    takeSome()
    out.write(send(1), "behind")
    out.write(send(2), "before")
    takeSome()
    expect(heard).toEqual(["before"])
    expect(out.pending).toBeGreaterThan(800 * KIB)
    while (out.pending > 0) takeSome()
    expect(heard).toEqual(["before", 1, "behind"])
  })

  it("go out in turn, so that the shorter one is not kept by the longer one", () => {
    const out = channel()
    const heard: unknown[] = []
    out.write(send(1), bigOf(1, 1, 2048 * KIB))
    out.write(send(2), bigOf(2, 2, 256 * KIB))
    const to = channel()
    while (out.pending > 0) {
      to.receive(out.take(64 * KIB), (_, payload) => {
        heard.push((payload as unknown[])[1])
      })
    }
    expect(heard).toEqual([2, 1])
  })

  it("are written into buffers that came back, a few of them, and none that others may look at", () => {
    const out = channel({ cacheAtoms: false })
    const to = channel()
    const say = (n: number, bytes: number): ArrayBufferLike[] => {
      const payload = new Uint8Array(bytes).fill(128 + n)
      out.write(send(1), [1, n, payload])
      const pieces = out.takePieces()
      const [, heard] = receive(to, ...pieces).at(-1)!
      expect(Buffer.from((heard as unknown[])[2] as Uint8Array).equals(payload)).toBe(true)
      // As a link does once a socket has sent them.
      out.giveBack(pieces)
      return pieces.map(({ buffer }) => buffer)
    }
    const used = (times: number, bytes: number): number =>
      new Set(Array.from({ length: times }, (_, n) => say(n, bytes)).flat()).size
    expect(used(20, 70 * KIB)).toBeLessThan(5)
    // The parts of a message that was cut are no buffers of their own, and one so large is not kept.
    expect(used(5, 1024 * KIB)).toBeGreaterThanOrEqual(5)
    expect(used(20, 70 * KIB)).toBeLessThan(5)
    const before = new Set(say(1, 70 * KIB))
    say(2, 3 * KIB)
    out.forget()
    say(3, 70 * KIB)
    expect(say(4, 70 * KIB).some((buffer) => before.has(buffer))).toBe(false)
  })

  it("are never written into the pool of Node.js, however large that is", () => {
    const { poolSize } = Buffer
    // Until hardly anything is left of the present pool, so that the next piece begins a new one.
    for (let left = poolSize; left > 512; ) {
      const { buffer, byteOffset } = Buffer.allocUnsafe(256)
      left = buffer.byteLength - byteOffset
    }
    try {
      Buffer.poolSize = 256 * KIB
      const out = channel({ cacheAtoms: false })
      const say = (bytes: number): readonly ArrayBufferLike[] => {
        out.write(send(1), new Uint8Array(bytes))
        const pieces = out.takePieces()
        out.giveBack(pieces)
        return pieces.map(({ buffer }) => buffer)
      }
      const [pool] = say(3 * KIB)
      expect(pool!.byteLength).toBeGreaterThanOrEqual(256 * KIB)
      for (let i = 0; i < 3; i++) expect(say(70 * KIB)).not.toContain(pool)
    } finally {
      Buffer.poolSize = poolSize
    }
  })

  it("are finished before a signal whose sender is not known", () => {
    const out = channel()
    out.write(send(1), bigOf(1, 1, 300 * KIB))
    out.write({ op: "monitorExit", from: "counter", to: B, ref: R, reason: "end" })
    out.write(send(3), "last")
    expect(receive(channel(), out.take(0)).map(([control]) => control.op)).toEqual(["send", "monitorExit", "send"])
  })

  it("arrive in the order of each sender, with whatever else, however much is taken at a time", () => {
    const step = fc.record({
      sender: fc.integer({ min: 1, max: 4 }),
      bytes: fc.constantFrom(1, 100, 70 * KIB, 200 * KIB, 500 * KIB),
      take: fc.constantFrom(undefined, 0, 1, 64 * KIB, 256 * KIB),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 15 }), fc.boolean(), (steps, cacheAtoms) => {
        const out = channel({ cacheAtoms })
        const to = channel()
        const heard: number[][] = []
        const pass = (bytes: Uint8Array): void =>
          to.receive(bytes, (_, payload) => {
            const [sender, n, data, word] = payload as [number, number, Uint8Array, unknown]
            expect(word).toBe(atom(`word ${n % 3}`))
            expect(data.length).toBe(steps[n]!.bytes)
            heard.push([sender, n])
          })
        steps.forEach(({ sender, bytes, take }, n) => {
          out.write(send(sender), [...bigOf(sender, n, bytes), atom(`word ${n % 3}`)])
          if (take !== undefined) pass(out.take(take))
        })
        while (out.pending > 0) pass(out.take(64 * KIB))
        for (const sender of [1, 2, 3, 4]) {
          const sent = steps.flatMap((one, n) => (one.sender === sender ? [n] : []))
          expect(heard.filter(([who]) => who === sender).map(([, n]) => n)).toEqual(sent)
        }
      }),
      { numRuns: 60 },
    )
  })
})
