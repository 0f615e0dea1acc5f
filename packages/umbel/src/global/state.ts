/**
 * `global` on one node: whom it knows, how far it is with each, and what follows from what it hears. Pure: events in, effects out.
 *
 * ```ts
 * const state = new GlobalState({ me: "a@host", creation: 7, extension: 0n, firstTag: 1, prevent: true })
 * state.handle({ kind: "up", node: "b@host" })        // [{ kind: "cast", node: "b@host", message: {init_connect, …} }]
 * ```
 *
 * Two nodes that meet each tell a tag, by which later messages are known to belong to this attempt. Their lockers lock both partitions with one lock;
 * each side then sends its names (`exchange`); of a name that both have, the smaller node decides (`resolve`); each tells the outcome (`resolved`), enters it, and has
 * its partition told (`new_nodes`), whose nodes connect with those that have come. Nodes are *known* once that is done, *pending* before, *synced* when
 * their names are ours.
 *
 * **No two partitions overlap.** Who loses a node tells all others so, and they let the lost one go as well; see `lost-connections.ts`. A node is not blamed
 * for a connection that was lost because of us: `innocent`.
 *
 * Rules: OTP's `global`, version 8, which the names of the effects follow.
 */
import { compare, tuple } from "../term/index.ts"
import type { Effect, GlobalEvent } from "./events.ts"
import { LostConnections } from "./lost-connections.ts"
import { Members } from "./members.ts"
import type { GlobalOptions } from "./options.ts"
import { Outbox } from "./outbox.ts"
import {
  ACK_VERSION,
  externalTerm,
  type NodeVersion,
  nodeAtom,
  nodesTerm,
  OLDEST_VERSION,
  opTerm,
  PREVENT_VERSION,
  type Said,
  VERSION,
  words,
} from "./protocol.ts"
import { type LastWords, newNodes, newSession, type Resolved, type Session } from "./session.ts"
import { Tables } from "./tables.ts"
import { Unsettled } from "./unsettled.ts"

export class GlobalState {
  readonly me: string
  readonly tables: Tables
  readonly #options: GlobalOptions
  readonly #members: Members
  /** Given up already, though still connected. */
  readonly #removing = new Set<string>()
  /** And whether it is an Umbel node. */
  readonly #connected = new Map<string, boolean>()
  readonly #sessions = new Map<string, Session>()
  /** An `init_connect` that came while there was no attempt of ours. */
  readonly #early = new Map<string, Extract<Said, { kind: "initConnect" }>>()
  readonly #lost = new LostConnections()
  readonly #unsettled: Unsettled
  readonly #out = new Outbox()
  #prevent: boolean
  #tags: number

