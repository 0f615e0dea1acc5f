/**
 * The side that connects.
 *
 * ```ts
 * const handshake = new Initiator({ us: "a@127.0.0.1", peer: "b@127.0.0.1", cookie, flags: announced(), creation, challenge, md5 })
 * perform(handshake.start())
 * socket.on("data", (chunk) => perform(handshake.receive(chunk)))
 * ```
 *
 * It insists on reaching the node it wanted: the name in the challenge has to be that of `peer`, and the last digest proves
 * that the peer knows the cookie as well. With NAME_ME among its flags it says its host only and takes the name it is given.
 */
import { flag, has, missingFlags, negotiate, profileOf } from "./flags.ts"
import { checkOptions, Handshake, type HandshakeEffect, type HandshakeOptions } from "./handshake.ts"
import {
  decodeAck,
  decodeChallenge,
  decodeStatus,
  digestOf,
  encodeAliveAnswer,
  encodeName,
  encodeReply,
  sameDigest,
} from "./handshake-messages.ts"
import { latin1Bytes, nodeName, parseNodeName } from "./node-name.ts"

export interface InitiatorOptions extends HandshakeOptions {
  /** The full name of the node we want. */
  readonly peer: string
  readonly cookie: string
  /**
   * Whether to go on when the peer thinks we are connected already (it has not noticed that our last life, or the last link,
   * ended). Default: yes; the peer then drops its old link once we have proven the cookie.
   */
  readonly replaceAlive?: boolean
}

export class Initiator extends Handshake {
  private readonly options: InitiatorOptions
  private us: string
  private creation: number
  private flags = 0n
  private peerCreation = 0

  /** @throws RangeError for names, cookies and numbers that no handshake could carry. */
  constructor(options: InitiatorOptions) {
    super("status", options.peer, options.header)
    checkOptions(options)
    latin1Bytes(options.cookie, "a cookie")
    nodeName(options.peer)
    nodeName(options.us)
    this.options = options
    this.us = options.us
    this.creation = options.creation
  }

  /** The first message. */
  start(): readonly HandshakeEffect[] {
    const { us, flags, creation } = this.options
    const name = this.nameMe ? nodeName(us).host : us
    this.send(encodeName({ flags: this.nameMe ? flags & ~flag("PUBLISHED") : flags, creation, name }))
    return this.take()
  }

  protected override frame(body: Uint8Array): void {
    if (this.step === "status") this.status(body)
    else if (this.step === "challenge") this.challenge(body)
    else this.ack(body)
  }

  private get nameMe(): boolean {
    return has(this.options.flags, "NAME_ME")
  }

  private status(body: Uint8Array): void {
    const { peer } = this.options
    const status = decodeStatus(body)
    if (status.status === "not_allowed") {
      this.fail({ reason: "not_allowed", peer })
      return
    }
    if (status.status === "nok") {
      this.fail({ reason: "simultaneous", peer, winner: "theirs" })
      return
    }
    if (status.status === "named") {
      if (!this.nameMe) {
        this.fail({ reason: "malformed", step: this.step, detail: "a name we did not ask for" })
        return
      }
      if (parseNodeName(status.name) === undefined) {
        this.fail({ reason: "bad_node_name", name: status.name })
        return
      }
      this.us = status.name
      this.creation = status.creation
    } else if (this.nameMe) {
      this.fail({ reason: "no_name_given", peer })
      return
    }
    if (status.status === "alive") {
      const goOn = this.options.replaceAlive !== false
      this.send(encodeAliveAnswer(goOn))
      if (!goOn) {
        this.fail({ reason: "already_connected", peer })
        return
      }
    }
    this.step = "challenge"
  }

  private challenge(body: Uint8Array): void {
    const { peer, cookie, challenge, md5, flags } = this.options
    const message = decodeChallenge(body)
    if (message.name !== peer) {
      this.fail({ reason: "wrong_peer", wanted: peer, got: message.name })
      return
    }
    const missing = missingFlags(message.flags)
    if (missing.length > 0) {
      this.fail({ reason: "missing_flags", peer, flags: missing })
      return
    }
    this.flags = negotiate(this.nameMe ? flags & ~flag("PUBLISHED") : flags, message.flags) & ~flag("NAME_ME")
    this.peerCreation = message.creation
    this.send(encodeReply({ challenge, digest: digestOf(cookie, message.challenge, md5) }))
    this.step = "challenge ack"
  }

  private ack(body: Uint8Array): void {
    const { peer, cookie, challenge, md5 } = this.options
    const digest = decodeAck(body)
    if (!sameDigest(digest, digestOf(cookie, challenge, md5))) {
      this.fail({ reason: "cookie_mismatch", peer })
      return
    }
    const { us, creation: ourCreation, flags, peerCreation: creation } = this
    this.finish({ peer, us, ourCreation, flags, profile: profileOf(flags), creation, replaces: false })
  }
}
