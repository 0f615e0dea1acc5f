/**
 * A program that looks at a cluster through an observer, as the page does: the same views and actions, over the same connection, under the same capabilities.
 *
 * ```ts
 * await using seen = await ObserverClient.connect("http://127.0.0.1:4040/", { token })
 * const { rows } = await seen.ask("processes", { node: "back@127.0.0.1", sort: "memory" })
 * for await (const { events } of seen.watch("trace", { node, pid: "<0.12.0>" })) …
 * const { done, text } = await seen.act("kill", { node, pid: "<0.12.0>" })
 * ```
 */
import { type RawData, WebSocket } from "ws"
import { decode } from "./codec.ts"
import { apply } from "./delta.ts"
import type { ClientMessage, HelloMessage, Outcome, Params, ServerMessage, Snapshot, Status } from "./protocol.ts"
import type { ViewData } from "./views/view-data.ts"

export type { Outcome, Params, Snapshot } from "./protocol.ts"
export type { ViewData } from "./views/view-data.ts"

export interface ObserverClientOptions {
  readonly token?: string | undefined
  /** Milliseconds until it must have let one in, and to wait for each answer; 10,000 unless told. */
  readonly timeoutMs?: number | undefined
}

/**
 * Why there is no answer, in a sentence. `lost`: no observer is there, or not any more; `late`: it has not answered in time; `refused`: it lets one not in;
 * else as a view says it.
 */
export class ObserverFault extends Error {
  override readonly name = "ObserverFault"
  readonly kind: "lost" | "late" | "refused" | Exclude<Status, "here">
  constructor(kind: ObserverFault["kind"], text: string) {
    super(text)
    this.kind = kind
  }
}

/** What an answer may hold at most, in bytes. */
const FRAME_MAX = 64 * 1024 * 1024
/** Of a refusal's text, in bytes. */
const TEXT_MAX = 4_096
const TIMEOUT_MS = 10_000

type Hears = (answer: Snapshot | Outcome) => void

export class ObserverClient implements AsyncDisposable {
  /** Who one is there, and what one may do. */
  readonly hello: HelloMessage
  readonly #socket: WebSocket
  readonly #timeoutMs: number
  readonly #answers = new Map<number, Hears>()
  readonly #watches = new Map<number, (message: ServerMessage | undefined) => void>()
  #ids = 0

