/**
 * A viewer: the process behind one open page. It looks at what the page looks at, and tells it what has changed.
 *
 * It ends with its WebSocket, and the WebSocket with it. While the browser does not take what was sent (`bufferedAmount`), it looks at nothing and
 * sends nothing: the page gets the latest then, and never a queue of the past.
 */
import { genServer, kill, type Node, type Pid } from "umbel"
import { INSPECTOR, type ProcessView, type TreeNode } from "umbel/otp"
import type { ProcessRow } from "umbel/runtime"
import type { WebSocket } from "ws"
import { CLUSTER, failureOf, type KnownNode, PATIENCE_MS } from "./cluster.ts"
import { search } from "./find.ts"
import {
  type ClientMessage,
  type FindMessage,
  FRAME_MAX,
  type LookMessage,
  parseClientMessage,
  type ServerPayload,
  type Status,
} from "./protocol.ts"
import { eventView, nodeView, processPage, Shown, treeView } from "./snapshots.ts"

export interface ViewerOptions {
  readonly socket: WebSocket
  readonly node: Node
  readonly refreshMs: number
  readonly readOnly: boolean
  /** For the audit: the address the page was opened from. */
  readonly from: string
}

/** Bytes that may wait for the browser before it is sent no more. */
const WAITING_MAX = 64 * 1024
/** Messages of a page between two looks; one more ends the connection. */
const MESSAGES_MAX = 40
/** A browser that does not answer a ping within so many milliseconds is gone. */
const PING_MS = 20_000
/** Processes of the platform that nobody starts again: without them the node could not even be looked at. */
const KEPT: ReadonlySet<string | undefined> = new Set(["init", "user", "umbel_inspector", "net_kernel"])

const NOTHING: LookMessage = { type: "look", tree: null, process: null, events: false }

interface State extends ViewerOptions {
  readonly shown: Shown
  look: LookMessage
  seq: number
  /** Up to where events were sent. */
  since: number
  /** The last payload of each kind, as it went. */
  readonly sent: Map<ServerPayload["type"], string>
  /** Looks that have not been answered, by what they are for. */
  readonly asking: Set<string>
  /** The search to do next. */
  find: FindMessage | undefined
  allowance: number
  pinged: number
  alive: boolean
}

type Message =
  | { readonly kind: "tick" }
  | { readonly kind: "frame"; readonly text: string }
  | { readonly kind: "closed" }
  | {
      readonly kind: "tree"
      readonly look: string
      readonly tree: TreeNode | undefined
      readonly failed: "noproc" | "other" | undefined
    }
  | {
      readonly kind: "process"
      readonly look: string
      readonly view: ProcessView | undefined
      readonly failed: "noproc" | "other" | undefined
    }
  | { readonly kind: "found"; readonly id: number; readonly rows: readonly ProcessRow[] }

