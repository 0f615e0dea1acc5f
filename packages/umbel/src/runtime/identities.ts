/**
 * The identities of one incarnation of a node: its pids and references.
 *
 * A reference is a count, written as Erlang writes it: 18 bits in the first word, 32 in the second, and in the third a number drawn at
 * boot, so that a reference of an earlier life is not taken for one of this. References to pending calls are told apart by that third word.
 */
import { makePid, makeRef, type Pid, type Ref } from "../term/index.ts"
import type { Process } from "./process.ts"

const WORD0 = 2 ** 18
const ID_MAX = 2 ** 32

export class Identities {
  readonly node: string
  readonly creation: number
  readonly #salt: number
  readonly #callSalt: number
  #pids = 0
  #refs = 0

  constructor(node: string, creation: number, salt: number) {
    this.node = node
    this.creation = creation
    this.#salt = salt
    this.#callSalt = (salt ^ 1) >>> 0
  }

  /** A pid that was never used before in this incarnation. */
  pid(process: Process): Pid {
    const count = ++this.#pids
    const pid = makePid(this.node, count % ID_MAX, Math.floor(count / ID_MAX), this.creation)
    pid.local = process
    return pid
  }

  ref(): Ref {
    const count = ++this.#refs
    return makeRef(this.node, this.creation, [count % WORD0, Math.floor(count / WORD0) % ID_MAX, this.#salt])
  }

  /** A reference to a pending call, by its place and which use of that place it is. Never one that {@link ref} gives. */
  callRef(slot: number, use: number): Ref {
    return makeRef(this.node, this.creation, [slot, use, this.#callSalt])
  }

  /** The place a {@link callRef} of this incarnation says; undefined for any other reference. */
  slotOf(ref: Ref): number | undefined {
    const { words } = ref
    if (words.length !== 3 || words[2] !== this.#callSalt || ref.creation !== this.creation) return undefined
    return ref.node === this.node ? words[0] : undefined
  }
}
