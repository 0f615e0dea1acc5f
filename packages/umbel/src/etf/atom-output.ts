/**
 * How atoms are written, and what they are part of: the identifiers of processes and calls.
 *
 * An atom is a reference to the list in front of the frame where it stands there, Latin-1 for ErlPort, and else spelt out in UTF-8.
 */
import { atomObjection, NotATerm, type Pid, type Ref } from "../term/index.ts"
import type { AtomReferences, EncodeOptions } from "./encode.ts"
import { putLatin1, SentAtoms } from "./encode-atoms.ts"
import { Output } from "./output.ts"
import { type PackedAtom, packedAtom } from "./packed-atom.ts"
import * as tag from "./tags.ts"
import type { Writer } from "./writer.ts"

// Of this file: what is imported V8 reads from the other module each time.
const { ATOM_CACHE_REF, NEWER_REFERENCE, NEW_PID, SMALL_ATOM_UTF8 } = tag

export class AtomOutput extends Output {
  /** What is to be done with each atom before it is written; undefined when that is nothing. */
  protected readonly atoms: SentAtoms | undefined
  protected readonly erlport: boolean
  /** Whether atoms are written out in UTF-8: neither by reference nor in Latin-1. */
  protected readonly spelt: boolean
  private readonly references: AtomReferences | undefined

  constructor(writer: Writer, { profile, atoms, atomReferences }: EncodeOptions) {
    super(writer)
    this.atoms = atoms === undefined ? undefined : new SentAtoms(atoms)
    this.erlport = profile === "erlport"
    this.references = atomReferences
    this.spelt = atomReferences === undefined && !this.erlport
  }

  protected putAtom(packed: PackedAtom, text: string, at: number): number {
    this.atoms?.count(text)
    if (this.spelt) return this.putPacked(packed, at)
    if (this.references !== undefined) {
      const end = this.putReference(this.references, text, at)
      if (end !== undefined) return end
    }
    return this.erlport ? this.putLatin1(text, at) : this.putPacked(packed, at)
  }

  /** Where the atom stands in the reader's list; undefined when it is not there and has to be written out. */
  private putReference(references: AtomReferences, text: string, at: number): number | undefined {
    const place = references.refer(text)
    if (place < 0) return undefined
    if (at + 2 > this.room) this.grow(at, 2)
    this.bytes[at] = ATOM_CACHE_REF
    this.bytes[at + 1] = place
    return at + 2
  }

  /** An atom that is known by its text only, such as the key of an object. */
  putAtomText(text: string, at: number): number {
    this.atoms?.count(text)
    if (this.erlport) return this.putLatin1(text, at)
    if (this.references !== undefined) {
      const end = this.putReference(this.references, text, at)
      if (end !== undefined) return end
    }
    const n = text.length
    if (at + 2 + n > this.room) this.grow(at, 2 + n)
    if (n < 256) {
      const { bytes } = this
      let end = at + 2
      for (let i = 0; i < n; i++) {
        const code = text.charCodeAt(i)
        if (code > 0x7f) break
        bytes[end++] = code
      }
      if (end === at + 2 + n) {
        bytes[at] = SMALL_ATOM_UTF8
        bytes[at + 1] = n
        return end
      }
    }
    const objection = atomObjection(text)
    if (objection !== undefined) throw objection
    return this.putPacked(packedAtom(text), at)
  }

  private putLatin1(text: string, at: number): number {
    putLatin1(this.lend(at), text)
    return this.takeOver()
  }

  protected putPid(pid: Pid, start: number): number {
    this.refuseErlport("a pid")
    this.bytes[start] = NEW_PID
    const at = this.putNode(pid.node, start + 1)
    if (at + 12 > this.room) this.grow(at, 12)
    const { view } = this
    view.setInt32(at, pid.id)
    view.setInt32(at + 4, pid.serial)
    view.setInt32(at + 8, pid.creation)
    return at + 12
  }

  protected putRef(ref: Ref, start: number): number {
    this.refuseErlport("a reference")
    const { words } = ref
    const n = words.length
    if (n > 5) throw new NotATerm(`a reference has at most 5 words, this one ${n}`)
    this.bytes[start] = NEWER_REFERENCE
    this.bytes[start + 1] = 0
    this.bytes[start + 2] = n
    let at = this.putNode(ref.node, start + 3)
    if (at + 24 > this.room) this.grow(at, 24)
    const { view } = this
    view.setInt32(at, ref.creation)
    for (let i = 0; i < n; i++) view.setInt32((at += 4), words[i]!)
    return at + 4
  }

  /** The node of an identifier. */
  putNode(node: string, at: number): number {
    if (node === "")
      throw new NotATerm("it is of a node without a name, and would be taken for one of the reader's own")
    this.atoms?.count(node)
    if (this.references !== undefined) {
      const end = this.putReference(this.references, node, at)
      if (end !== undefined) return end
    }
    return this.putPacked(this.writer.nodeOf(node), at)
  }

  refuseErlport(what: string): void {
    if (this.erlport) throw new NotATerm(`ErlPort cannot read ${what}`)
  }
}
