import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { HandshakeFailure } from "../../src/wire/failures.ts"
import { announced, flag, has } from "../../src/wire/flags.ts"
import { frame16 } from "../../src/wire/frame.ts"
import type { Connected, Handshake, HandshakeEffect } from "../../src/wire/handshake.ts"
import { Acceptor, type AcceptorOptions } from "../../src/wire/handshake-acceptor.ts"
import { Initiator, type InitiatorOptions } from "../../src/wire/handshake-initiator.ts"
import {
  decodeChallenge,
  decodeName,
  digestOf,
  encodeAck,
  encodeChallenge,
  encodeName,
  encodeStatus,
  sameDigest,
} from "../../src/wire/handshake-messages.ts"
import { expectSameForAnyCut, hex, join, md5, toHex } from "./support.ts"

const A = "a@127.0.0.1"
const B = "b@127.0.0.1"
/** OTP 25 and 27, visible. */
const OTP = 0xd07df7fbdn

const initiator = (options: Partial<InitiatorOptions> = {}) =>
  new Initiator({
    us: A,
    peer: B,
    flags: announced(),
    creation: 11,
    challenge: 0xfffffffe,
    cookie: "secret",
    md5,
    ...options,
  })

const acceptor = (options: Partial<AcceptorOptions> = {}) =>
  new Acceptor({
    us: B,
    flags: announced(),
    creation: 22,
    challenge: 7,
    md5,
    admit: () => ({ cookie: "secret", link: "none" }),
    ...options,
  })

interface Outcome {
  readonly done?: Connected
  readonly failed?: HandshakeFailure
  readonly cancelled?: string
}

/** Lets two sides talk until neither has anything to say. */
function talk(a: Initiator, b: Acceptor): { a: Outcome; b: Outcome; said: string[] } {
  const outcomes: [Outcome, Outcome] = [{}, {}]
  const said: string[] = []
  const queue: { to: 0 | 1; bytes: Uint8Array }[] = []
  const perform = (side: 0 | 1, effects: readonly HandshakeEffect[]) => {
    for (const effect of effects) {
      if ("send" in effect) {
        said.push(String.fromCharCode(effect.send[2]!))
        queue.push({ to: side === 0 ? 1 : 0, bytes: effect.send })
      } else if ("cancelOwnAttempt" in effect)
        outcomes[side] = { ...outcomes[side], cancelled: effect.cancelOwnAttempt }
      else outcomes[side] = { ...outcomes[side], ...effect }
    }
  }
  const sides: [Handshake, Handshake] = [a, b]
  perform(0, a.start())
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    perform(next.to, sides[next.to].receive(next.bytes))
  }
  // Who failed closes, and the other side hears of it.
  perform(0, outcomes[1].failed ? a.closed() : [])
  perform(1, outcomes[0].failed ? b.closed() : [])
  return { a: outcomes[0], b: outcomes[1], said }
}

describe("the digest", () => {
  it("is the one that erlang:md5 gives", () => {
    expect(toHex(digestOf("secret", 0, md5))).toBe("175ec77a7f63082590987d0d8b051aff")
    expect(toHex(digestOf("secret", 4294967295, md5))).toBe("5dfd181e69aa587cc812eb333e6536b6")
    expect(toHex(digestOf("monster", 1792, md5))).toBe("6b5e7c8bd261fd5e6beab255167aaa64")
    expect(toHex(digestOf("été", 7, md5))).toBe("1d9c6552c3448ced3af9621bfca53632")
    expect(() => digestOf("łódź", 7, md5)).toThrow("a cookie may hold Latin-1 characters only")
  })

  it("is compared whole", () => {
    const digest = digestOf("secret", 0, md5)
    expect(sameDigest(digest, digest.slice())).toBe(true)
    for (let i = 0; i < 16; i++) {
      const other = digest.slice()
      other[i]! ^= 0x80
      expect(sameDigest(digest, other)).toBe(false)
    }
    expect(sameDigest(digest, digest.slice(0, 15))).toBe(false)
    expect(sameDigest(digest, new Uint8Array(0))).toBe(false)
  })
})

