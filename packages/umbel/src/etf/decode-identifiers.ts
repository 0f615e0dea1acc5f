/** Reads the identifiers of processes and calls, and the nodes that they are of. */
import { makePid, makeRef, type Pid, type Ref } from "../term/index.ts"
import type { Decoder } from "./decoder.ts"
import { MalformedTerm } from "./malformed-term.ts"
import * as tag from "./tags.ts"

/** The name of a node. */
export function nodeOf(decoder: Decoder): string {
  const start = decoder.at
  const text = decoder.atomText()
  if (text === "") throw new MalformedTerm("bad_node", start)
  return text
}

export function pidOf(decoder: Decoder, kind: number): Pid {
  const node = nodeOf(decoder)
  const id = decoder.u32()
  const serial = decoder.u32()
  const made = makePid(node, id, serial, kind === tag.PID ? decoder.u8() & 3 : decoder.u32())
  const { pid } = decoder.options
  return pid === undefined ? made : pid(made)
}

export function referenceOf(decoder: Decoder, start: number): Ref {
  const n = decoder.u16()
  if (n > 5) throw new MalformedTerm("bad_reference", start)
  const node = nodeOf(decoder)
  const creation = decoder.u32()
  // All nodes of today write three.
  const words = n === 3 ? [decoder.u32(), decoder.u32(), decoder.u32()] : []
  for (let i = words.length; i < n; i++) words.push(decoder.u32())
  return makeRef(node, creation, words)
}
