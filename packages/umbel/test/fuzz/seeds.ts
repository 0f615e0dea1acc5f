/** What is damaged: good bytes of every kind that comes from a network. */
import fc from "fast-check"
import { encode, encodeTo, Writer } from "../../src/etf/index.ts"
import { atom, makePid, makeRef, tuple } from "../../src/term/index.ts"
import {
  Acceptor,
  announced,
  Channel,
  encodeEpmdReply,
  encodeEpmdRequest,
  flag,
  Initiator,
} from "../../src/wire/index.ts"
import { VECTORS } from "../etf/vectors.ts"
import { MESSAGES } from "../wire/controls.ts"
import { md5 } from "../wire/support.ts"
import { framed, join } from "./mutate.ts"

export const A = "a@127.0.0.1"
export const B = "b@127.0.0.1"
export const COOKIE = "fuzz"

/** Seeds must be small, or most of the damage falls where nothing is decided. */
const SMALL = 2_000

export function terms(): Uint8Array[] {
  const bytes = VECTORS.map(({ term }) => encode(term))
  // Forms that are read and never written.
  const rare = [
    [131, 99, ...new TextEncoder().encode("1.50000000000000000000e+00"), 0, 0, 0, 0, 0],
    [131, 107, 0, 3, 1, 2, 3],
    [131, 100, 0, 2, 111, 107],
    [131, 115, 2, 111, 107],
    [131, 80, 0, 0, 0, 3, 0x78, 0x9c, 0x63, 0x65, 0x62, 0x66, 0x05, 0x00, 0x00, 0x15, 0x00, 0x0b],
    [131, 103, 100, 0, 3, 97, 64, 98, 0, 0, 0, 5, 0, 0, 0, 0, 1],
    [131, 114, 0, 2, 100, 0, 3, 97, 64, 98, 1, 0, 0, 0, 7, 0, 0, 0, 8],
    [131, 113, 119, 5, 108, 105, 115, 116, 115, 119, 3, 109, 97, 112, 97, 2],
  ].map((all) => Uint8Array.from(all))
  return [...bytes, ...rare].filter((seed) => seed.length < SMALL)
}

/** One message of each operation, and several to a stream. */
export function streams(flags: bigint, profile: "beam" | "umbel"): Uint8Array[] {
  const seeds: Uint8Array[] = []
  for (const arbitrary of Object.values(MESSAGES)) {
    for (const [control, payload] of fc.sample(arbitrary as fc.Arbitrary<readonly [never, unknown]>, {
      numRuns: 6,
      seed: 1,
    })) {
      const channel = new Channel({ flags, profile })
      try {
        channel.write(control, payload)
      } catch {
        // Not every operation is one of these flags' own.
        continue
      }
      channel.tick()
      seeds.push(channel.take().slice())
    }
  }
  const small = seeds.filter((seed) => seed.length < SMALL)
  return [...small, join(small.slice(0, 6)), join(small.slice(-6))]
}