describe("the messages", () => {
  it("are these bytes", () => {
    const name = encodeName({ flags: 0x0102030405060708n, creation: 0x0a0b0c0d, name: "a@h" })
    expect(toHex(name)).toBe("00124e01020304050607080a0b0c0d0003614068")
    const challenge = encodeChallenge({ flags: 1n, challenge: 2, creation: 3, name: "é@h" })
    expect(toHex(challenge)).toBe("00164e000000000000000100000002000000030003e94068")
    expect(toHex(encodeStatus({ status: "ok_simultaneous" }))).toBe("0010736f6b5f73696d756c74616e656f7573")
    expect(toHex(encodeStatus({ status: "named", name: "é@h", creation: 9 }))).toBe(
      "0011736e616d65643a0004c3a9406800000009",
    )
  })
})

describe("two nodes", () => {
  it("become connected, each with the other's name, creation and the flags of both", () => {
    const { a, b, said } = talk(initiator(), acceptor({ flags: OTP | flag("PUBLISHED") }))
    expect(said).toEqual(["N", "s", "N", "r", "a"])
    expect(a.done).toMatchObject({ peer: B, us: A, creation: 22, ourCreation: 11, profile: "beam", replaces: false })
    expect(b.done).toMatchObject({ peer: A, us: B, creation: 11, ourCreation: 22, profile: "beam", replaces: false })
    expect(a.done?.flags).toBe(b.done?.flags)
    expect(a.done?.flags).toBe(announced() & OTP)
    expect([a.failed, b.failed]).toEqual([undefined, undefined])
  })

  it("that are both of Umbel use its profile", () => {
    expect(talk(initiator(), acceptor()).b.done?.profile).toBe("umbel")
  })

  it("are visible to one another only if both want it", () => {
    const visible = announced({ visible: true })
    expect(has(talk(initiator({ flags: visible }), acceptor({ flags: visible })).a.done!.flags, "PUBLISHED")).toBe(true)
    expect(has(talk(initiator({ flags: visible }), acceptor()).a.done!.flags, "PUBLISHED")).toBe(false)
  })

  it("with different cookies: the acceptor notices, and the initiator is told what the close most likely means", () => {
    const { a, b } = talk(initiator({ cookie: "other" }), acceptor())
    expect(b.failed).toEqual({ reason: "cookie_mismatch", peer: A })
    expect(a.failed).toEqual({ reason: "closed", peer: B, step: "challenge ack" })
  })

  it("with a cookie for each peer", () => {
    const admit: AcceptorOptions["admit"] = (peer) => ({ cookie: `for ${peer.name}`, link: "none" })
    expect(talk(initiator({ cookie: `for ${A}` }), acceptor({ admit })).a.done).toBeDefined()
    expect(talk(initiator({ us: "c@h", cookie: `for ${A}` }), acceptor({ admit })).b.failed).toEqual({
      reason: "cookie_mismatch",
      peer: "c@h",
    })
  })

  it("of which the acceptor does not know the cookie: the initiator notices", () => {
    const a = initiator()
    a.start()
    a.receive(join(encodeStatus({ status: "ok" }), encodeChallenge({ flags: OTP, challenge: 1, creation: 2, name: B })))
    const effects = a.receive(encodeAck(digestOf("guess", 0xfffffffe, md5)))
    expect(effects).toEqual([{ failed: { reason: "cookie_mismatch", peer: B } }])
  })

  it("of which one is another than was wanted", () => {
    const { a, b } = talk(initiator(), acceptor({ us: "c@127.0.0.1" }))
    expect(a.failed).toEqual({ reason: "wrong_peer", wanted: B, got: "c@127.0.0.1" })
    expect(b.failed).toEqual({ reason: "closed", peer: A, step: "challenge reply" })
  })

  it("of which the acceptor does not allow the initiator", () => {
    const { a, b } = talk(initiator(), acceptor({ admit: () => "not_allowed" }))
    expect(a.failed).toEqual({ reason: "not_allowed", peer: B })
    expect(b.failed).toEqual({ reason: "refused", peer: A })
  })

  it("that bear the same name", () => {
    const { a, b } = talk(initiator({ us: B, peer: B }), acceptor())
    expect(a.failed).toEqual({ reason: "not_allowed", peer: B })
    expect(b.failed).toEqual({ reason: "own_name", name: B })
  })

  it("of which one lacks mandatory flags", () => {
    const lacking = announced({ without: ["MANDATORY_25_DIGEST", "UTF8_ATOMS", "UNLINK_ID"] })
    const flags = ["UTF8_ATOMS", "UNLINK_ID"]
    const first = talk(initiator({ flags: lacking }), acceptor())
    expect(first.a.failed).toEqual({ reason: "not_allowed", peer: B })
    expect(first.b.failed).toEqual({ reason: "missing_flags", peer: A, flags })
    const second = talk(initiator(), acceptor({ flags: lacking }))
    expect(second.a.failed).toEqual({ reason: "missing_flags", peer: B, flags })
    expect(second.b.failed).toMatchObject({ reason: "closed" })
  })

  it("that connect to one another at once end up with the one attempt of the greater name", () => {
    const pending: AcceptorOptions["admit"] = () => ({ cookie: "secret", link: "pending" })
    // A connects to B, and B has its own attempt pending: B is greater, so B's counts.
    const refused = talk(initiator(), acceptor({ admit: pending }))
    expect(refused.a.failed).toEqual({ reason: "simultaneous", peer: B, winner: "theirs" })
    expect(refused.b.failed).toEqual({ reason: "simultaneous", peer: A, winner: "ours" })
    expect(refused.b.cancelled).toBeUndefined()
    // B connects to A, and A has its own attempt pending: A gives that up.
    const accepted = talk(initiator({ us: B, peer: A }), acceptor({ us: A, admit: pending }))
    expect(accepted.b.cancelled).toBe(B)
    expect(accepted.a.done?.peer).toBe(A)
    expect(accepted.b.done?.peer).toBe(B)
  })

  it("of which the acceptor thinks they are connected: the initiator may go on, and replaces the old link", () => {
    const admit: AcceptorOptions["admit"] = () => ({ cookie: "secret", link: "up" })
    const on = talk(initiator(), acceptor({ admit }))
    expect(on.said).toEqual(["N", "s", "s", "N", "r", "a"])
    expect(on.a.done?.peer).toBe(B)
    expect(on.b.done?.replaces).toBe(true)
    const off = talk(initiator({ replaceAlive: false }), acceptor({ admit }))
    expect(off.a.failed).toEqual({ reason: "already_connected", peer: B })
    expect(off.b.failed).toEqual({ reason: "already_connected", peer: A })
    // Without the cookie, nothing is replaced.
    expect(talk(initiator({ cookie: "guess" }), acceptor({ admit })).b.failed).toMatchObject({
      reason: "cookie_mismatch",
    })
  })

  it("of which the acceptor names the initiator, who is then hidden", () => {
    const named = { name: "G1@127.0.0.1", creation: 77 }
    const admit: AcceptorOptions["admit"] = (peer) => {
      expect(peer).toMatchObject({ name: "127.0.0.1", nameMe: true })
      return { cookie: "secret", link: "none", named }
    }
    const flags = announced({ visible: true, nameMe: true }) | flag("PUBLISHED")
    const { a, b } = talk(initiator({ flags }), acceptor({ flags: announced({ visible: true }), admit }))
    expect(a.done).toMatchObject({ us: named.name, ourCreation: 77, peer: B })
    expect(b.done).toMatchObject({ peer: named.name, creation: 77 })
    for (const { done } of [a, b]) {
      expect(has(done!.flags, "PUBLISHED")).toBe(false)
      expect(has(done!.flags, "NAME_ME")).toBe(false)
    }
  })

  it("of which the acceptor repeats the flag by which it was asked for a name: a BEAM node insists on that", () => {
    const named = { name: "G1@127.0.0.1", creation: 77 }
    const b = acceptor({ admit: () => ({ cookie: "secret", link: "none", named }) })
    const request = encodeName({ flags: OTP | flag("NAME_ME"), creation: 0, name: "127.0.0.1" })
    const [, challenge] = b.receive(request) as readonly { send: Uint8Array }[]
    expect(has(decodeChallenge(challenge!.send.slice(2)).flags, "NAME_ME")).toBe(true)
    const [, plain] = acceptor().receive(encodeName({ flags: OTP, creation: 1, name: A })) as { send: Uint8Array }[]
    expect(has(decodeChallenge(plain!.send.slice(2)).flags, "NAME_ME")).toBe(false)
  })

  it("of which the initiator asks for a name and gets none", () => {
    const flags = announced({ nameMe: true })
    const admit: AcceptorOptions["admit"] = () => ({ cookie: "secret", link: "none" })
    expect(talk(initiator({ flags }), acceptor({ admit })).b.failed).toEqual({ reason: "refused", peer: "127.0.0.1" })
    const a = initiator({ flags })
    a.start()
    expect(a.receive(encodeStatus({ status: "ok" }))).toEqual([{ failed: { reason: "no_name_given", peer: B } }])
    const invalid = initiator({ flags })
    invalid.start()
    expect(invalid.receive(encodeStatus({ status: "named", name: "nobody", creation: 1 }))).toEqual([
      { failed: { reason: "bad_node_name", name: "nobody" } },
    ])
  })

  it("find what was sent right behind the last message", () => {
    const a = initiator()
    a.start()
    a.receive(join(encodeStatus({ status: "ok" }), encodeChallenge({ flags: OTP, challenge: 1, creation: 2, name: B })))
    const effects = a.receive(join(encodeAck(digestOf("secret", 0xfffffffe, md5)), hex("00000000 000000ff 7083")))
    expect(effects).toMatchObject([{ done: { leftover: hex("00000000 000000ff 7083") } }])
    expect(a.receive(hex("00"))).toEqual([])
    expect(a.closed()).toEqual([])
  })
})

