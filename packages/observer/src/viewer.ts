/**
 * A viewer: the process behind one open page. It reads what the page watches, every refresh interval, and tells it what has changed.
 *
 * It ends with its WebSocket, and the WebSocket with it. While the browser does not take what was sent (`bufferedAmount`), it reads nothing and
 * sends nothing: the page gets the latest then, and never a queue of the past. A view that is slow to read (a list of 100,000 processes, a far node) is
 * read less often: reading it takes a part of the time only.
 */
import { genServer, type Local, local, type Node, type Pid } from "umbel"
import type { WebSocket } from "ws"
import type { Audit } from "./audit.ts"
import { encode } from "./codec.ts"
import { makeContext } from "./context.ts"
import type { Costs } from "./cost.ts"
import { diff } from "./delta.ts"
import {
  type ActMessage,
  type AskMessage,
  FRAME_MAX,
  type Outcome,
  parseClientMessage,
  type ServerPayload,
  type Snapshot,
  type WatchMessage,
} from "./protocol.ts"
import { type ActionTable, previewAction, readView, runAction, type ViewTable } from "./read.ts"
import { Shown } from "./shown.ts"
import type { Context, Visitor } from "./view.ts"

export interface ViewerOptions {
  readonly socket: WebSocket
  readonly node: Node
  readonly refreshMs: number
  readonly sourceLink: string | undefined
  readonly visitor: Visitor
  readonly views: ViewTable
  readonly actions: ActionTable
  readonly audit: Audit
  readonly confirmByName: boolean
  readonly costs: Costs
}

/** Bytes that may wait for the browser before it is sent no more. */
const WAITING_MAX = 64 * 1024
/** Messages of a page between two looks; one more ends the connection. */
const MESSAGES_MAX = 60
const WATCHES_MAX = 24
/** Questions of a page under way; one more is refused. */
const ASKING_MAX = 16
/** A browser that does not answer a ping within so many milliseconds is gone. */
const PING_MS = 20_000
const COST_MS = 2_000
/** The pause after a read, as a multiple of how long it took; and the longest. */
const PAUSE_FACTOR = 8
const PAUSE_MAX_MS = 4_000
/** The least pause between two reads of a moment of the past. */
const PAST_MS = 3_000

interface Watch {
  readonly message: WatchMessage
  /** Which watch of the page it is: another one under the same number is another turn. */
  readonly turn: number
  readonly memory: Map<string, unknown>
  reading: boolean
  /** When the read under way began, and before when no other begins: by this node's clock. */
  beganAt: number
  notBefore: number
  /** What the page has. */
  sent: Snapshot | undefined
}

interface State extends ViewerOptions {
  readonly shown: Shown
  readonly watches: Map<number, Watch>
  seq: number
  turns: number
  bytes: number
  asking: number
  allowance: number
  pinged: number
  told: number
  alive: boolean
}

type Message =
  | { readonly kind: "tick" }
  | { readonly kind: "frame"; readonly text: string }
  | { readonly kind: "closed" }
  // Snapshots are nobody else's: they need not be copied on their way to this process itself.
  | { readonly kind: "read"; readonly id: number; readonly turn: number; readonly snapshot: Local<Snapshot> }
  | { readonly kind: "answer"; readonly id: number; readonly snapshot: Local<Snapshot> }
  | { readonly kind: "outcome"; readonly id: number; readonly outcome: Outcome }

export const viewer = genServer("umbel.observer.viewer", {
  init(options: ViewerOptions, self): State {
    const { socket, node, refreshMs, visitor, views, actions, costs } = options
    const { pid } = self
    self.label(`viewer ${visitor.address}`)
    self.own({ [Symbol.dispose]: () => socket.terminate() })
    self.own(costs.enter(pid))
    const now = Date.now()
    const state: State = {
      ...options,
      shown: new Shown(),
      watches: new Map(),
      seq: 0,
      turns: 0,
      bytes: 0,
      asking: 0,
      allowance: MESSAGES_MAX,
      pinged: now,
      told: now,
      alive: true,
    }
    listen(socket, node, pid, state)
    const { capabilities } = visitor
    send(state, {
      type: "hello",
      node: node.name,
      refreshMs,
      who: visitor.name,
      capabilities: [...capabilities],
      views: [...views.values()].filter((view) => capabilities.has(view.capability)).map(({ name }) => name),
      actions: capabilities.has("manage") ? [...actions.keys()] : [],
    })
    self.send(pid, { kind: "tick" } satisfies Message)
    return state
  },
  info(self, received) {
    const message = received as Message
    const { state } = self
    switch (message.kind) {
      case "tick":
        return tick(self)
      case "frame":
        return frame(self, message.text)
      case "read":
        return tookRead(state, message.id, message.turn, message.snapshot.value)
      case "answer":
        state.asking--
        return send(state, { type: "answer", id: message.id, snapshot: message.snapshot.value })
      case "outcome":
        state.asking--
        send(state, { type: "outcome", id: message.id, outcome: message.outcome })
        // What was done is to be seen at once.
        for (const watch of state.watches.values()) watch.notBefore = 0
        return refresh(self)
      case "closed":
        return self.stop()
    }
  },
  formatStatus: ({ watches, seq, visitor, socket }) => ({
    visitor: visitor.name,
    from: visitor.address,
    watches: [...watches.values()].map(({ message }) => message.view),
    sent: seq,
    waiting: socket.bufferedAmount,
  }),
})

type ViewerSelf = Parameters<NonNullable<Parameters<typeof genServer<State, {}, {}, {}, ViewerOptions>>[1]["info"]>>[0]

