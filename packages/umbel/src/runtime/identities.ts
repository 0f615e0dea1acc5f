/**
 * The identities of one incarnation of a node: its pids and references.
 *
 * A reference is a count, written as Erlang writes it: 18 bits in the first word, 32 in the second, and in the third a number drawn at
 * boot, so that a reference of an earlier life is not taken for one of this.
 */
import { makePid, makeRef, type Pid, type Ref } from "../term/index.ts"
import type { Process } from "./process.ts"

const WORD0 = 2 ** 18
const ID_MAX = 2 ** 32

export class Identities {
  readonly node: string
  readonly creation: number
  readonly #salt: number
  #pids = 0
  #refs = 0

  constructor(node: string, creation: number, salt: number) {
    this.node = node
    this.creation = creation
    this.#salt = salt
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

  /** The count a reference of this incarnation stands for; undefined for any other reference. */
  countOf(ref: Ref): number | undefined {
    if (ref.creation !== this.creation || ref.words.length !== 3 || ref.words[2] !== this.#salt) return undefined
    if (ref.node !== this.node) return undefined
    return ref.words[0]! + ref.words[1]! * WORD0
  }
}