  private constructor(socket: WebSocket, hello: HelloMessage, timeoutMs: number) {
    this.#socket = socket
    this.hello = hello
    this.#timeoutMs = timeoutMs
    socket.on("message", (data) => this.#heard(messageOf(data)))
    socket.on("close", () => this.#lost())
  }

  /** @throws ObserverFault `lost`, `late`, `refused`; TypeError for what is no address */
  static async connect(
    address: string,
    { token, timeoutMs = TIMEOUT_MS }: ObserverClientOptions = {},
  ): Promise<ObserverClient> {
    const { origin, host, protocol, searchParams } = new URL(address)
    // As the page's own address may have it, copied from a browser.
    const given = token ?? searchParams.get("token") ?? undefined
    const socket = new WebSocket(`${protocol === "https:" ? "wss" : "ws"}://${host}/live`, {
      // A browser would say so of the observer's own page; no other site can make one say so.
      origin,
      headers: given === undefined ? {} : { authorization: `Bearer ${given}` },
      handshakeTimeout: timeoutMs,
      maxPayload: FRAME_MAX,
      perMessageDeflate: false,
    })
    const hello = await new Promise<HelloMessage>((resolve, reject) => {
      const timer = setTimeout(() => reject(late(address, timeoutMs)), timeoutMs)
      socket.once("message", (data) => {
        clearTimeout(timer)
        socket.pause()
        resolve(messageOf(data) as HelloMessage)
      })
      const fail = (fault: ObserverFault): void => {
        clearTimeout(timer)
        reject(fault)
      }
      socket.once("unexpected-response", (_, response) => {
        let text = ""
        response.setEncoding("utf8").on("data", (piece: string) => {
          if (text.length < TEXT_MAX) text += piece
        })
        response.once("end", () => fail(refusedBy(address, response.statusCode ?? 0, text.trim())))
      })
      socket.on("error", (error) =>
        fail(new ObserverFault("lost", `no observer answers at ${address}: ${whyNot(error)}`)),
      )
      socket.once("close", () =>
        fail(new ObserverFault("lost", `the observer at ${address} has closed the connection`)),
      )
    }).catch((fault: unknown) => {
      socket.terminate()
      throw fault
    })
    const client = new ObserverClient(socket, hello, timeoutMs)
    socket.resume()
    return client
  }

  /** Reads a view once. @throws ObserverFault */
  async ask<K extends keyof ViewData>(view: K, params: Params = {}): Promise<ViewData[K]> {
    return dataOf<ViewData[K]>((await this.#question((id) => ({ type: "ask", id, view, params }))) as Snapshot)
  }
  /** Does something; `done` says whether. @throws ObserverFault `lost`, `late` */
  async act(action: string, params: Params): Promise<Outcome> {
    return (await this.#question((id) => ({ type: "act", id, action, params, preview: false }))) as Outcome
  }
  /** What an action would take down. @throws ObserverFault `lost`, `late` */
  async preview(action: string, params: Params): Promise<Outcome> {
    return (await this.#question((id) => ({ type: "act", id, action, params, preview: true }))) as Outcome
  }

  #question(message: (id: number) => ClientMessage): Promise<Snapshot | Outcome> {
    const id = ++this.#ids
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) return reject(LOST())
      const timer = setTimeout(() => {
        this.#answers.delete(id)
        reject(late("the observer", this.#timeoutMs))
      }, this.#timeoutMs)
      this.#answers.set(id, (answer) => {
        clearTimeout(timer)
        if (answer === GONE) reject(LOST())
        else resolve(answer)
      })
      this.#say(message(id))
    })
  }

  /** A view now, and each time something has changed in it, until one leaves the loop. What comes faster than it is taken is left out. @throws ObserverFault */
  async *watch<K extends keyof ViewData>(view: K, params: Params = {}): AsyncGenerator<ViewData[K], void> {
    const id = ++this.#ids
    let latest: Snapshot | undefined
    let fresh = false
    let over = this.#socket.readyState !== WebSocket.OPEN
    let wake: () => void = () => {}
    this.#watches.set(id, (message) => {
      if (message === undefined) over = true
      else if (message.type === "full") latest = message.snapshot
      else if (message.type === "delta" && latest !== undefined) latest = apply(latest, message.delta) as Snapshot
      fresh = true
      wake()
    })
    this.#say({ type: "watch", id, view, params })
    try {
      for (;;) {
        if (over) throw LOST()
        if (fresh && latest !== undefined) {
          fresh = false
          yield dataOf<ViewData[K]>(latest)
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      this.#watches.delete(id)
      this.#say({ type: "unwatch", id })
    }
  }

  #say(message: ClientMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }
  #heard(message: ServerMessage): void {
    switch (message.type) {
      case "answer":
        return this.#answered(message.id, message.snapshot)
      case "outcome":
        return this.#answered(message.id, message.outcome)
      case "full":
      case "delta":
        return this.#watches.get(message.id)?.(message)
    }
  }
  #answered(id: number, answer: Snapshot | Outcome): void {
    const hears = this.#answers.get(id)
    this.#answers.delete(id)
    hears?.(answer)
  }
  #lost(): void {
    for (const hears of this.#answers.values()) hears(GONE)
    this.#answers.clear()
    for (const hears of this.#watches.values()) hears(undefined)
  }

  /** Leaves: what was watched is looked at no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()))
    this.#socket.close()
    await closed
  }
}

/** Of a connection that is gone. */
const GONE: Snapshot = { status: "unreachable", data: null, text: "" }
const LOST = (): ObserverFault => new ObserverFault("lost", "the observer no longer answers")
const late = (whom: string, ms: number): ObserverFault =>
  new ObserverFault("late", `${whom} has not answered within ${ms / 1_000} s`)

const messageOf = (data: RawData): ServerMessage => decode(data as Uint8Array) as ServerMessage

/** @throws ObserverFault */
function dataOf<T>(snapshot: Snapshot): T {
  if (snapshot.status === "here") return snapshot.data as T
  throw new ObserverFault(snapshot.status, snapshot.text)
}

/** What the observer itself refuses with: no token, the wrong name, too many pages. */
const REFUSALS: readonly number[] = [401, 403, 503]
const refusedBy = (address: string, status: number, text: string): ObserverFault =>
  REFUSALS.includes(status) && text !== ""
    ? new ObserverFault("refused", text)
    : new ObserverFault("lost", `what answers at ${address} is no observer: it says ${status}`)

function whyNot(error: Error & { code?: string; errors?: readonly Error[] }): string {
  if (error.code === "ECONNREFUSED") return "nothing listens there"
  if (error.code === "ENOTFOUND") return "there is no such host"
  return error.message || error.code || (error.errors ?? []).map(({ message }) => message).join(", ")
}
