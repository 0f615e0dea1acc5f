/** Writes the terms that few messages hold: names, maps with any keys, floats that are whole, improper lists, bit strings, functions and ports. */
import {
  BitString,
  Export,
  equalKeys,
  Float,
  Fun,
  hasEqualKeys,
  ImproperList,
  isPrototypePolluted,
  Local,
  type Name,
  NotATerm,
  nameFields,
  Port,
} from "../term/index.ts"
import type { Encoder } from "./encoder.ts"
import { writeFloat64 } from "./float64.ts"
import * as tag from "./tags.ts"

/** Writes `term` at `at` with the encoder's writer, and says whether it is one of these. */
export function putRare(encoder: Encoder, term: object, at: number, depth: number): boolean {
  if (term instanceof ImproperList) {
    encoder.lend(putImproper(encoder, term, at, depth))
  } else if (term instanceof Float) {
    const writer = encoder.lend(at)
    writer.u8(tag.NEW_FLOAT)
    writer.ensure(8)
    writeFloat64(writer.bytes, writer.length, term.value)
    writer.length += 8
  } else if (term instanceof BitString) {
    encoder.refuseErlport("a bit string")
    const writer = encoder.lend(at)
    writer.u8(tag.BIT_BINARY)
    writer.u32(term.bytes.length)
    writer.u8(term.bits)
    writer.raw(term.bytes)
  } else if (term instanceof Export) {
    encoder.refuseErlport("a function")
    encoder.lend(at).u8(tag.EXPORT)
    const name = encoder.putAtomText(term.module, encoder.takeOver())
    const writer = encoder.lend(encoder.putAtomText(term.name, name))
    writer.u8(tag.SMALL_INTEGER)
    writer.u8(term.arity)
  } else if (term instanceof Fun) {
    encoder.refuseErlport("a function")
    const writer = encoder.lend(at)
    writer.u8(tag.NEW_FUN)
    writer.raw(term.external)
  } else if (term instanceof Port) {
    putPort(encoder, term, at)
  } else if (term instanceof Local) {
    throw new NotATerm("local(…) hands something over within a node, and does not leave it")
  } else {
    return false
  }
  return true
}

function putImproper(encoder: Encoder, list: ImproperList, at: number, depth: number): number {
  encoder.enter(depth)
  const writer = encoder.lend(at)
  writer.u8(tag.LIST)
  writer.u32(list.elements.length)
  const tail = encoder.putAll(list.elements, encoder.takeOver(), depth)
  try {
    return encoder.put(list.tail, tail, depth + 1)
  } catch (error) {
    throw error instanceof NotATerm ? error.within({ kind: "member", name: "tail" }) : error
  }
}

function putPort(encoder: Encoder, port: Port, at: number): void {
  encoder.refuseErlport("a port")
  const wide = port.id > 0x0fff_ffffn
  encoder.lend(at).u8(wide ? tag.V4_PORT : tag.NEW_PORT)
  const writer = encoder.lend(encoder.putNode(port.node, encoder.takeOver()))
  if (wide) writer.u64(port.id)
  else writer.u32(Number(port.id))
  writer.u32(port.creation)
}

/** A name: an object to another Umbel node, to others what they write themselves, an atom or a tuple of it and the node. */
export function putName(encoder: Encoder, name: Name, start: number, depth: number): number {
  if (name.key !== undefined) throw new NotATerm("a via name is good on its own node only; send the pid it stands for")
  if (encoder.profile === "umbel") return encoder.putPlain(nameFields(name), start, depth)
  if (name.node === undefined) return encoder.putAtomText(name.name, start)
  const writer = encoder.lend(start)
  writer.u8(tag.SMALL_TUPLE)
  writer.u8(2)
  return encoder.putAtomText(name.node, encoder.putAtomText(name.name, encoder.takeOver()))
}

/** A map with any keys. */
export function putMap(encoder: Encoder, map: ReadonlyMap<unknown, unknown>, start: number, depth: number): number {
  encoder.enter(depth)
  encoder.refuseErlport("a map")
  const writer = encoder.lend(start)
  writer.u8(tag.MAP)
  writer.u32(map.size)
  let at = encoder.takeOver()
  for (const [key, value] of map) {
    try {
      at = encoder.put(key, at, depth + 1)
    } catch (error) {
      throw error instanceof NotATerm ? error.within({ kind: "member", name: "keys()" }) : error
    }
    try {
      at = encoder.put(value, at, depth + 1)
    } catch (error) {
      throw error instanceof NotATerm ? error.within({ kind: "entry", key }) : error
    }
  }
  if (hasEqualKeys(map, encoder.structs)) throw equalKeys()
  return at
}

/** An object whose keys are not simply spelt, or stand among those that somebody added to all objects. Its part has been counted. */
export function putKeyByKey(encoder: Encoder, object: Record<string, unknown>, start: number, depth: number): number {
  encoder.refuseErlport("a map")
  const polluted = isPrototypePolluted()
  const writer = encoder.lend(start)
  writer.u8(tag.MAP)
  const size = writer.reserve32()
  let at = encoder.takeOver()
  let count = 0
  let key = ""
  try {
    for (key in object) {
      if (polluted && !Object.hasOwn(object, key)) continue
      const value = object[key]
      at = encoder.put(value, encoder.putAtomText(key, at), depth + 1)
      count++
    }
  } catch (error) {
    throw error instanceof NotATerm ? error.within({ kind: "key", key }) : error
  }
  writer.patch32(size, count)
  return at
}
