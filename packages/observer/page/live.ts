/**
 * The live connection: what the server said last, and how to say something to it.
 *
 * ```ts
 * const live = new Live("ws://127.0.0.1:4040/live")
 * live.subscribe(() => draw(live.state))
 * live.open()
 * live.look({ tree: { node, application }, process: null, events: false })
 * ```
 *
 * When the connection is lost, what was known stays, and it connects again by itself. A frame out of sequence is a lost one.
 */
import type {
  ClientMessage,
  EventView,
  FoundView,
  HelloMessage,
  LookMessage,
  NodeView,
  OutcomeMessage,
  ProcessMessage,
  ProcessPage,
  ServerMessage,
  Status,
  TreeMessage,
  TreeSubject,
  TreeView,
} from "../src/protocol.ts"
import { type Happening, happened, type Placed, placed } from "./model/growth.ts"
import { remember, type Sample } from "./model/history.ts"

/** A tree and what is going on in it. */
export interface LiveTree {
  readonly subject: TreeSubject
  readonly status: Status
  /** The last there is, also when it cannot be had any more. */
  readonly tree: TreeView | null
  readonly places: ReadonlyMap<string, Placed>
}
export interface LiveProcess {
  readonly key: string
  readonly status: Status
  readonly process: ProcessPage | null
  /** Messages a second. */
  readonly rate: number
  /** Where it stood in the tree, when it was seen there. */
  readonly path: string | null
}
export interface Pulse {
  readonly kind: Happening
  /** Counts up, so that the same happening twice is shown twice. */
  readonly turn: number
}

export interface LiveState {
  readonly connection: "connecting" | "open" | "lost"
  readonly hello: HelloMessage | null
  readonly nodes: readonly NodeView[] | null
  readonly history: ReadonlyMap<string, readonly Sample[]>
  readonly tree: LiveTree | null
  readonly pulses: ReadonlyMap<string, Pulse>
  readonly process: LiveProcess | null
  readonly events: readonly EventView[] | null
}

const PULSE_MS = 3_200
const EVENTS_MAX = 500
/** A page that nobody sees for so long lets go of its connection, so that nothing is looked at for it. */
const HIDDEN_MS = 30_000
const RETRY_MS = [500, 1_000, 2_000, 5_000] as const

export class Live {
  state: LiveState = {
    connection: "connecting",
    hello: null,
    nodes: null,
    history: new Map(),
    tree: null,
    pulses: new Map(),
    process: null,
    events: null,
  }
  readonly #url: string
  readonly #listeners = new Set<() => void>()
  readonly #waiting = new Map<number, (message: OutcomeMessage | { found: readonly FoundView[] }) => void>()
  #socket: WebSocket | undefined
  #look: LookMessage = { type: "look", tree: null, process: null, events: false }
  #seq = 0
  #tries = 0
  #ids = 0
  #turns = 0
  #resting = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #handledAt: { key: string; handled: number; at: number } | undefined

  constructor(url: string) {
    this.#url = url
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  #set(change: Partial<LiveState>): void {
    this.state = { ...this.state, ...change }
    for (const listener of this.#listeners) listener()
  }

  // ---- the connection ----------------------------------------------------------------------------------------------------
  /** Connects, and from then on whenever the page is seen. */
  open(): void {
    this.#connect()
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.#later(HIDDEN_MS, () => this.#rest())
      else if (this.#resting) this.#connect()
      else if (this.state.connection === "open") clearTimeout(this.#timer)
    })
  }

  /** One thing at a time is planned: a new attempt, or letting go. */
  #later(ms: number, act: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(act, ms)
  }

