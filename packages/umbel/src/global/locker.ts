/**
 * The locker: the process that locks this node's partition together with another's, so that the two can merge their names.
 *
 * ```
 * us                        them
 * lock boss, us, them, all we know      (one lock, asked for in the name of both lockers)
 * lock_set true ─────────────▶          lock boss and all they know, in the same name
 *          ◀───────────────── lock_set true | false
 * … names are exchanged …
 * cancel: tell our partition, then give the lock back
 * ```
 *
 * As both lockers ask in the same name, a node that both partitions have in common gives the lock to both. One attempt at a time: nodes that wait are taken by chance, those of
 * this machine first. Rules: OTP's `global`.
 */
import type { Node, Running } from "../runtime/index.ts"
import { $gen_cast, compare, makeName, type Pid, tuple } from "../term/index.ts"
import { bossOf, deleteGlobalLock, deleteLock, type LockHost, type LockId, setLock } from "./locking.ts"
import { ACK_VERSION, NAME_SERVER, nodeAtom, words } from "./protocol.ts"
import type { LastWords } from "./session.ts"
import { GLOBAL_RESOURCE } from "./tables.ts"

/** A node that wants to merge with us. */
export interface Him {
  readonly node: string
  readonly locker: Pid
  readonly version: number
  readonly tag: number
  readonly hisTag: number | bigint
}

export type LockerMessage =
  | { readonly kind: "him"; readonly him: Him }
  /** That attempt is over: send this, then give back what was locked for it. */
  | {
      readonly kind: "cancel"
      readonly node: string
      readonly tag: number
      readonly casts: LastWords
    }
  | { readonly kind: "lockSet"; readonly locker: Pid; readonly set: boolean; readonly tag: number | undefined }
  | { readonly kind: "known"; readonly nodes: readonly string[] }
  | { readonly kind: "unknown"; readonly node: string }

export interface LockerHost extends LockHost {
  /** Both partitions are locked. */
  lockIsSet(node: string, tag: number, requester: unknown): void
}

type Cancel = Extract<LockerMessage, { kind: "cancel" }>
type LockSet = Extract<LockerMessage, { kind: "lockSet" }>

const isLockerMessage = (message: unknown): message is LockerMessage =>
  typeof message === "object" && message !== null && "kind" in message

/** What a locker's process does, for ever. */
export async function runLocker(self: Running, host: LockerHost): Promise<void> {
  const locker = new Locker(self, host)
  for (;;) await locker.next()
}

class Locker {
  readonly #self: Running
  readonly #host: LockerHost
  readonly #node: Node
  #waiting: readonly Him[] = []
  #known: readonly string[] = []
  /** The last attempt succeeded: no need to let others go first. */
  #justSynced = false

  constructor(self: Running, host: LockerHost) {
    this.#self = self
    this.#host = host
    this.#node = host.node
  }

