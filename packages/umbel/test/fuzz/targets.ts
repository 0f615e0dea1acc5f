/**
 * Everything that reads bytes from a network, as a function from bytes to how they were taken: "accepted", or the stated reason of the refusal.
 *
 * Whatever else it throws is a bug, and so is an answer that is no such reason.
 */
import { inflateSync } from "node:zlib"
import { AtomBudget, decode, encode, LIMITS, MalformedTerm } from "../../src/etf/index.ts"
import { equal } from "../../src/term/index.ts"
import {
  Acceptor,
  announced,
  Channel,
  describe,
  EpmdReplyReader,
  EpmdRequestReader,
  EpmdTable,
  type Handshake,
  type HandshakeEffect,
  Initiator,
  ProtocolError,
} from "../../src/wire/index.ts"
import { md5 } from "../wire/support.ts"
import type { Random } from "./mutate.ts"
import { A, B, COOKIE, epmdReplies, epmdRequests, handMade, handshakes, streams, terms } from "./seeds.ts"

export interface Target {
  readonly name: string
  readonly seeds: readonly Uint8Array[]
  /** Bytes of length before each frame. */
  readonly header: 0 | 2 | 4
  run(bytes: Uint8Array, random: Random): string
}

/** Small bounds: what exceeds them is to be refused long before memory is. */
const CHANNEL_BOUNDS = { frameBytes: 1 << 20, fragmentBytes: 1 << 20, fragmentSequences: 100 }
const TERM_BOUNDS = { ...LIMITS, bytes: 1 << 20 }

export function targets(): readonly Target[] {
  // Atoms are kept for ever by whoever reads them, so they are counted, as those of a peer are.
  const newAtoms = new AtomBudget(20_000)
  const bounded = { limits: TERM_BOUNDS, newAtoms }
  const { ofInitiator, ofAcceptor } = handshakes()
  const noHeaders = announced({ without: ["FRAGMENTS", "DIST_HDR_ATOM_CACHE"] })
  const old = announced({
    without: ["FRAGMENTS", "DIST_HDR_ATOM_CACHE", "EXIT_PAYLOAD", "SEND_SENDER", "SPAWN", "ALIAS"],
  })

  const term = (name: string, inflate: boolean): Target => ({
    name,
    seeds: terms(),
    header: 0,
    run(bytes, random) {
      const options = inflate
        ? { ...bounded, inflate: (deflated: Uint8Array, size: number) => inflated(deflated, size) }
        : bounded
      const read = refusing(() => decode(bytes, options))
      if ("reason" in read) return read.reason
      // What was read can be written, and is the same again.
      if (random.chance(20)) {
        const again = decode(encode(read.value, "umbel"), bounded)
        if (!equal(again, read.value))
          throw new Error("what was read is something else once it is written and read again")
      }
      return "accepted"
    },
  })

  const channel = (name: string, flags: bigint, seeds: readonly Uint8Array[]): Target => ({
    name,
    seeds,
    header: 4,
    run(bytes, random) {
      const link = new Channel({ flags, profile: "beam", limits: CHANNEL_BOUNDS, terms: TERM_BOUNDS, newAtoms })
      for (const chunk of cut(bytes, random)) {
        const read = refusing(() => link.receive(chunk, () => {}))
        if ("reason" in read) return read.reason
      }
      return "accepted"
    },
  })

  const handshake = (name: string, seeds: readonly Uint8Array[], make: (random: Random) => Handshake): Target => ({
    name,
    seeds,
    header: 2,
    run(bytes, random) {
      const side = make(random)
      for (const chunk of cut(bytes, random)) {
        const end = side.receive(chunk).find(isEnd)
        if (end !== undefined) return "failed" in end ? stated(end.failed) : "accepted"
      }
      const [closed] = side.closed()
      return closed !== undefined && "failed" in closed ? stated(closed.failed) : "accepted"
    },
  })
  const common = { flags: announced(), creation: 11, md5 }

  const reply = (kind: "alive" | "port" | "names"): Target => ({
    name: `epmd's reply to ${kind}`,
    seeds: epmdReplies(),
    header: 0,
    run(bytes, random) {
      const reader = new EpmdReplyReader(kind)
      for (const chunk of cut(bytes, random)) {
        const read = refusing(() => reader.receive(chunk))
        if ("reason" in read) return read.reason
      }
      const end = refusing(() => reader.end())
      return "reason" in end ? end.reason : "accepted"
    },
  })

  const table = new EpmdTable(100)
  return [
    term("a term", false),
    term("a term, perhaps compressed", true),
    channel("a link with headers, fragments and atom cache", announced(), [
      ...streams(announced(), "beam"),
      ...handMade(),
    ]),
    channel("a link of Umbel nodes", announced(), streams(announced(), "umbel")),
    channel("fragments", announced(), handMade()),
    channel("a link without headers", noHeaders, streams(noHeaders, "beam")),
    channel("a link of old", old, streams(old, "beam")),
    handshake("the handshake of who is connected to", ofInitiator, (random) => {
      const link = random.of(["none", "pending", "up"] as const)
      const named = random.chance(50) ? { named: { name: "given@127.0.0.1", creation: 5 } } : {}
      return new Acceptor({ ...common, us: B, challenge: 2, admit: () => ({ cookie: COOKIE, link, ...named }) })
    }),
    handshake("the handshake of who connects", ofAcceptor, () => {
      const side = new Initiator({ ...common, us: A, peer: B, cookie: COOKIE, challenge: 1 })
      side.start()
      return side
    }),
    {
      name: "a request to epmd",
      seeds: epmdRequests(),
      header: 2,
      run(bytes, random) {
        const reader = new EpmdRequestReader()
        for (const chunk of cut(bytes, random)) {
          const read = refusing(() => reader.receive(chunk))
          if ("reason" in read) return read.reason
          if (read.value?.request === "alive") register(table, read.value)
        }
        return "accepted"
      },
    },
    reply("alive"),
    reply("port"),
    reply("names"),
  ]
}

/** What epmd keeps of a request can be told again, to whoever asks. */
function register(table: EpmdTable, request: Parameters<EpmdTable["register"]>[0]): void {
  const registration = table.register(request, 1)
  if (registration === undefined) return
  table.answer({ request: "port", name: request.name }, 4369)
  table.answer({ request: "names" }, 4369)
  table.unregister(registration)
}

const isEnd = (effect: HandshakeEffect): effect is Extract<HandshakeEffect, { done: unknown } | { failed: unknown }> =>
  "done" in effect || "failed" in effect

/** The reason of a refusal; anything that is thrown otherwise is thrown on. */
function refusing<T>(read: () => T): { readonly value: T } | { readonly reason: string } {
  try {
    return { value: read() }
  } catch (thrown) {
    if (thrown instanceof MalformedTerm) return { reason: thrown.reason }
    if (thrown instanceof ProtocolError) return { reason: stated(thrown.failure) }
    throw thrown
  }
}

/** A reason has a sentence for people. */
function stated(failure: Parameters<typeof describe>[0]): string {
  if (describe(failure).length < 20) throw new Error(`${failure.reason} has no sentence`)
  return failure.reason
}

function cut(bytes: Uint8Array, random: Random): Uint8Array[] {
  if (random.chance(50)) return [bytes]
  const at = random.below(bytes.length + 1)
  return [bytes.slice(0, at), bytes.slice(at)]
}

function inflated(deflated: Uint8Array, size: number): Uint8Array {
  return new Uint8Array(inflateSync(deflated, { maxOutputLength: Math.max(1, size) }))
}
