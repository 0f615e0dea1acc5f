/**
 * Distribution: who is connected, and how one gets there.
 *
 * ```ts
 * const distribution = new Distribution(node, transport, { cookie, md5 })
 * await distribution.start()
 * await node.connect("back@127.0.0.1")     // or simply: send to, call, link or monitor something there
 * ```
 *
 * A connection is made at the first signal to a node, or when a node connects to us. Without `global` beside it (`startGlobal`) a node must be *hidden*: everything works the
 * same but that it is not in `nodes()` of BEAM nodes and takes no part in their name registration.
 */
import { AtomBudget } from "../etf/index.ts"
import { type Call, type Cast, type Node, type NoteReport, noRemote, type Remote } from "../runtime/index.ts"
import { makeName, noconnection, type Pid, type Ref, type Target } from "../term/index.ts"
import {
  Acceptor,
  type Admission,
  type Applicant,
  announced,
  type Connected,
  describe,
  type HandshakeFailure,
  Initiator,
  parseNodeName,
  TICK_MS,
} from "../wire/index.ts"
import { allowing, freshName } from "./admission.ts"
import { type Attempt, SIMULTANEOUS_MS } from "./attempt.ts"
import { callFar, callHere } from "./calling.ts"
import { startGroupLeader } from "./group-leader.ts"
import { shakeHands } from "./handshaking.ts"
import { receiveSignal } from "./incoming.ts"
import { LIMITS } from "./limits.ts"
import { Link } from "./link.ts"
import { startMesh } from "./mesh.ts"
import type { GivenName } from "./naming.ts"
import { netKernel } from "./net-kernel.ts"
import { type NodeEvent, NodeEvents } from "./node-events.ts"
import type { DistributionOptions } from "./options.ts"
import { Peer } from "./peer.ts"
import type { Connection, ConnectionHandler, Transport } from "./transport.ts"

/** Nodes whose failures are remembered. */
const COMPLAINTS_MAX = 1_000

export class Distribution implements Remote {
  readonly #node: Node
  readonly #transport: Transport
  readonly #options: DistributionOptions
  readonly #allows: (node: string) => boolean
  readonly #halfOpenMax: number
  /** The atoms that each node has brought, over all its connections. */
  readonly #brought = new Map<string, AtomBudget>()
  /** Milliseconds of silence until a peer is given up. */
  readonly tickMs: number
  readonly #peers = new Map<string, Peer>()
  readonly #attempts = new Map<string, Attempt>()
  /** Nodes that have said who they are, and are not connected yet. */
  readonly #accepting = new Set<string>()
  readonly #events = new NodeEvents()
  /** Why a node could not be reached the last time. */
  readonly #complaints = new Map<string, string>()
  #leader: Pid
  #halfOpen = 0
  #closed = false

  constructor(node: Node, transport: Transport, options: DistributionOptions) {
    this.#node = node
    this.#transport = transport
    this.#options = options
    this.#allows = allowing(options.allow)
    this.#halfOpenMax = options.limits?.halfOpen ?? LIMITS.halfOpen
    this.tickMs = options.tickMs ?? TICK_MS
    this.#leader = node.root.pid
  }

