/** A page that only listens: what a browser's would know, from the frames it was sent. */
import { expect } from "vitest"
import { WebSocket } from "ws"
import { decode } from "../../src/codec.ts"
import { apply } from "../../src/delta.ts"
import type { Outcome, Params, ServerMessage, Snapshot } from "../../src/protocol.ts"

export class TestPage implements Disposable {
  readonly heard: ServerMessage[] = []
  readonly snapshots = new Map<number, Snapshot>()
  readonly socket: WebSocket
  closed: number | undefined
  #ids = 100

  constructor(address: string) {
    const url = new URL(address)
    this.socket = new WebSocket(new URL("live", url.href.replace("http", "ws")), { headers: { origin: url.origin } })
    this.socket.on("message", (data: Buffer) => this.#heard(decode(data) as ServerMessage))
    this.socket.on("close", (code) => {
      this.closed = code
    })
  }
  static async open(address: string): Promise<TestPage> {
    const page = new TestPage(address)
    await expect.poll(() => page.heard.length, { timeout: 10_000 }).toBeGreaterThan(0)
    return page
  }

  #heard(message: ServerMessage): void {
    this.heard.push(message)
    if (message.type === "full") this.snapshots.set(message.id, message.snapshot)
    if (message.type === "delta")
      this.snapshots.set(message.id, apply(this.snapshots.get(message.id), message.delta) as Snapshot)
  }
  say(message: object): void {
    this.socket.send(JSON.stringify(message))
  }
  watch(view: string, params: Params = {}): number {
    const id = ++this.#ids
    this.say({ type: "watch", id, view, params })
    return id
  }
  /** The snapshot of a watched view, once it fits. */
  async until<T>(id: number, fits: (snapshot: Snapshot<T>) => boolean = () => true): Promise<Snapshot<T>> {
    const found = () => {
      const snapshot = this.snapshots.get(id) as Snapshot<T> | undefined
      return snapshot !== undefined && fits(snapshot) ? snapshot : undefined
    }
    await expect.poll(found, { timeout: 15_000, interval: 20 }).toBeDefined()
    return found()!
  }
  /** The data of a watched view, once there is some that fits. */
  async data<T>(id: number, fits: (data: T) => boolean = () => true): Promise<T> {
    const { data } = await this.until<T>(id, ({ data: some }) => some !== null && fits(some))
    return data!
  }
  async act(action: string, params: Params, preview = false): Promise<Outcome> {
    const id = ++this.#ids
    this.say({ type: "act", id, action, params, preview })
    const answer = () => this.heard.find((message) => message.type === "outcome" && message.id === id)
    await expect.poll(answer, { timeout: 15_000, interval: 20 }).toBeDefined()
    return (answer() as ServerMessage & { type: "outcome" }).outcome
  }
  [Symbol.dispose](): void {
    this.socket.terminate()
  }
}