  get #me(): string {
    return this.#node.name
  }

  async next(): Promise<void> {
    const message = await this.#self.receive(isLockerMessage, { timeout: this.#patience() })
    if (message !== undefined) return this.#heard(message)
    this.#justSynced = false
    if (this.#host.tables.lock(GLOBAL_RESOURCE) === undefined) await this.#attempt()
  }

  /** Milliseconds until the next attempt, if nothing is heard meanwhile. More than none, so that others of the partition get their turn. */
  #patience(): number {
    if (this.#waiting.length === 0) return Number.POSITIVE_INFINITY
    if (this.#justSynced) return 0
    return this.#known.length === 0 ? 200 : Math.min(1_000 + 100 * this.#known.length, 3_000)
  }

  async #heard(message: LockerMessage): Promise<void> {
    switch (message.kind) {
      case "him":
        this.#waiting = [message.him, ...this.#waiting]
        return
      case "cancel":
        this.#forget(message.node, message.tag)
        return
      case "lockSet":
        return message.set ? this.#theyLocked(message) : undefined
      default:
        this.#know(message)
    }
  }
  #know(message: Extract<LockerMessage, { kind: "known" | "unknown" }>): void {
    if (message.kind === "known") this.#known = [...message.nodes, ...this.#known]
    else this.#known = this.#known.filter((node) => node !== message.node)
  }
  #forget(node: string, tag: number): void {
    this.#waiting = this.#waiting.filter((him) => him.node !== node || him.tag !== tag)
  }

  /** The other side was first: we lock our partition, and say whether we could. */
  async #theyLocked({ locker, tag }: LockSet): Promise<void> {
    const { node } = locker
    const him = this.#waiting.find((one) => one.node === node)
    if (him === undefined || (tag !== undefined && tag !== him.tag)) {
      if (him === undefined) this.#tell(locker, false, undefined)
      return
    }
    const id = this.#lockId(locker)
    const locked = await this.#lockSafely(id, [])
    this.#tell(locker, locked, him)
    if (!locked) return void (this.#justSynced = false)
    const all = [this.#me, ...this.#known]
    this.#host.lockIsSet(node, him.tag, id.requester)
    await this.#hold(him, id, all)
    this.#justSynced = true
    this.#forget(node, him.tag)
  }

  /** We are first. */
  async #attempt(): Promise<void> {
    this.#waiting = this.#waiting.filter(({ node }) => !this.#known.includes(node))
    const near = this.#waiting.filter(({ node }) => hostOf(node) === hostOf(this.#me))
    const choice = near.length > 0 ? near : this.#waiting
    if (choice.length === 0) return
    const him = choice[this.#node.platform.random.uint32() % choice.length]!
    const id = this.#lockId(him.locker)
    // His node too: then nobody of his partition gets this lock but in our name.
    if (!(await this.#lockSafely(id, [him.node]))) return
    const all = [this.#me, him.node, ...this.#known]
    this.#tell(him.locker, true, him)
    const answer = await this.#self.receive((message): message is LockSet | Cancel => isAnswer(message, him))
    if (answer.kind === "cancel") return this.#release(answer, id, all)
    if (!answer.set) return deleteGlobalLock(this.#self, this.#me, id, all)
    this.#host.lockIsSet(him.node, him.tag, id.requester)
    await this.#hold(him, id, all)
    this.#justSynced = true
    this.#waiting = this.#waiting.filter((one) => one !== him)
  }

  /** Keeps the lock until the names are merged, or the attempt is given up. */
  async #hold(him: Him, id: LockId, nodes: readonly string[]): Promise<void> {
    const cancel = await this.#self.receive((message): message is Cancel => isCancel(message, him))
    return this.#release(cancel, id, nodes)
  }
  async #release(cancel: Cancel, id: LockId, nodes: readonly string[]): Promise<void> {
    for (const { nodes: told, message } of cancel.casts) {
      for (const node of told) this.#self.send(makeName(NAME_SERVER, node), tuple($gen_cast, message))
    }
    this.#forget(cancel.node, cancel.tag)
    await deleteGlobalLock(this.#self, this.#me, id, nodes)
  }

  /** The boss first, then us and `extra`, then all others: whoever gets the boss most likely gets all. */
  async #lockSafely(id: LockId, extra: readonly string[]): Promise<boolean> {
    const boss = bossOf([this.#me, ...this.#known])
    // Only a look: to lock ourselves here could stop whoever has the boss already.
    if (boss !== this.#me && !this.#host.tables.isFree(id.resource, id.requester)) return false
    const lock = (nodes: readonly string[]): Promise<boolean> => setLock(this.#self, this.#host, id, nodes, 0)
    if (!(await lock([boss]))) return false
    await this.#catchUp()
    const second = [this.#me, ...extra].filter((node) => node !== boss)
    if (!(await lock(second))) {
      await deleteLock(this.#self, this.#me, id, [boss])
      return false
    }
    if (await lock(this.#known.filter((node) => node !== boss))) return true
    await deleteLock(this.#self, this.#me, id, [boss, ...second])
    return false
  }

  /** Who has become known, or is no more, while we waited. */
  async #catchUp(): Promise<void> {
    const isNews = (message: unknown): message is Extract<LockerMessage, { kind: "known" | "unknown" }> =>
      isLockerMessage(message) && (message.kind === "known" || message.kind === "unknown")
    for (;;) {
      const news = await this.#self.receive(isNews, { timeout: 0 })
      if (news === undefined) return
      this.#know(news)
    }
  }

  /** Through his name server, so that it overtakes nothing. */
  #tell(locker: Pid, set: boolean, him: Him | undefined): void {
    const known = this.#known.map(nodeAtom)
    const tag = him !== undefined && him.version >= ACK_VERSION ? [him.hisTag] : []
    const message = tuple(words.lockSet, this.#self.pid, set, known, ...tag)
    this.#self.send(makeName(NAME_SERVER, locker.node), tuple($gen_cast, message))
  }

  #lockId(his: Pid): LockId {
    return { resource: GLOBAL_RESOURCE, requester: [this.#self.pid, his].sort(compare) }
  }
}

const isCancel = (message: unknown, him: Him): message is Cancel =>
  isLockerMessage(message) && message.kind === "cancel" && message.node === him.node && message.tag === him.tag

/** What we wait for after `lock_set`: his, or the end of the attempt. Of another attempt it is neither. */
const isAnswer = (message: unknown, him: Him): message is LockSet | Cancel =>
  isCancel(message, him) ||
  (isLockerMessage(message) &&
    message.kind === "lockSet" &&
    message.locker.node === him.node &&
    (message.tag === undefined || message.tag === him.tag))

const hostOf = (node: string): string => node.slice(node.indexOf("@"))