describe("a C node", () => {
  it("is let in with the flags that erl_call of OTP 25 announces", () => {
    const flags = 0x407074f9cn
    const { b } = talk(initiator({ us: "c17@vm", flags }), acceptor())
    expect(b.done).toMatchObject({ peer: "c17@vm", profile: "beam" })
  })
})

describe("either side", () => {
  /** All that one side hears in a handshake that succeeds, and what it has to do then. */
  function record(): { toA: Uint8Array; toB: Uint8Array } {
    const a = initiator()
    const b = acceptor()
    const toA: Uint8Array[] = []
    const toB: Uint8Array[] = []
    const sent = (effects: readonly HandshakeEffect[]) => effects.flatMap((e) => ("send" in e ? [e.send] : []))
    let forB = sent(a.start())
    while (forB.length > 0) {
      toB.push(...forB)
      const forA = sent(b.receive(join(...forB)))
      toA.push(...forA)
      forB = sent(a.receive(join(...forA)))
    }
    return { toA: join(...toA), toB: join(...toB) }
  }

  it("does the same for any cut of the bytes", () => {
    const { toA, toB } = record()
    const heardByA = expectSameForAnyCut<HandshakeEffect>(toA, () => {
      const a = initiator()
      a.start()
      return (chunk, effects) => effects.push(...a.receive(chunk))
    })
    expect(heardByA.map((effect) => Object.keys(effect)[0])).toEqual(["send", "done"])
    const heardByB = expectSameForAnyCut<HandshakeEffect>(toB, () => {
      const b = acceptor()
      return (chunk, effects) => effects.push(...b.receive(chunk))
    })
    expect(heardByB.map((effect) => Object.keys(effect)[0])).toEqual(["send", "send", "send", "done"])
  })

  it("ignores bytes behind the known fields", () => {
    const longer = (frame: Uint8Array) => frame16(join(frame.slice(2), hex("000102")))
    const b = acceptor()
    expect(b.receive(longer(encodeName({ flags: OTP, creation: 1, name: A })))).toHaveLength(2)
    const a = initiator({ flags: announced({ nameMe: true }) })
    a.start()
    expect(a.receive(longer(encodeStatus({ status: "named", name: "x@h", creation: 1 })))).toEqual([])
    const challenge = longer(encodeChallenge({ flags: OTP, challenge: 1, creation: 2, name: B }))
    expect(a.receive(challenge)).toHaveLength(1)
  })

  it("refuses the handshake of old nodes with its reason", () => {
    const failed = [{ failed: { reason: "old_handshake" } }]
    expect(acceptor().receive(frame16(hex("6e 0005 00000000 614068")))).toEqual(failed)
    const a = initiator()
    a.start()
    expect(a.receive(join(encodeStatus({ status: "ok" }), frame16(hex("6e 0005 00000000 00000000 614068"))))).toEqual(
      failed,
    )
  })

  it("refuses what is no node name, without an answer", () => {
    for (const name of ["a", "@h", "a@", "a@b@c", ""]) {
      expect(acceptor().receive(encodeName({ flags: OTP, creation: 1, name }))).toEqual([
        { failed: { reason: "bad_node_name", name } },
      ])
    }
  })

  it("says what came instead of a message", () => {
    const http = new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")
    expect(acceptor().receive(http)).toEqual([
      {
        failed: {
          reason: "malformed",
          step: "name",
          detail: expect.stringContaining("a frame of 18245 bytes exceeds the limit"),
        },
      },
    ])
    const detail = (frame: string) => {
      const a = initiator()
      a.start()
      return (a.receive(frame16(hex(frame))) as readonly { failed: { detail: string } }[])[0]?.failed.detail
    }
    expect(detail("")).toBe("an empty frame")
    expect(detail("4e")).toBe("a frame that starts with 78")
    expect(detail("7368692e")).toBe('the status "hi."')
    expect(detail("736e616d65643a0004c3a9")).toBe("only 11 bytes")
    expect(detail("736e616d65643a")).toBe("only 7 bytes")
    expect(detail("736e616d65643a0001c300000001")).toBe("a name that is no UTF-8")
    expect(detail("736e616d65643a00016100000001")).toBe("a name we did not ask for")
  })

  it("tells in which step a peer fell silent", () => {
    const a = initiator()
    a.start()
    expect(a.timedOut(7000)).toEqual([{ failed: { reason: "timeout", peer: B, step: "status", ms: 7000 } }])
    expect(a.timedOut(7000)).toEqual([])
    expect(acceptor().timedOut(7000)).toEqual([
      { failed: { reason: "timeout", peer: undefined, step: "name", ms: 7000 } },
    ])
  })

  it("refuses options that no handshake could carry", () => {
    expect(() => initiator({ creation: 0 })).toThrow("a creation is never 0")
    expect(() => initiator({ challenge: 2 ** 32 })).toThrow("expected 32 bits as challenge, got 4294967296")
    expect(() => initiator({ peer: "b" })).toThrow('"b" is no node name')
    expect(() => initiator({ cookie: "ł" })).toThrow("a cookie may hold")
    expect(() => acceptor({ us: "b" })).toThrow('"b" is no node name')
  })

  it("never throws, and never gives more than one outcome, whatever comes", () => {
    const { toA, toB } = record()
    const mutation = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.boolean(), mutation, (asInitiator, changes) => {
        const bytes = (asInitiator ? toA : toB).slice()
        for (const [at, mask] of changes) bytes[at % bytes.length]! ^= mask
        const side = asInitiator ? initiator() : acceptor()
        if (side instanceof Initiator) side.start()
        const effects = [...side.receive(bytes), ...side.closed()]
        const outcomes = effects.filter((effect) => "done" in effect || "failed" in effect)
        expect(outcomes).toHaveLength(1)
        expect(effects.at(-1)).toBe(outcomes[0])
      }),
      { numRuns: 2000 },
    )
  })

  it("reads the name that it wrote", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.nat({ max: 0xffffffff }), (flags, creation) => {
        expect(decodeName(encodeName({ flags, creation, name: A }).slice(2))).toEqual({ flags, creation, name: A })
      }),
    )
  })
})