  constructor(options: GlobalOptions) {
    this.me = options.me
    this.#members = new Members(options.me)
    this.#options = options
    this.#prevent = options.prevent
    this.#unsettled = new Unsettled(2 * options.tickMs)
    this.#tags = options.firstTag
    this.tables = new Tables((pid, on) => this.#out.do({ kind: "watch", pid, on }))
  }

  /** The nodes whose names we share. */
  get known(): readonly string[] {
    return this.#members.known.map(({ node }) => node)
  }
  get synced(): readonly string[] {
    return this.#members.synced
  }
  /** The visible nodes that are connected. */
  get connected(): readonly string[] {
    return [...this.#connected.keys()]
  }

  /** What follows. `now` in milliseconds. */
  handle(event: GlobalEvent, now: number): readonly Effect[] {
    this.#on(event, now)
    return this.take()
  }
  /** What has followed from using the tables. */
  take = (): readonly Effect[] => this.#out.take()

  #on(event: GlobalEvent, now: number): void {
    switch (event.kind) {
      case "up":
        return this.#up(event.node, event.umbel)
      case "met":
        // Not one that was let go meanwhile.
        if (this.#members.has(event.node)) this.#out.cast(event.node, words.inSync, nodeAtom(this.me), true)
        return
      case "down":
        return this.#down(event)
      case "unreachable":
        return this.#unreachable(event)
      case "initConnect":
        return this.#initConnect(event)
      case "ack":
        return this.#acknowledged(event)
      case "cancelConnect":
        return this.#cancelled(event.node, event.tag)
      case "lockSet": {
        // One of another attempt is nobody's.
        const { locker, set, tag } = event
        if (tag !== undefined && this.#sessions.get(locker.node)?.tag !== tag) return
        return this.#out.locker({ kind: "lockSet", locker, set, tag: tag === undefined ? undefined : Number(tag) })
      }
      case "lockIsSet":
        return this.#lockIsSet(event)
      case "exchange":
        return this.#exchanged(event)
      case "decided":
        return this.#decided(event)
      case "resolved":
        return this.#resolved(event)
      case "newNodes":
        return this.#newNodes(event)
      case "inSync":
        return this.#inSync(event.node)
      case "lostConnection":
        return this.#lostConnection(event, now)
      case "removeConnection":
        return this.#removeConnection(event.node)
      case "ended":
        return void this.tables.ended(event.pid)
      case "beat":
        return this.#renewStuck(now)
      case "stopping":
        this.#prevent = false
    }
  }

  // ---- coming and not coming ---------------------------------------------------------------------------------------------
  #up(node: string, umbel: boolean): void {
    this.#connected.set(node, umbel)
    // It was let go while the connection was being made, so it has not heard of it: it may know us, and answer nothing then.
    if (this.#removing.has(node)) this.#out.send(node, words.removeConnection, nodeAtom(this.me))
    this.#begin(node)
  }

  #renewStuck(now: number): void {
    const isOpen = (node: string): boolean => !this.#members.isKnown(node) || this.#early.has(node)
    for (const node of this.#unsettled.look(this.connected.filter(isOpen), now)) {
      this.#out.warn(`connects anew with ${node}: one of the two does not know the other, and nothing more comes of it`)
      this.#out.send(node, words.removeConnection, nodeAtom(this.me))
      this.#gone(node, "removed")
      this.#out.do({ kind: "renew", node })
    }
  }

  /**
   * Whoever is told lets the lost one go. OTP's nodes both tell, and both are let go by all; one word is enough, and ours is not to cost a BEAM node its cluster. One that lives tells
   * of us by itself, one that does not is missed by all. Of two Umbel nodes the smaller one tells.
   */
  #down({ node, innocent }: Extract<GlobalEvent, { kind: "down" }>): void {
    const tells = !innocent && this.#connected.get(node) === true && compare(nodeAtom(this.me), nodeAtom(node)) < 0
    this.#connected.delete(node)
    this.#out.do({ kind: "gone", node })
    this.#gone(node, tells ? "lost" : "ignored")
  }

  /** OTP's nodes have all others let it go. It is only this node that cannot reach it: so it is this one that goes. */
  #unreachable({ node, ours }: Extract<GlobalEvent, { kind: "unreachable" }>): void {
    this.#out.do({ kind: "gone", node })
    if (!this.#members.has(node)) return
    const text = `${node} is a member of this cluster, and this node ${ours ? "may not talk to it (`allow`)" : "cannot reach it"}: it leaves; mend that, or boot with \`hidden\``
    this.#out.do({ kind: "note", level: "error", text })
    this.#gone(node, "ignored")
    this.leave()
  }

  // ---- meeting -----------------------------------------------------------------------------------------------------------
  #begin(node: string): void {
    if (this.#members.isKnown(node) || this.#sessions.has(node)) return
    const session = newSession(this.#tags++)
    this.#sessions.set(node, session)
    this.#out.do({ kind: "announce", node, tag: session.tag })
    const early = this.#early.get(node)
    this.#early.delete(node)
    if (early !== undefined) this.#initConnect(early)
  }

  #initConnect(said: Extract<Said, { kind: "initConnect" }>): void {
    const { node, tag, locker } = said
    if (said.version < OLDEST_VERSION) {
      this.#out.warn(
        `${node} speaks version ${said.version} of global; ${OLDEST_VERSION} is the oldest that can be answered`,
      )
      return
    }
    if (this.#members.pending(node) !== undefined) {
      if (said.version < ACK_VERSION) {
        this.#out.warn(`${node} began anew amid an attempt, and is too old to be told so`)
        return this.#out.do({ kind: "disconnect", node })
      }
      // Neither his new attempt nor the one under way: both begin anew.
      this.#out.send(node, words.cancelConnect, nodeAtom(this.me), tag)
      this.#restart(node)
    }
    const session = this.#sessions.get(node)
    if (session === undefined) {
      if (this.#connected.has(node)) this.#early.set(node, said)
      return
    }
    const version = Math.min(said.version, VERSION)
    session.his = { tag, version }
    this.#out.locker({ kind: "him", him: { node, locker, version, tag: session.tag, hisTag: tag } })
    if (said.version >= ACK_VERSION) this.#out.send(node, words.initConnectAck, nodeAtom(this.me), tag, session.tag)
    this.#members.setPending(node, said.version)
  }

  #acknowledged({ node, ourTag, hisTag }: Extract<Said, { kind: "ack" }>): void {
    const session = this.#sessions.get(node)
    if (session !== undefined && session.tag === ourTag && session.his?.tag === hisTag) return
    this.#out.send(node, words.cancelConnect, nodeAtom(this.me), hisTag)
    if (session !== undefined) this.#restart(node)
  }

