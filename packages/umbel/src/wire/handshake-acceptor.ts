/**
 * The side that is connected to.
 *
 * ```ts
 * const handshake = new Acceptor({ us: "b@127.0.0.1", flags: announced(), creation, challenge, md5, admit: (peer) =>
 *   ({ cookie, link: links.get(peer.name) ?? "none" }) })
 * socket.on("data", (chunk) => perform(handshake.receive(chunk)))
 * ```
 *
 * Who may come in, with which cookie, and whether there is a link to that node already is asked of `admit`, once. If both
 * ends connect at the same time, the attempt of the node with the greater name counts, so that both ends decide alike.
 */
import type { HandshakeFailure } from "./failures.ts"
import { flag, has, missingFlags, negotiate, profileOf } from "./flags.ts"
import { checkOptions, Handshake, type HandshakeOptions } from "./handshake.ts"
import {
  decodeAliveAnswer,
  decodeName,
  decodeReply,
  digestOf,
  encodeAck,
  encodeChallenge,
  encodeStatus,
  sameDigest,
} from "./handshake-messages.ts"
import { nodeName, parseNodeName } from "./node-name.ts"

/** Who wants in. */
export interface Applicant {
  /** The full name; of one that asks for a name, the host only. */
  readonly name: string
  readonly flags: bigint
  readonly creation: number
  /** Whether it asks to be given a name. */
  readonly nameMe: boolean
}

/** The answer: not at all, or with which cookie. */
export type Admission =
  | "not_allowed"
  | {
      readonly cookie: string
      /** Our present link to that node: none, one being set up by us, or one that is up. */
      readonly link: "none" | "pending" | "up"
      /** The name and creation for one that asked to be named. Without, it is not let in. */
      readonly named?: { readonly name: string; readonly creation: number }
    }

export interface AcceptorOptions extends HandshakeOptions {
  readonly admit: (applicant: Applicant) => Admission
}

export class Acceptor extends Handshake {
  private readonly options: AcceptorOptions
  private cookie = ""
  private name = ""
  private flags = 0n
  private peerCreation = 0
  private replaces = false
  private named = false

  /** @throws RangeError for names and numbers that no handshake could carry. */
  constructor(options: AcceptorOptions) {
    super("name", undefined, options.header)
    checkOptions(options)
    nodeName(options.us)
    this.options = options
  }

  protected override frame(body: Uint8Array): void {
    if (this.step === "name") this.applicant(body)
    else if (this.step === "alive answer") this.aliveAnswer(body)
    else this.reply(body)
  }

  private applicant(body: Uint8Array): void {
    const { us, flags, admit } = this.options
    const { name, flags: theirs, creation } = decodeName(body)
    const nameMe = has(theirs, "NAME_ME")
    // Without a valid name there is nobody to answer: a BEAM node closes such a connection without a status too.
    if (parseNodeName(nameMe ? `named@${name}` : name) === undefined) {
      this.fail({ reason: "bad_node_name", name })
      return
    }
    this.peer = name
    if (name === us) {
      this.refuse({ reason: "own_name", name })
      return
    }
    const missing = missingFlags(theirs)
    if (missing.length > 0) {
      this.refuse({ reason: "missing_flags", peer: name, flags: missing })
      return
    }

    const admission = admit({ name, flags: theirs, creation, nameMe })
    if (admission === "not_allowed" || (nameMe && admission.named === undefined)) {
      this.refuse({ reason: "refused", peer: name })
      return
    }
    this.name = name
    this.cookie = admission.cookie
    this.flags = negotiate(flags, theirs) & ~flag("NAME_ME")
    this.peerCreation = creation
    if (nameMe) {
      this.named = true
      const named = nodeName(admission.named!.name)
      this.peer = this.name = named.full
      this.peerCreation = admission.named!.creation
      this.flags &= ~flag("PUBLISHED")
      this.send(encodeStatus({ status: "named", name: named.full, creation: this.peerCreation }))
      this.challenge()
      return
    }
    if (admission.link === "up") {
      this.send(encodeStatus({ status: "alive" }))
      this.step = "alive answer"
      return
    }
    if (admission.link === "none") this.send(encodeStatus({ status: "ok" }))
    else {
      if (us > name) {
        this.send(encodeStatus({ status: "nok" }))
        this.fail({ reason: "simultaneous", peer: name, winner: "ours" })
        return
      }
      this.cancelOwnAttempt(name)
      this.send(encodeStatus({ status: "ok_simultaneous" }))
    }
    this.challenge()
  }

  private aliveAnswer(body: Uint8Array): void {
    if (!decodeAliveAnswer(body)) {
      this.fail({ reason: "already_connected", peer: this.name })
      return
    }
    this.replaces = true
    this.challenge()
  }

  private challenge(): void {
    const { us, flags, creation, challenge } = this.options
    // A BEAM node that asked for a name takes it only if the challenge repeats the flag by which it asked.
    const repeated = this.named ? flags | flag("NAME_ME") : flags
    this.send(encodeChallenge({ flags: repeated, challenge, creation, name: us }))
    this.step = "challenge reply"
  }

  private reply(body: Uint8Array): void {
    const { us, challenge, md5, creation: ourCreation } = this.options
    const { name: peer, cookie, flags, peerCreation: creation, replaces } = this
    const message = decodeReply(body)
    if (!sameDigest(message.digest, digestOf(cookie, challenge, md5))) {
      this.fail({ reason: "cookie_mismatch", peer })
      return
    }
    this.send(encodeAck(digestOf(cookie, message.challenge, md5)))
    this.finish({ peer, us, ourCreation, flags, profile: profileOf(flags), creation, replaces })
  }

  private refuse(failure: HandshakeFailure): void {
    this.send(encodeStatus({ status: "not_allowed" }))
    this.fail(failure)
  }
}