function listen(socket: WebSocket, node: Node, pid: Pid, state: State): void {
  socket.on("message", (data, binary) => {
    if (state.allowance-- <= 0 || binary) return socket.close(1008, "too many messages, or not text")
    node.send(pid, { kind: "frame", text: String(data).slice(0, FRAME_MAX + 1) } satisfies Message)
  })
  socket.on("pong", () => {
    state.alive = true
  })
  socket.on("close", () => node.send(pid, { kind: "closed" } satisfies Message))
  // A frame that breaks the protocol or is too long: `ws` closes the connection, and `close` follows.
  socket.on("error", () => {})
  // It waits for this since it was opened.
  socket.resume()
}

function tick(self: ViewerSelf): void {
  const { state } = self
  self.sendAfter(state.refreshMs, { kind: "tick" } satisfies Message)
  state.allowance = MESSAGES_MAX
  beat(state)
  refresh(self)
  tellCost(state)
}

/** A browser that went without a word (a closed laptop) is noticed. */
function beat(state: State): void {
  if (Date.now() - state.pinged < PING_MS) return
  if (!state.alive) return state.socket.terminate()
  state.alive = false
  state.pinged = Date.now()
  state.socket.ping()
}

function tellCost(state: State): void {
  const passed = Date.now() - state.told
  if (passed < COST_MS || isFull(state)) return
  const bytes = Math.round((state.bytes / passed) * 1000)
  state.told = Date.now()
  state.bytes = 0
  send(state, { type: "cost", cpu: state.costs.cpuPerSecond(), pages: state.costs.pages, bytes })
}

const isFull = ({ socket }: State): boolean => socket.bufferedAmount > WAITING_MAX

function refresh(self: ViewerSelf): void {
  if (isFull(self.state)) return
  for (const watch of self.state.watches.values()) read(self, watch)
}

function read(self: ViewerSelf, watch: Watch): void {
  const now = self.state.node.platform.clock.now()
  if (watch.reading || now < watch.notBefore) return
  watch.reading = true
  watch.beganAt = now
  const { turn, message } = watch
  const { id, view, params } = message
  self.pipe(
    readView(self.state.views, contextOf(self, watch.memory, false), view, params),
    (outcome): Message => ({ kind: "read", id, turn, snapshot: local(settled(outcome)) }),
  )
}

/** `readView` never rejects. */
function settled<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === "rejected") throw outcome.reason
  return outcome.value
}

/** Of what the past was there is no news, but a node may come back that knows more of it, and how far back one can look moves. */
const isPast = ({ message: { params } }: Watch): boolean => params["at"] !== undefined

function contextOf(self: ViewerSelf, memory: Map<string, unknown>, strict: boolean): Context {
  const { node, visitor, refreshMs, sourceLink, audit, confirmByName, shown } = self.state
  return makeContext({
    node,
    caller: self,
    visitor,
    refreshMs,
    sourceLink,
    audit,
    confirmByName,
    shown,
    memory,
    strict,
  })
}

function tookRead(state: State, id: number, turn: number, snapshot: Snapshot): void {
  const watch = state.watches.get(id)
  // The page watches something else by now.
  if (watch?.turn !== turn) return
  watch.reading = false
  const now = state.node.platform.clock.now()
  const pause = Math.min(PAUSE_MAX_MS, (now - watch.beganAt) * PAUSE_FACTOR)
  watch.notBefore = now + (isPast(watch) ? Math.max(pause, PAST_MS) : pause)
  const before = watch.sent
  watch.sent = snapshot
  if (before === undefined) return send(state, { type: "full", id, snapshot })
  const delta = diff(before, snapshot)
  if (delta !== null) send(state, { type: "delta", id, delta })
}

// ---- what the page asks --------------------------------------------------------------------------------------------------------
function frame(self: ViewerSelf, text: string): void {
  const { state } = self
  const message = parseClientMessage(text)
  switch (message?.type) {
    case undefined:
      return state.socket.close(1008, "that is no message of this protocol")
    case "watch": {
      if (!state.watches.has(message.id) && state.watches.size >= WATCHES_MAX)
        return state.socket.close(1008, "too many views at once")
      const watch: Watch = {
        message,
        turn: ++state.turns,
        memory: memoryFor(state, message),
        reading: false,
        beganAt: 0,
        notBefore: 0,
        sent: undefined,
      }
      state.watches.set(message.id, watch)
      return read(self, watch)
    }
    case "unwatch":
      state.watches.delete(message.id)
      return
    case "ask":
    case "act":
      if (state.asking >= ASKING_MAX) return state.socket.close(1008, "too many questions at once")
      state.asking++
      return message.type === "ask" ? ask(self, message) : act(self, message)
  }
}

/** The same view of the same node under the same number, another part of it: what it remembers is worth keeping. */
function memoryFor({ watches }: State, { id, view, params }: WatchMessage): Map<string, unknown> {
  const before = watches.get(id)
  const same = before?.message.view === view && before.message.params["node"] === params["node"]
  return same ? before.memory : new Map()
}

function ask(self: ViewerSelf, { id, view, params }: AskMessage): void {
  self.pipe(
    readView(self.state.views, contextOf(self, new Map(), false), view, params),
    (outcome): Message => ({ kind: "answer", id, snapshot: local(settled(outcome)) }),
  )
}

function act(self: ViewerSelf, { id, action, params, preview }: ActMessage): void {
  const what = preview ? previewAction : runAction
  self.pipe(
    what(self.state.actions, contextOf(self, new Map(), true), action, params),
    (outcome): Message => ({ kind: "outcome", id, outcome: settled(outcome) }),
  )
}

function send(state: State, payload: ServerPayload): void {
  if (state.socket.readyState !== state.socket.OPEN) return
  const frame = encode({ seq: ++state.seq, ...payload })
  state.bytes += frame.length
  state.socket.send(frame, { binary: true })
}