  #rest(): void {
    this.#resting = true
    this.#socket?.close()
  }

  #connect(): void {
    clearTimeout(this.#timer)
    this.#resting = false
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    this.#seq = 0
    socket.addEventListener("open", () => {
      this.#tries = 0
      this.#set({ connection: "open", events: null })
      this.#say(this.#look)
    })
    socket.addEventListener("message", ({ data }) => this.#heard(JSON.parse(String(data)) as ServerMessage))
    socket.addEventListener("close", () => this.#lost())
  }

  #lost(): void {
    for (const [id, answer] of this.#waiting) {
      answer({ type: "outcome", id, done: false, text: "The connection was lost before an answer came." })
    }
    this.#waiting.clear()
    this.#set({ connection: "lost" })
    if (this.#resting) return
    this.#later(RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)]!, () => this.#connect())
  }

  #say(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  // ---- asking ------------------------------------------------------------------------------------------------------------
  look(look: Omit<LookMessage, "type">): void {
    this.#look = { type: "look", ...look }
    const { tree, process } = this.state
    const sameTree = look.tree !== null && tree !== null && isSame(tree.subject, look.tree)
    this.#set({
      tree: sameTree ? tree : null,
      pulses: sameTree ? this.state.pulses : new Map(),
      process: process?.key === look.process ? process : null,
      events: look.events ? this.state.events : null,
    })
    this.#say(this.#look)
  }
  kill(process: string): Promise<{ done: boolean; text: string }> {
    return this.#ask((id) => ({ type: "kill", id, process })) as Promise<OutcomeMessage>
  }
  async find(text: string): Promise<readonly FoundView[]> {
    const answer = await this.#ask((id) => ({ type: "find", id, text }))
    return "found" in answer ? answer.found : []
  }
  #ask(message: (id: number) => ClientMessage): Promise<OutcomeMessage | { found: readonly FoundView[] }> {
    const id = ++this.#ids
    return new Promise((resolve) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) {
        return resolve({ type: "outcome", id, done: false, text: "There is no connection at the moment." })
      }
      this.#waiting.set(id, resolve)
      this.#say(message(id))
    })
  }

  // ---- hearing -----------------------------------------------------------------------------------------------------------
  #heard(message: ServerMessage): void {
    if (message.seq !== ++this.#seq) return this.#socket?.close()
    switch (message.type) {
      case "hello":
        return this.#set({ hello: message })
      case "cluster":
        return this.#set({ nodes: message.nodes, history: remember(this.state.history, message.nodes) })
      case "tree":
        return this.#heardTree(message)
      case "process":
        return this.#heardProcess(message)
      case "events":
        return this.#set({ events: [...(this.state.events ?? []), ...message.events].slice(-EVENTS_MAX) })
      case "outcome":
      case "found":
        this.#waiting.get(message.id)?.(message)
        this.#waiting.delete(message.id)
    }
  }

  #heardTree({ subject, status, tree }: TreeMessage): void {
    const wanted = this.#look.tree
    // An answer to what was looked at before.
    if (wanted === null || !isSame(subject, wanted)) return
    const before = this.state.tree
    if (tree === null) {
      const empty = { subject, status, tree: null, places: new Map() }
      return this.#set({ tree: before === null ? empty : { ...before, status } })
    }
    const places = placed(tree)
    if (before !== null && before.tree !== null) this.#pulse(happened(before.places, places))
    this.#set({ tree: { subject, status, tree, places }, process: this.#settled(places) })
  }

  /** The process with its place, if it stands in this tree. */
  #settled(places: ReadonlyMap<string, Placed>): LiveProcess | null {
    const { process } = this.state
    if (process === null) return null
    const path = pathOf(places, process.key)
    return path === null || path === process.path ? process : { ...process, path }
  }

  #heardProcess({ key, status, process }: ProcessMessage): void {
    if (key !== this.#look.process) return
    const before = this.state.process
    const path = before?.path ?? pathOf(this.state.tree?.places ?? new Map(), key)
    if (process === null) {
      return this.#set({ process: { key, status, process: before?.process ?? null, rate: 0, path } })
    }
    const now = performance.now()
    const last = this.#handledAt
    const passed = last?.key === key ? (now - last.at) / 1000 : 0
    const rate = passed > 0 ? Math.max(0, process.handled - last!.handled) / passed : 0
    this.#handledAt = { key, handled: process.handled, at: now }
    this.#set({ process: { key, status, process, rate, path } })
  }

  #pulse(events: ReadonlyMap<string, Happening>): void {
    if (events.size === 0) return
    const turn = ++this.#turns
    const pulses = new Map(this.state.pulses)
    for (const [path, kind] of events) pulses.set(path, { kind, turn })
    this.#set({ pulses })
    setTimeout(() => {
      const left = [...this.state.pulses].filter(([, pulse]) => pulse.turn !== turn)
      this.#set({ pulses: new Map(left) })
    }, PULSE_MS)
  }
}

const isSame = (a: TreeSubject, b: TreeSubject): boolean => a.node === b.node && a.application === b.application

const pathOf = (places: ReadonlyMap<string, Placed>, key: string): string | null => {
  for (const { path, view } of places.values()) if (view.key === key) return path
  return null
}
