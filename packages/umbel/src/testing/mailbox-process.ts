/**
 * The process behind a probe: it does nothing with its messages but keep them, in order, until the test asks.
 */
import { CALL, type Call, type Description, type Envelope, type Node, Process, termOf } from "../runtime/index.ts"

export class MailboxProcess extends Process {
  /** What has come and was not taken. */
  kept: Envelope[] = []
  ended: { readonly reason: unknown } | undefined = undefined
  /** Told when something has come, and of the end. */
  onChange: (() => void) | undefined = undefined
  /** Calls that were taken: those that nobody has answered hear of its end. */
  readonly #taken: Call[] = []

  constructor(node: Node) {
    super(node, node.user)
    this.label("probe")
  }

  override begin(): undefined {
    return undefined
  }
  override step(): undefined {
    this.kept.push(this.take())
    this.handled++
    this.onChange?.()
    return undefined
  }

  /** Everything that was sent to it and not taken, what waits for its next turn included. */
  get waiting(): readonly Envelope[] {
    const all = [...this.kept]
    for (let envelope = this.head; envelope !== undefined; envelope = envelope.next) all.push(envelope)
    return all
  }
  get messages(): readonly unknown[] {
    return this.waiting.map(termOf)
  }

  /** The first that fits, taken out. */
  takeFirst(fits: (envelope: Envelope) => boolean): Envelope | undefined {
    const at = this.kept.findIndex(fits)
    if (at < 0) return undefined
    const [envelope] = this.kept.splice(at, 1)
    if (envelope?.kind === CALL) {
      this.node.calls.refOf(envelope)
      this.#taken.push(envelope)
    }
    return envelope
  }

  override onEnd(reason: unknown): void {
    this.ended = { reason }
    for (const call of [...this.#taken, ...this.kept]) if (call.kind === CALL) this.node.calls.fail(call, reason)
    this.onChange?.()
  }

  override describe(): Description {
    return { kind: "worker", module: "probe", state: undefined }
  }
}