  /** The other side has given this attempt up. */
  #cancelled(node: string, tag: number | bigint): void {
    if (this.#sessions.get(node)?.tag === tag) this.#restart(node)
  }

  #restart(node: string): void {
    this.#cancel(node)
    this.#forgetAttempt(node)
    this.#members.notPending(node)
    this.#begin(node)
  }

  /** Ends the attempt as far as others take part in it: the locker, the resolver, and the other side unless it has ended there as well. */
  #cancel(node: string, casts: LastWords = []): void {
    const session = this.#sessions.get(node)
    if (session === undefined) return
    this.#out.locker({ kind: "cancel", node, tag: session.tag, casts })
    this.#out.do({ kind: "stopResolving", node })
    const version = this.#members.pending(node)
    if (version !== undefined && version >= ACK_VERSION && session.his !== undefined) {
      this.#out.send(node, words.cancelConnect, nodeAtom(this.me), session.his.tag)
    }
  }
  #forgetAttempt(node: string): void {
    this.#sessions.delete(node)
    this.#early.delete(node)
  }
  /** The attempt is over because the node is known now. */
  #arrived(node: string, casts?: LastWords): void {
    // Before the cancelling: the other side is not told to give up.
    this.#members.notPending(node)
    this.#cancel(node, casts)
    this.#forgetAttempt(node)
  }

  /** The attempt that a message belongs to; one of a former attempt frees whatever our locker still holds for it. */
  #sessionOf(node: string, tag: number | bigint): Session | undefined {
    const session = this.#sessions.get(node)
    if (session?.tag === tag) return session
    this.#out.locker({ kind: "cancel", node, tag: Number(tag), casts: [] })
    return undefined
  }

  // ---- the names of both ---------------------------------------------------------------------------------------------------
  #lockIsSet({ node, tag, requester }: Extract<GlobalEvent, { kind: "lockIsSet" }>): void {
    const session = this.#sessionOf(node, tag)
    if (session === undefined) return
    const names = this.tables.names().map(({ name, pid, method }) => tuple(name, pid, method))
    this.#out.cast(node, words.exchange, nodeAtom(this.me), names, [], session.his?.tag)
    session.requester = requester
    session.locked = true
    this.#resolve(node, session)
  }
  #exchanged({ node, names, tag }: Extract<Said, { kind: "exchange" }>): void {
    const session = this.#sessionOf(node, tag)
    if (session === undefined) return
    session.names = names
    this.#resolve(node, session)
  }
  #resolve(node: string, session: Session): void {
    const { locked, names, tag } = session
    if (!locked || names === undefined) return
    session.names = undefined
    this.#out.do({ kind: "resolve", node, tag, names })
  }

  #decided({ node, tag, ops, theirs }: Extract<GlobalEvent, { kind: "decided" }>): void {
    const session = this.#sessionOf(node, tag)
    if (session === undefined) return
    const known = nodesTerm(this.#members.known, this.#members.version(node) >= PREVENT_VERSION)
    const external = this.tables.external().map(externalTerm)
    const done = theirs.map(opTerm)
    this.#out.cast(node, words.resolved, nodeAtom(this.me), done, known, words.unused, external, session.his?.tag)
    session.ops = ops
    this.#merge(node, session)
  }
  #resolved(said: Resolved): void {
    const session = this.#sessionOf(said.node, said.tag)
    if (session === undefined) return
    session.resolved = said
    this.#merge(said.node, session)
  }

  /** Both have decided: their names are ours, and our partition is told of the nodes that have come. */
  #merge(node: string, session: Session): void {
    const { ops: ours, resolved, requester } = session
    if (ours === undefined || resolved === undefined) return
    const ops = [...ours, ...resolved.ops]
    const before = this.#members.known
    const come = [{ node, version: 0 }, ...resolved.known].map((one) => this.#members.versioned(one))
    const his = resolved.known.map((one) => one.node).filter((one) => one !== this.me)
    for (const one of his) this.#out.do({ kind: "meet", node: one })
    this.tables.apply(ops, resolved.external, { requester })
    this.#out.do({ kind: "synced", node })
    for (const one of his) this.#arrived(one)
    // Sent by the locker, before it gives the lock back: so the news is heard while the lock still stands for it.
    this.#arrived(node, newNodes(this.me, session, { ops, come }, before))
    this.#addKnown(come)
    this.#removing.delete(node)
    this.#members.setSynced(node)
  }

  #newNodes({ ops, external, nodes, requester }: Extract<Said, { kind: "newNodes" }>): void {
    const added = this.#addKnown(nodes)
    for (const node of added) this.#out.do({ kind: "meet", node })
    this.tables.apply(ops, external, { requester })
  }

  #inSync(node: string): void {
    this.#out.do({ kind: "synced", node })
    this.#members.setSynced(node)
    this.#arrived(node)
  }

  // ---- who is known --------------------------------------------------------------------------------------------------------
  /** Those that were not known before. */
  #addKnown(nodes: readonly NodeVersion[]): readonly string[] {
    const added = this.#members.add(nodes)
    if (added.length > 0) this.#out.locker({ kind: "known", nodes: added })
    return added
  }

  // ---- going ---------------------------------------------------------------------------------------------------------------
  /** `lost`: others are told, unless it was given up before; `removed`: it was given up, and its `down` will be no news. */
  #gone(node: string, how: "lost" | "removed" | "ignored"): void {
    this.#cancel(node)
    this.#out.locker({ kind: "unknown", node })
    this.#forgetAttempt(node)
    if (how === "removed") this.#removing.add(node)
    else if (!this.#removing.delete(node) && how === "lost") this.#tellLoss(node)
    this.#members.remove(node)
  }

  #tellLoss(node: string): void {
    if (!this.#prevent) return
    const creation = this.#options.extension + BigInt(this.#options.creation)
    this.#tellAll(node, words.lostConnection, nodeAtom(this.me), creation, this.#tags++, nodeAtom(node))
  }
  /** To all that know what it means, pending ones too. */
  #tellAll(but: string, ...message: readonly unknown[]): void {
    for (const node of this.#members.hearers(but)) this.#out.send(node, ...message)
  }

  /** `by` has lost `node`: whoever hears so says so once, and lets that node go. */
  #lostConnection(said: Extract<Said, { kind: "lostConnection" }>, now: number): void {
    const { by, creation, id, node } = said
    if (!this.#prevent || !this.#lost.isNews(said, now)) return
    this.#tellAll(by, words.lostConnection, nodeAtom(by), creation, id, nodeAtom(node))
    // We are the lost one: all others let us go, so it is only the one that lost us that is to be let go here.
    const going = node === this.me ? by : node
    if (!this.#members.has(going)) return
    if (this.#members.version(going) < PREVENT_VERSION) this.#out.do({ kind: "disconnect", node: going })
    else this.#out.send(going, words.removeConnection, nodeAtom(this.me))
    const text = `lets ${going} go, so that no partitions overlap: ${by} has lost its connection to ${node}`
    this.#out.warn(text)
    this.#gone(going, "removed")
  }

  #removeConnection(node: string): void {
    // Two that let each other go at once have both forgotten the other already. OTP's then stay connected, each with the other's names.
    if (!this.#members.has(node) && !this.#removing.has(node)) return
    this.#out.do({ kind: "disconnect", node })
    this.#out.warn(`disconnects from ${node}, which asked for it, so that no partitions overlap`)
    this.#gone(node, "removed")
  }

  /** Leaves all nodes, and none of them is lost to another by it. Those that were left. */
  leave(): readonly string[] {
    const left = this.connected
    for (const node of left) {
      this.#gone(node, "removed")
      this.#out.do({ kind: "disconnect", node })
    }
    return left
  }
}