/** Headers with cached atoms, and messages in very small pieces, which no channel of ours writes. */
export function handMade(): Uint8Array[] {
  const bare = (term: unknown): Uint8Array => {
    const writer = new Writer()
    encodeTo(writer, term, { profile: "beam" })
    return writer.take()
  }
  const send = bare(tuple(22, makePid(B, 1, 0, 7), makePid(A, 2, 0, 9)))
  const exit = bare(tuple(24, makePid(B, 1, 0, 7), makePid(A, 2, 0, 9)))
  const payload = bare(
    tuple(atom("$gen_call"), tuple(makePid(B, 1, 0, 7), makeRef(B, 7, [1, 2, 3])), { a: [1, "two"] }),
  )
  const u64 = (n: number): number[] => [0, 0, 0, 0, 0, 0, n >> 8, n & 0xff]
  const piece = (tag: number, id: number, left: number, rest: Uint8Array): Uint8Array =>
    framed(join([Uint8Array.from([131, tag, ...u64(id), ...u64(left), ...(tag === 69 ? [0] : [])]), rest]), 4)
  const cut = (at: number): [Uint8Array, Uint8Array] => [payload.subarray(0, at), payload.subarray(at)]
  const [first, rest] = cut(9)
  const [second, third] = [rest.subarray(0, 11), rest.subarray(11)]
  const fragments = (id: number): Uint8Array[] => [
    piece(69, id, 3, join([send, first])),
    piece(70, id, 2, second),
    piece(70, id, 1, third),
  ]
  const [a1, a2, a3] = fragments(5) as [Uint8Array, Uint8Array, Uint8Array]
  const [b1, b2, b3] = fragments(6) as [Uint8Array, Uint8Array, Uint8Array]
  // Two atoms, new, in slots 3 and 4 of segment 0; then the same by their slots; tag 82 stands for them.
  const cached = Uint8Array.from([131, 68, 2, 0x88, 0x00, 3, 2, 111, 107, 4, 3, 102, 111, 111])
  const again = Uint8Array.from([131, 68, 2, 0x00, 0x00, 3, 4])
  const refs = Uint8Array.from([104, 2, 82, 0, 82, 1])
  return [
    join([a1, a2, a3]),
    join([
      a1,
      b1,
      a2,
      b2,
      framed(join([Uint8Array.from([131, 68, 0]), exit, refs.subarray(0, 0), payload]), 4),
      b3,
      a3,
    ]),
    join([framed(join([cached, send, refs]), 4), framed(join([again, send, refs]), 4)]),
    join([a1, framed(join([cached, send, refs]), 4), a2, framed(new Uint8Array(0), 4), a3]),
    piece(69, 9, 1, join([exit, payload])),
  ]
}

const us = { flags: announced(), creation: 11, md5 }

/** What the side that connects says, and what the side that is connected to says, up to the end; each a stream. */
export function handshakes(): { readonly ofInitiator: Uint8Array[]; readonly ofAcceptor: Uint8Array[] } {
  const ofInitiator: Uint8Array[] = []
  const ofAcceptor: Uint8Array[] = []
  for (const flags of [announced(), announced({ visible: true }), announced({ nameMe: true }), 0xd07df7fbdn, 0n]) {
    for (const link of ["none", "pending", "up"] as const) {
      const named = (flags & flag("NAME_ME")) !== 0n ? { named: { name: "given@127.0.0.1", creation: 5 } } : {}
      const a = new Initiator({ ...us, us: A, peer: B, flags, cookie: COOKIE, challenge: 1 })
      const b = new Acceptor({ ...us, us: B, challenge: 2, admit: () => ({ cookie: COOKIE, link, ...named }) })
      const said: [Uint8Array[], Uint8Array[]] = [[], []]
      let toB = a.start()
      for (let round = 0; round < 4; round++) {
        const bytes = toB.flatMap((effect) => ("send" in effect ? [effect.send] : []))
        said[0].push(...bytes)
        const back = bytes.flatMap((chunk) => [...b.receive(chunk)]).flatMap((e) => ("send" in e ? [e.send] : []))
        said[1].push(...back)
        toB = back.flatMap((chunk) => [...a.receive(chunk)])
      }
      ofInitiator.push(join(said[0]))
      ofAcceptor.push(join(said[1]))
    }
  }
  const some = (all: Uint8Array[]): Uint8Array[] => all.filter((bytes) => bytes.length > 0)
  return { ofInitiator: some(ofInitiator), ofAcceptor: some(ofAcceptor) }
}

const node = { name: "back", port: 40_001, hidden: true, highest: 6, lowest: 6, extra: Uint8Array.of(1, 2) }

export const epmdRequests = (): Uint8Array[] => [
  encodeEpmdRequest({ request: "alive", ...node }),
  encodeEpmdRequest({ request: "port", name: "back" }),
  encodeEpmdRequest({ request: "names" }),
  encodeEpmdRequest({ request: "dump" }),
  encodeEpmdRequest({ request: "kill" }),
  encodeEpmdRequest({ request: "stop", name: "back" }),
]

export const epmdReplies = (): Uint8Array[] => [
  encodeEpmdReply({ reply: "alive", creation: 77, wide: true }),
  encodeEpmdReply({ reply: "alive", creation: undefined, wide: false }),
  encodeEpmdReply({ reply: "port", found: node }),
  encodeEpmdReply({ reply: "port", found: undefined }),
  encodeEpmdReply({ reply: "names", port: 4369, nodes: [node, { ...node, name: "żółw" }] }),
]
