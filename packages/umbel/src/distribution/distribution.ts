/**
 * Distribution: who is connected, and how one gets there.
 *
 * ```ts
 * const distribution = new Distribution(node, transport, { cookie, md5 })
 * await distribution.start()
 * await node.connect("back@127.0.0.1")     // or simply: send to, call, link or monitor something there
 * ```
 *
 * A connection is made at the first signal to a node, or when a node connects to us. As long as `global` is not spoken the node is *hidden*:
 * everything works the same but that it is not in `nodes()` of BEAM nodes and takes no part in their name registration.
 */
import {
  type Call,
  CallExit,
  type Cast,
  type Node,
  type NoteReport,
  noRemote,
  type Remote,
  RpcFailed,
} from "../runtime/index.ts"
import { atom, copy, makeName, noconnection, type Pid, type Ref, type Target, timeout } from "../term/index.ts"
import {
  Acceptor,
  type Admission,
  type Applicant,
  announced,
  type Connected,
  describe,
  type HandshakeFailure,
  Initiator,
  type Md5,
  parseNodeName,
  TICK_MS,
} from "../wire/index.ts"
import type { Attempt } from "./attempt.ts"
import { type ErpcOutcome, readOutcome, serve } from "./functions.ts"
import { startGroupLeader } from "./group-leader.ts"
import { shakeHands } from "./handshaking.ts"
import { receiveSignal } from "./incoming.ts"
import { Link } from "./link.ts"
import { netKernel } from "./net-kernel.ts"
import { Peer } from "./peer.ts"
import type { Connection, ConnectionHandler, Transport } from "./transport.ts"

export interface DistributionOptions {
  /** What two nodes must share to talk. Never logged. */
  readonly cookie: string
  readonly md5: Md5
  /** Milliseconds of silence until a peer is given up; 60,000 unless told, as OTP's `net_ticktime`. Peers should agree. */
  readonly tickMs?: number | undefined
}

/** Connections to us whose handshake is not over, at most. */
const HALF_OPEN_MAX = 256

/** Nodes whose failures are remembered. */
const COMPLAINTS_MAX = 1_000

export class Distribution implements Remote {
  readonly #node: Node
  readonly #transport: Transport
  readonly #options: DistributionOptions
  /** Milliseconds of silence until a peer is given up. */
  readonly tickMs: number
  readonly #peers = new Map<string, Peer>()
  readonly #attempts = new Map<string, Attempt>()
  readonly #listeners = new Set<(event: NodeEvent) => void>()
  /** Why a node could not be reached the last time. */
  readonly #complaints = new Map<string, string>()
  #leader: Pid
  #halfOpen = 0
  #closed = false

  constructor(node: Node, transport: Transport, options: DistributionOptions) {
    this.#node = node
    this.#transport = transport
    this.#options = options
    this.tickMs = options.tickMs ?? TICK_MS
    this.#leader = node.root.pid
  }

  /** Others can reach this node once this resolves, and it can reach them. Rejects when it cannot be found by others. */
  async start(): Promise<void> {
    await this.#node.startFor(this.#node.root, netKernel as never, { name: makeName("net_kernel", undefined) })
    this.#leader = await startGroupLeader(this.#node)
    await this.#transport.listen((connection) => this.#accept(connection))
    this.#node.remote = this
    this.#node.attachments.set(distributionKey, this)
    this.#node.onStop(() => this.stop())
  }