export const viewer = genServer("umbel.observer.viewer", {
  init(options: ViewerOptions, self): State {
    const { socket, node, refreshMs, readOnly } = options
    const { pid } = self
    self.label(`viewer ${options.from}`)
    self.own({ [Symbol.dispose]: () => socket.terminate() })
    const state: State = {
      ...options,
      shown: new Shown(),
      look: NOTHING,
      seq: 0,
      since: 0,
      sent: new Map(),
      asking: new Set(),
      find: undefined,
      allowance: MESSAGES_MAX,
      pinged: Date.now(),
      alive: true,
    }
    listen(socket, node, pid, state)
    send(state, { type: "hello", node: node.name, refreshMs, readOnly })
    self.send(pid, { kind: "tick" } satisfies Message)
    return state
  },
  info(self, received) {
    const message = received as Message
    switch (message.kind) {
      case "tick":
        return tick(self)
      case "frame":
        return frame(self, message.text)
      case "tree":
        return tookTree(self.state, message)
      case "process":
        return tookProcess(self.state, message)
      case "found":
        return tookFound(self, message)
      case "closed":
        return self.stop()
    }
  },
  formatStatus: ({ look, seq, from, socket }) => ({ from, look, sent: seq, waiting: socket.bufferedAmount }),
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
}

async function tick(self: ViewerSelf): Promise<void> {
  const { state } = self
  self.sendAfter(state.refreshMs, { kind: "tick" } satisfies Message)
  state.allowance = MESSAGES_MAX
  beat(state)
  await refresh(self)
}

/** A browser that went without a word (a closed laptop) is noticed. */
function beat(state: State): void {
  if (Date.now() - state.pinged < PING_MS) return
  if (!state.alive) return state.socket.terminate()
  state.alive = false
  state.pinged = Date.now()
  state.socket.ping()
}

async function refresh(self: ViewerSelf): Promise<void> {
  const { state } = self
  if (state.socket.bufferedAmount > WAITING_MAX) return
  const { nodes, events, upTo } = await self
    .call(CLUSTER)
    .look(state.look.events ? state.since : Number.MAX_SAFE_INTEGER)
  tell(state, { type: "cluster", nodes: nodes.map((known) => nodeView(known, state.node.name)) })
  if (state.look.events && (events.length > 0 || !state.sent.has("events"))) {
    state.since = upTo
    tell(state, { type: "events", events: events.map((event) => eventView(event, state.shown)) })
  }
  askTree(self, nodes)
  askProcess(self, nodes)
}

/**
 * Why a node is not asked; undefined when it is. Only nodes of the cluster are asked, so that no page makes this node dial another; and whether one
 * that was unreachable is back is found out by the cluster's process.
 */
function unasked(nodes: readonly KnownNode[], name: string): Status | undefined {
  const node = nodes.find((known) => known.name === name)
  if (node === undefined) return "unknown"
  return node.status === "unreachable" ? "unreachable" : node.kind === "beam" ? "beam" : undefined
}

function askTree(self: ViewerSelf, nodes: readonly KnownNode[]): void {
  const subject = self.state.look.tree
  if (subject === null) return
  const status = unasked(nodes, subject.node)
  if (status !== undefined) return tell(self.state, { type: "tree", subject, status, tree: null })
  const look = JSON.stringify(subject)
  if (!begin(self.state, `tree ${look}`)) return
  const asked = self.call(INSPECTOR.at(subject.node), { timeout: PATIENCE_MS }).tree(subject.application)
  self.pipe(
    asked,
    (outcome): Message =>
      outcome.status === "fulfilled"
        ? { kind: "tree", look, tree: outcome.value, failed: undefined }
        : { kind: "tree", look, tree: undefined, failed: failureOf(outcome.reason) },
  )
}

function askProcess(self: ViewerSelf, nodes: readonly KnownNode[]): void {
  const { state } = self
  const key = state.look.process
  if (key === null) return
  const pid = state.shown.pid(key)
  // It may yet be shown: by the tree that was asked for a moment ago.
  if (pid === undefined) {
    if (state.asking.size === 0) tell(state, { type: "process", key, status: "unknown", process: null })
    return
  }
  const status = unasked(nodes, pid.node)
  if (status !== undefined) return tell(state, { type: "process", key, status, process: null })
  if (!begin(state, `process ${key}`)) return
  self.pipe(
    self.call(INSPECTOR.at(pid.node), { timeout: PATIENCE_MS }).process(pid),
    (outcome): Message =>
      outcome.status === "fulfilled"
        ? { kind: "process", look: key, view: outcome.value, failed: undefined }
        : { kind: "process", look: key, view: undefined, failed: failureOf(outcome.reason) },
  )
}

/** Whether to ask: not while an earlier question is open. */
function begin(state: State, question: string): boolean {
  if (state.asking.has(question)) return false
  state.asking.add(question)
  return true
}

const statusOf = (answer: unknown, failed: "noproc" | "other" | undefined): Status =>
  failed === "noproc" ? "beam" : failed === "other" ? "unreachable" : answer === undefined ? "gone" : "here"

function tookTree(state: State, { look, tree, failed }: Message & { kind: "tree" }): void {
  state.asking.delete(`tree ${look}`)
  const subject = state.look.tree
  // The page looks at something else by now.
  if (subject === null || JSON.stringify(subject) !== look) return
  const view = tree === undefined ? null : treeView(tree, state.shown)
  tell(state, { type: "tree", subject, status: statusOf(tree, failed), tree: view })
}

function tookProcess(state: State, { look, view, failed }: Message & { kind: "process" }): void {
  state.asking.delete(`process ${look}`)
  if (state.look.process !== look) return
  const process = view === undefined ? null : processPage(view, state.shown)
  tell(state, { type: "process", key: look, status: statusOf(view, failed), process })
}

function tookFound(self: ViewerSelf, { id, rows }: Message & { kind: "found" }): void {
  const { state } = self
  state.asking.delete("find")
  const found = rows.map(({ pid, title, module, mailbox }) => ({
    key: state.shown.key(pid),
    pid: String(pid),
    node: pid.node,
    title,
    module,
    mailbox,
  }))
  send(state, { type: "found", id, found })
  const next = state.find
  state.find = undefined
  if (next !== undefined) startFind(self, next)
}

function startFind(self: ViewerSelf, { id, text }: FindMessage): void {
  const { node, asking } = self.state
  asking.add("find")
  self.pipe(
    search(self, [node.name, ...node.nodes], text, PATIENCE_MS),
    (outcome): Message => ({
      kind: "found",
      id,
      rows: outcome.status === "fulfilled" ? outcome.value : [],
    }),
  )
}

// ---- what the page asks --------------------------------------------------------------------------------------------------------
async function frame(self: ViewerSelf, text: string): Promise<void> {
  const { state } = self
  const message: ClientMessage | undefined = parseClientMessage(text)
  switch (message?.type) {
    case undefined:
      return state.socket.close(1008, "that is no message of this protocol")
    case "look":
      lookAt(state, message)
      return refresh(self)
    case "kill":
      return send(state, { type: "outcome", id: message.id, ...(await end(self, message.process)) })
    case "find": {
      // One at a time; of those that come meanwhile only the latest is of interest.
      if (!state.asking.has("find")) return startFind(self, message)
      if (state.find !== undefined) send(state, { type: "found", id: state.find.id, found: [] })
      state.find = message
      return
    }
  }
}

function lookAt(state: State, look: LookMessage): void {
  const before = state.look
  state.look = look
  // What is looked at anew is told in full.
  if (JSON.stringify(before.tree) !== JSON.stringify(look.tree)) state.sent.delete("tree")
  if (before.process !== look.process) state.sent.delete("process")
  if (look.events && !before.events) {
    state.since = 0
    state.sent.delete("events")
  }
}

async function end(self: ViewerSelf, key: string): Promise<{ done: boolean; text: string }> {
  const { node, readOnly, shown, from } = self.state
  const no = (text: string) => ({ done: false, text })
  if (readOnly) return no("This observer shows only; nothing can be killed from here.")
  const pid = shown.pid(key)
  if (pid === undefined) return no("That process was never shown here.")
  let view: ProcessView | undefined
  try {
    view = await self.call(INSPECTOR.at(pid.node), { timeout: PATIENCE_MS }).process(pid)
  } catch (failure) {
    return no(`${pid.node} did not answer: ${failure instanceof Error ? failure.message : String(failure)}`)
  }
  if (view === undefined) return no("It has ended already.")
  if (KEPT.has(view.registeredName)) return no(`${view.title} belongs to the node itself and is not killed.`)
  node.reports.note(
    "warning",
    "observer",
    `${view.title} ${pid} on ${pid.node} was killed from the observer's page (${from})`,
    pid,
  )
  self.exitOther(pid, kill)
  return { done: true, text: `${view.title} ${pid} was killed.` }
}

// ---- telling -------------------------------------------------------------------------------------------------------------------
/** Sends a snapshot, unless it is what the page has already. */
function tell(state: State, payload: ServerPayload): void {
  const text = JSON.stringify(payload)
  if (state.sent.get(payload.type) === text) return
  state.sent.set(payload.type, text)
  send(state, payload)
}

function send(state: State, payload: ServerPayload): void {
  if (state.socket.readyState === state.socket.OPEN) state.socket.send(JSON.stringify({ seq: ++state.seq, ...payload }))
}
