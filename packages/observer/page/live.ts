/**
 * The live connection: views that are watched, questions, actions.
 *
 * ```ts
 * const live = new Live("ws://127.0.0.1:4040/live")
 * live.open()
 * const watch = live.watch("tree", { node, application }, (watched) => draw(watched))
 * watch.stop()
 * ```
 *
 * When the connection is lost, what was known stays, and it connects again by itself and watches the same. A frame out of sequence, or a change of
 * something that is not there, is a lost one: it connects anew.
 */
import { decode } from "../src/codec.ts"
import { apply } from "../src/delta.ts"
import type {
  ClientMessage,
  CostMessage,
  HelloMessage,
  Outcome,
  Params,
  ServerMessage,
  Snapshot,
  Status,
} from "../src/protocol.ts"

/** What is known of a watched view. */
export interface Watched<T> {
  /** `looking` until the first answer. */
  readonly status: Status | "looking"
  /** The last there is, also when it cannot be had any more. */
  readonly data: T | null
  /** Why there is nothing new, in a sentence. */
  readonly text: string
}
export const LOOKING: Watched<never> = { status: "looking", data: null, text: "" }

export interface Watch {
  /** Watches another part of the same; what is known stays until that is there. */
  update(params: Params): void
  stop(): void
}

export interface LiveState {
  readonly connection: "connecting" | "open" | "lost"
  readonly hello: HelloMessage | null
  readonly cost: CostMessage | null
}

interface Entry {
  readonly view: string
  params: Params
  snapshot: Snapshot | undefined
  watched: Watched<unknown>
  readonly listener: (watched: Watched<unknown>) => void
}

/** A page that nobody sees for so long lets go of its connection, so that nothing is looked at for it. */
const HIDDEN_MS = 30_000
const RETRY_MS = [500, 1_000, 2_000, 5_000] as const
const LOST = "The connection was lost before an answer came."

export class Live {
  state: LiveState = { connection: "connecting", hello: null, cost: null }
  readonly #url: string
  readonly #listeners = new Set<() => void>()
  readonly #entries = new Map<number, Entry>()
  readonly #waiting = new Map<number, (answer: Snapshot | Outcome) => void>()
  #socket: WebSocket | undefined
  #seq = 0
  #tries = 0
  #ids = 0
  #resting = false
  #timer: ReturnType<typeof setTimeout> | undefined

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
    socket.binaryType = "arraybuffer"
    this.#socket = socket
    this.#seq = 0
    socket.addEventListener("open", () => {
      this.#tries = 0
      this.#set({ connection: "open" })
      for (const [id, { view, params }] of this.#entries) this.#say({ type: "watch", id, view, params })
    })
    socket.addEventListener("message", ({ data }) => this.#heard(decode(new Uint8Array(data)) as ServerMessage))
    socket.addEventListener("close", () => this.#lost())
  }

  #lost(): void {
    for (const answer of this.#waiting.values()) {
      answer({ status: "unreachable", data: null, text: LOST, done: false, consequences: [] })
    }
    this.#waiting.clear()
    for (const entry of this.#entries.values()) entry.snapshot = undefined
    this.#set({ connection: "lost" })
    if (this.#resting) return
    this.#later(RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)]!, () => this.#connect())
  }

  #say(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  // ---- asking ------------------------------------------------------------------------------------------------------------
  watch(view: string, params: Params, listener: (watched: Watched<unknown>) => void): Watch {
    const id = ++this.#ids
    const entry: Entry = { view, params, snapshot: undefined, watched: LOOKING, listener }
    this.#entries.set(id, entry)
    this.#say({ type: "watch", id, view, params })
    return {
      update: (next) => {
        entry.params = next
        entry.snapshot = undefined
        this.#say({ type: "watch", id, view, params: next })
      },
      stop: () => {
        this.#entries.delete(id)
        this.#say({ type: "unwatch", id })
      },
    }
  }

  ask(view: string, params: Params): Promise<Snapshot> {
    return this.#question((id) => ({ type: "ask", id, view, params })) as Promise<Snapshot>
  }
  act(action: string, params: Params, preview: boolean): Promise<Outcome> {
    return this.#question((id) => ({ type: "act", id, action, params, preview })) as Promise<Outcome>
  }
  #question(message: (id: number) => ClientMessage): Promise<Snapshot | Outcome> {
    const id = ++this.#ids
    return new Promise((resolve) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) {
        const text = "There is no connection at the moment."
        return resolve({ status: "unreachable", data: null, text, done: false, consequences: [] } as Snapshot & Outcome)
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
      case "cost":
        return this.#set({ cost: message })
      case "full":
        return this.#took(message.id, message.snapshot)
      case "delta": {
        const entry = this.#entries.get(message.id)
        // A change that was under way when another part was asked for.
        if (entry?.snapshot === undefined) return
        try {
          return this.#took(message.id, apply(entry.snapshot, message.delta) as Snapshot)
        } catch {
          return this.#socket?.close()
        }
      }
      case "answer":
        return this.#answered(message.id, message.snapshot)
      case "outcome":
        return this.#answered(message.id, message.outcome)
    }
  }

  #took(id: number, snapshot: Snapshot): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    entry.snapshot = snapshot
    const { status, data, text } = snapshot
    // Of a moment that nothing was kept of, what was known of another one must not be shown.
    entry.watched = { status, text, data: status === "unkept" ? null : (data ?? entry.watched.data) }
    entry.listener(entry.watched)
  }
  #answered(id: number, answer: Snapshot | Outcome): void {
    this.#waiting.get(id)?.(answer)
    this.#waiting.delete(id)
  }
}