  /** Leaves the cluster. */
  async stop(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const attempt of [...this.#attempts.values()]) attempt.cancel?.()
    for (const peer of [...this.#peers.values()]) peer.link?.close("this node stops")
    this.#node.remote = noRemote(this.#node)
    await this.#transport.close()
  }

  /** Told of nodes that come and go, until the returned disposable is disposed. */
  subscribe(listener: (event: NodeEvent) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  // ---- the door of the runtime -------------------------------------------------------------------------------------------
  nodes(): readonly string[] {
    return [...this.#peers.values()].filter((peer) => peer.link !== undefined).map((peer) => peer.name)
  }
  /** The links that are up, with what went over them. */
  links(): readonly Link[] {
    return [...this.#peers.values()].flatMap((peer) => peer.link ?? [])
  }
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
  rpc(
    caller: Pid,
    node: string,
    module: string,
    name: string,
    args: readonly unknown[],
    timeoutMs: number,
  ): Promise<unknown> {
    const mine = this.#node
    if (node === mine.name) return callHere(mine, caller, module, name, args)
    const peer = this.#peer(node)
    return new Promise((resolve, reject) => {
      const late = Number.isFinite(timeoutMs) ? mine.platform.clock.after(timeoutMs, () => lost(timeout)) : undefined
      const lost = (reason: unknown): void => {
        late?.cancel()
        forget()
        reject(
          new CallExit(
            reason,
            makeName(module, node),
            name,
            timeoutMs === Number.POSITIVE_INFINITY ? "infinity" : timeoutMs,
          ),
        )
      }
      const done = (outcome: ErpcOutcome): void => {
        late?.cancel()
        if (outcome.kind === "return") resolve(outcome.value)
        else if (outcome.kind === "lost") lost(outcome.reason)
        else reject(new RpcFailed(`${module}:${name} on ${node}`, outcome.kind, outcome.reason, outcome.stack))
      }
      const request = { ref: mine.identities.ref(), module, name, args: copy(args) }
      const forget = peer.erpc(caller, this.#leader, request, done)
    })
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
    return this.#peers.get(node)?.link?.ready() ?? Promise.resolve()
  }
  onNodes(listener: (node: string, up: boolean) => void): () => void {
    const subscription = this.subscribe((event) => listener(event.node, event.kind === "up"))
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
    const attempt: Attempt = { peer, cancel: undefined, yielded: false, waiting: [] }
    this.#attempts.set(name, attempt)
    this.#dial(attempt)
    return peer
  }

  // ---- reaching others -----------------------------------------------------------------------------------------------------
  #dial(attempt: Attempt): void {
    const { name } = attempt.peer
    const isMine = (): boolean => this.#attempts.get(name) === attempt && attempt.peer.link === undefined
    if (parseNodeName(name) === undefined) {
      queueMicrotask(() => this.#unreachable(attempt, `${JSON.stringify(name)} is no node name (name@host)`))
      return
    }
    this.#transport.dial(name).then(
      (connection) => {
        if (!isMine() || attempt.yielded || this.#closed) return connection.close()
        const handshake = new Initiator({ ...this.#ours(), peer: name, cookie: this.#options.cookie })
        attempt.cancel = shakeHands(handshake, connection, this.#node.platform.clock, {
          connected: (connected, over, adopt) => this.#up(connected, over, adopt),
          failed: (failure) => this.#attemptFailed(attempt, failure),
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
    return { us: node.name, flags: announced(), creation: node.creation, challenge, md5: this.#options.md5 }
  }

  #attemptFailed(attempt: Attempt, failure: HandshakeFailure): void {
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
    this.#unreachable(attempt, describe(failure))
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
    if (this.#halfOpen >= HALF_OPEN_MAX) {
      this.#note(
        "warning",
        `refused a connection from ${connection.from}: ${HALF_OPEN_MAX} others have not said who they are yet`,
      )
      return connection.close()
    }
    this.#halfOpen++
    const done = (): void => void this.#halfOpen--
    let yielded: Attempt | undefined
    const handshake = new Acceptor({ ...this.#ours(), admit: (applicant) => this.#admit(applicant) })
    shakeHands(handshake, connection, this.#node.platform.clock, {
      connected: (connected, over, adopt) => {
        done()
        this.#up(connected, over, adopt)
      },
      failed: (failure) => {
        done()
        if (yielded !== undefined && this.#attempts.get(yielded.peer.name) === yielded) {
          this.#unreachable(yielded, describe(failure))
        }
        // Whoever only looked whether something listens here (a port scan, a health check) is not worth a word.
        if (failure.reason === "closed" && failure.peer === undefined) return
        if (failure.reason === "simultaneous" || failure.reason === "already_connected") return
        this.#note("warning", `refused ${handshake.peer ?? connection.from}: ${describe(failure)}`)
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
    const { name } = applicant
    const up = this.#peers.get(name)?.link !== undefined
    // From the first moment of our dialing: else each side could let the other in, and then take its own attempt back.
    const pending = this.#attempts.has(name)
    return { cookie: this.#options.cookie, link: up ? "up" : pending ? "pending" : "none" }
  }

  // ---- up and down ---------------------------------------------------------------------------------------------------------
  #up(connected: Connected, connection: Connection, adopt: (handler: ConnectionHandler) => void): void {
    const name = connected.peer
    const before = this.#peers.get(name)
    before?.link?.close(`${name} has connected anew`)
    const attempt = this.#attempts.get(name)
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
      this.tickMs,
    )
    adopt(link)
    peer.connected(link)
    this.#note("info", `connected with ${name} (${connected.profile === "umbel" ? "Umbel" : "BEAM"})`)
    for (const resolve of attempt?.waiting ?? []) resolve(true)
    this.#tell({ kind: "up", node: name })
    link.open()
  }

  #down(peer: Peer, link: Link, why: string | undefined): void {
    if (peer.link !== link) return
    if (this.#peers.get(peer.name) === peer) this.#peers.delete(peer.name)
    this.#note(why === undefined ? "warning" : "info", `lost ${peer.name}: ${why ?? "it closed the connection"}`)
    peer.lost()
    this.#tell({ kind: "down", node: peer.name, reason: noconnection })
  }

  #tell(event: NodeEvent): void {
    for (const listener of [...this.#listeners]) listener(event)
  }
  #note(level: NoteReport["level"], text: string): void {
    this.#node.reports.note(level, "distribution", text)
  }
}

/** The same on this very node, without the wire. */
async function callHere(
  node: Node,
  caller: Pid,
  module: string,
  name: string,
  args: readonly unknown[],
): Promise<unknown> {
  const ref = node.identities.ref()
  const request = {
    from: caller,
    module: "erpc",
    function: "execute_call",
    args: [ref, atom(module), atom(name), copy(args)],
  }
  const reason = await new Promise<unknown>((resolve) => {
    const service = serve(node, request)
    node.signals.watch(caller, service.pid, resolve)
  })
  const outcome = readOutcome(ref, reason)
  if (outcome.kind === "return") return outcome.value
  if (outcome.kind === "lost") throw new CallExit(outcome.reason, makeName(module, node.name), name, "infinity")
  throw new RpcFailed(`${module}:${name} on ${node.name}`, outcome.kind, outcome.reason, outcome.stack)
}

/** How long we wait for the other side's attempt when it is the one that counts, in milliseconds. */
const SIMULTANEOUS_MS = 7_000

/** A node came or went. */
export type NodeEvent =
  | { readonly kind: "up"; readonly node: string }
  | { readonly kind: "down"; readonly node: string; readonly reason: unknown }

const distributionKey = Symbol.for("umbel.distribution")

/** The distribution of a node; undefined for one that is alone. */
export function distributionOf(node: Node): Distribution | undefined {
  return node.attachments.get(distributionKey) as Distribution | undefined
}