  /**
   * Others can reach this node once this resolves, and it can reach them. Rejects when it cannot be found by others.
   * @param given Where the name came from, if another node gave it: the connection with that one is up then.
   */
  async start(given?: GivenName): Promise<void> {
    await this.#node.startFor(this.#node.root, netKernel as never, { name: makeName("net_kernel", undefined) })
    this.#leader = await startGroupLeader(this.#node)
    // Before the first one connects: what it sends may have to be answered.
    this.#node.remote = this
    // Visible nodes have `global` for that. A node that was given its name is a client that comes and goes: nobody could connect to it.
    const { mesh, hidden } = this.#options
    if (mesh !== false && hidden !== false && given === undefined) await startMesh(this.#node, this)
    await this.#transport.listen((connection) => this.#accept(connection))
    this.#node.attachments.set(distributionKey, this)
    this.#node.onStop(() => this.stop())
    if (given !== undefined) this.#up(given.connected, given.connection, given.adopt)
  }

  /** Leaves the cluster. */
  async stop(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const attempt of [...this.#attempts.values()]) attempt.cancel?.()
    for (const peer of [...this.#peers.values()]) {
      peer.sayGoodbye()
      peer.link?.close("this node stops")
    }
    this.#node.remote = noRemote(this.#node)
    await this.#transport.close()
  }

  /** Whether this node may talk to the node of that name. */
  allows(node: string): boolean {
    return this.#allows(node)
  }

  /** Told of nodes that come and go, until the returned disposable is disposed. */
  subscribe(listener: (event: NodeEvent) => void): Disposable {
    return this.#events.subscribe(listener)
  }

  // ---- the door of the runtime -------------------------------------------------------------------------------------------
  nodes(): readonly string[] {
    return [...this.#peers.values()].filter((peer) => peer.link !== undefined).map((peer) => peer.name)
  }
  /** The links that are up, with what went over them. */
  links(): readonly Link[] {
    return [...this.#peers.values()].flatMap((peer) => peer.link ?? [])
  }
  traffic: Remote["traffic"] = () => this.links().map((link) => link.row)
  send(from: Pid, to: Target | Ref, message: unknown): void {
    this.#to(to).send(from, to, message)
  }
  cast(from: Pid, to: Target, cast: Cast): void {
    this.#to(to).cast(from, to, cast)
  }
  call(call: Call): void {
    this.#to(call.target).call(call)
  }
  reply(from: Pid, to: { readonly pid: Pid; readonly tag: unknown }, value: unknown): void {
    this.#to(to.pid).reply(from, to, value)
  }
  waits(caller: Pid, tag: unknown): boolean {
    return this.#peers.get(caller.node)?.waits(tag) ?? true
  }
  rpc(
    caller: Pid,
    node: string,
    module: string,
    name: string,
    args: readonly unknown[],
    timeoutMs: number,
  ): Promise<unknown> {
    if (node === this.#node.name) return callHere(this.#node, caller, module, name, args)
    const call = { caller, leader: this.#leader, module, name, args, timeoutMs }
    return callFar(this.#node, this.#peer(node), call)
  }
  link(from: Pid, to: Pid): void {
    this.#to(to).linkTo(from, to)
  }
  unlink(from: Pid, to: Pid): void {
    this.#peers.get(to.node)?.unlinkFrom(from, to)
  }
  linkExit(from: Pid, to: Pid, reason: unknown): void {
    this.#peers.get(to.node)?.linkExit(from, to, reason)
  }
  exit(from: Pid, to: Pid, reason: unknown): void {
    this.#to(to).exit(from, to, reason)
  }
  monitor(from: Pid, to: Target, ref: Ref): void {
    this.#to(to).monitor(from, to, ref)
  }
  demonitor(from: Pid, to: Target, ref: Ref): void {
    this.#peers.get(to.node!)?.demonitor(from, to, ref)
  }
  ready(node: string): Promise<void> {
    return this.#peers.get(node)?.ready() ?? Promise.resolve()
  }
  onNodes(listener: (node: string, up: boolean, visible: boolean) => void): () => void {
    const subscription = this.subscribe((event) => listener(event.node, event.kind === "up", event.visible))
    return () => subscription[Symbol.dispose]()
  }
  connect(node: string): Promise<boolean> {
    if (node === this.#node.name) return Promise.resolve(true)
    const peer = this.#peer(node)
    if (peer.link !== undefined) return Promise.resolve(true)
    return new Promise((resolve) => this.#attempts.get(node)!.waiting.push(resolve))
  }
  disconnect(node: string): void {
    this.#peers.get(node)?.link?.close("it was asked for")
  }

  #to(target: Target | Ref): Peer {
    return this.#peer(target.node!)
  }

  /** The peer of that name; an attempt to reach it begins where there was none. */
  #peer(name: string): Peer {
    const known = this.#peers.get(name)
    if (known !== undefined) return known
    const peer = new Peer(this.#node, name)
    this.#peers.set(name, peer)
    const attempt: Attempt = { peer, dialed: false, cancel: undefined, yielded: false, waiting: [] }
    this.#attempts.set(name, attempt)
    if (!this.#accepting.has(name)) this.#dial(attempt)
    return peer
  }

  // ---- reaching others -----------------------------------------------------------------------------------------------------
  #dial(attempt: Attempt): void {
    const { name } = attempt.peer
    attempt.dialed = true
    const isMine = (): boolean => this.#attempts.get(name) === attempt && attempt.peer.link === undefined
    if (parseNodeName(name) === undefined) {
      queueMicrotask(() => this.#unreachable(attempt, `${JSON.stringify(name)} is no node name (name@host)`))
      return
    }
    if (!this.#allows(name)) {
      queueMicrotask(() => this.#unreachable(attempt, `${name} is not among the nodes this one may talk to (allow)`))
      return
    }
    this.#transport.dial(name).then(
      (connection) => {
        if (!isMine() || attempt.yielded || this.#closed) return connection.close()
        const handshake = new Initiator({ ...this.#ours(), peer: name, cookie: this.#options.cookie })
        attempt.cancel = shakeHands(handshake, connection, this.#node.platform.clock, {
          connected: (connected, over, adopt) => this.#up(connected, over, adopt),
          failed: (failure, trouble) => this.#attemptFailed(attempt, failure, trouble),
          cancelOwnAttempt: () => {},
        })
      },
      (error: unknown) => {
        if (isMine() && !attempt.yielded)
          this.#unreachable(attempt, error instanceof Error ? error.message : String(error))
      },
    )
  }

  #ours() {
    const node = this.#node
    const challenge = node.platform.random.uint32()
    return {
      us: node.name,
      flags: announced({ visible: this.#options.hidden === false }),
      creation: node.creation,
      challenge,
      md5: this.#options.md5,
      header: this.#transport.handshakeHeader,
    }
  }

  #attemptFailed(attempt: Attempt, failure: HandshakeFailure, trouble: string | undefined): void {
    attempt.cancel = undefined
    // The other side's attempt has come through meanwhile.
    if (this.#attempts.get(attempt.peer.name) !== attempt) return
    // Theirs is the attempt that counts; it will come, or time out and come again with the next signal.
    if (failure.reason === "simultaneous" && failure.winner === "theirs") {
      this.#node.platform.clock.after(SIMULTANEOUS_MS, () => {
        if (this.#attempts.get(attempt.peer.name) === attempt) this.#unreachable(attempt, describe(failure))
      })
      return
    }
    this.#unreachable(attempt, trouble ?? describe(failure))
  }

  #unreachable(attempt: Attempt, why: string): void {
    const { peer } = attempt
    this.#attempts.delete(peer.name)
    this.#peers.delete(peer.name)
    // Whoever needs the node may try again and again; a person is told once until something changes.
    if (this.#complaints.get(peer.name) !== why) this.#note("warning", `cannot reach ${peer.name}: ${why}`)
    if (this.#complaints.size < COMPLAINTS_MAX) this.#complaints.set(peer.name, why)
    peer.lost()
    for (const resolve of attempt.waiting) resolve(false)
  }

  // ---- being reached -------------------------------------------------------------------------------------------------------
  #accept(connection: Connection): void {
    if (this.#halfOpen >= this.#halfOpenMax) {
      this.#note(
        "warning",
        `refused a connection from ${connection.from}: ${this.#halfOpenMax} others have not said who they are yet`,
      )
      return connection.close()
    }
    this.#halfOpen++
    let [yielded, admitted]: [Attempt?, string?] = []
    const done = (): void => {
      this.#halfOpen--
      if (admitted !== undefined) this.#accepting.delete(admitted)
    }
    const admit = (applicant: Applicant): Admission => {
      const admission = this.#admit(applicant)
      if (admission !== "not_allowed" && admission.link === "none") this.#accepting.add((admitted = applicant.name))
      return admission
    }
    const handshake = new Acceptor({ ...this.#ours(), admit })
    shakeHands(handshake, connection, this.#node.platform.clock, {
      connected: (connected, over, adopt) => {
        done()
        this.#up(connected, over, adopt)
      },
      failed: (failure, trouble) => {
        done()
        const waiting = admitted === undefined ? undefined : this.#attempts.get(admitted)
        if (waiting?.dialed === false) this.#dial(waiting)
        if (yielded !== undefined && this.#attempts.get(yielded.peer.name) === yielded) {
          this.#unreachable(yielded, describe(failure))
        }
        // Whoever only looked whether something listens here (a port scan, a health check) is not worth a word.
        if (failure.reason === "closed" && failure.peer === undefined) return
        if (failure.reason === "simultaneous" || failure.reason === "already_connected") return
        this.#note("warning", `refused ${handshake.peer ?? connection.from}: ${trouble ?? describe(failure)}`)
      },
      cancelOwnAttempt: (peer) => {
        yielded = this.#attempts.get(peer)
        if (yielded === undefined) return
        yielded.yielded = true
        yielded.cancel?.()
        yielded.cancel = undefined
      },
    })
  }

  #admit(applicant: Applicant): Admission {
    const { cookie } = this.#options
    if (applicant.nameMe) {
      const named = freshName(applicant.name, this.#node.platform.random)
      return this.#allows(named.name) ? { cookie, link: "none", named } : "not_allowed"
    }
    const { name } = applicant
    if (!this.#allows(name)) return "not_allowed"
    const up = this.#peers.get(name)?.link !== undefined
    // From the first moment of our dialing: else each side could let the other in, and then take its own attempt back.
    const pending = this.#attempts.get(name)?.dialed === true
    return { cookie, link: up ? "up" : pending ? "pending" : "none" }
  }

  // ---- up and down ---------------------------------------------------------------------------------------------------------
  #up(connected: Connected, connection: Connection, adopt: (handler: ConnectionHandler) => void): void {
    const name = connected.peer
    const before = this.#peers.get(name)
    before?.link?.close(`${name} has connected anew`)
    const attempt = this.#attempts.get(name)
    // It may be the other side's that has come through: then ours must not, or it would take this one's place.
    attempt?.cancel?.()
    this.#attempts.delete(name)
    this.#complaints.delete(name)
    const peer = attempt?.peer ?? new Peer(this.#node, name)
    this.#peers.set(name, peer)
    const link: Link = new Link(
      this.#node,
      connected,
      connection,
      {
        deliver: (control, payload) => receiveSignal(this.#node, peer, control, payload),
        lost: (why) => this.#down(peer, link, why),
      },
      {
        tickMs: this.tickMs,
        limits: this.#options.limits,
        cacheAtoms: this.#options.cacheAtoms,
        brought: this.#broughtBy(name),
      },
    )
    adopt(link)
    peer.connected(link)
    this.#note("info", `connected with ${name} (${connected.profile === "umbel" ? "Umbel" : "BEAM"})`)
    for (const resolve of attempt?.waiting ?? []) resolve(true)
    this.#events.tell({ kind: "up", node: name, visible: link.isVisible })
    link.open()
  }

  #down(peer: Peer, link: Link, why: string | undefined): void {
    if (peer.link !== link) return
    if (this.#peers.get(peer.name) === peer) this.#peers.delete(peer.name)
    if (why === undefined && peer.isLeaving) this.#note("info", `${peer.name} has left`)
    else this.#note(why === undefined ? "warning" : "info", `lost ${peer.name}: ${why ?? "it closed the connection"}`)
    peer.lost()
    this.#events.tell({ kind: "down", node: peer.name, visible: link.isVisible, reason: noconnection })
  }

  /** A node that comes again is not forgiven what it brought: this node never forgets an atom either. */
  #broughtBy(name: string): AtomBudget {
    const known = this.#brought.get(name)
    if (known !== undefined) return known
    const budget = new AtomBudget(this.#options.limits?.atoms ?? LIMITS.atoms)
    this.#brought.set(name, budget)
    return budget
  }
  #note(level: NoteReport["level"], text: string): void {
    this.#node.reports.note(level, "distribution", text)
  }
}

const distributionKey = Symbol.for("umbel.distribution")

/** The distribution of a node; undefined for one that is alone. */
export function distributionOf(node: Node): Distribution | undefined {
  return node.attachments.get(distributionKey) as Distribution | undefined
}
