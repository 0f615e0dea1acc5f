/**
 * A value as it may be printed without running any code of it: no getter, no proxy, no iterator of its own. For shells that only read.
 *
 * ```ts
 * harmless({ get evil() { return node.stop() }, a: 1 })      // { evil: #Getter, a: 1 }, and the node runs on
 * ```
 */
import { types } from "node:util"
import { Atom, atom, BitString, Float, Name, Pid, Port, Ref, Tuple, tuple } from "umbel"

const ELEMENTS_MAX = 200
const DEPTH_MAX = 8
/** Made by the library only, and never changed: their own code is all they run. */
const OPAQUE: ReadonlySet<unknown> = new Set(
  [Atom, BitString, Float, Name, Pid, Port, Ref].map(({ prototype }) => prototype),
)

export function harmless(value: unknown, depth = 0): unknown {
  if (typeof value === "function") return atom("#Function")
  if (typeof value !== "object" || value === null) return value
  if (types.isProxy(value)) return atom("#Proxy")
  const prototype: unknown = Object.getPrototypeOf(value)
  if (OPAQUE.has(prototype)) return value
  if (depth >= DEPTH_MAX) return atom("...")
  if (prototype === Tuple.prototype) return tuple(...list((value as Tuple).elements, depth))
  if (Array.isArray(value)) return list(value, depth)
  if (prototype === Map.prototype) return map(value as Map<unknown, unknown>, depth)
  if (prototype === Set.prototype) return list([...Set.prototype.values.call(value)], depth)
  if (prototype === Date.prototype || prototype === Uint8Array.prototype) return value
  if (prototype === Object.prototype || prototype === null) return fields(value, depth)
  return atom(`#${className(prototype)}`)
}

function list(values: readonly unknown[], depth: number): unknown[] {
  const shown: unknown[] = []
  for (let i = 0; i < Math.min(values.length, ELEMENTS_MAX); i++) {
    const own = Object.getOwnPropertyDescriptor(values, i)
    shown.push(own === undefined ? undefined : "value" in own ? harmless(own.value, depth + 1) : atom("#Getter"))
  }
  return shown
}

function map(value: Map<unknown, unknown>, depth: number): Map<unknown, unknown> {
  const shown = new Map<unknown, unknown>()
  for (const [key, one] of Map.prototype.entries.call(value)) {
    if (shown.size >= ELEMENTS_MAX) break
    shown.set(harmless(key, depth + 1), harmless(one, depth + 1))
  }
  return shown
}

function fields(value: object, depth: number): object {
  const shown: Record<string, unknown> = {}
  for (const [key, own] of Object.entries(Object.getOwnPropertyDescriptors(value)).slice(0, ELEMENTS_MAX)) {
    if (own.enumerable !== true) continue
    const safe = "value" in own ? harmless(own.value, depth + 1) : atom("#Getter")
    Object.defineProperty(shown, key, { value: safe, enumerable: true })
  }
  return shown
}

function className(prototype: unknown): string {
  const made: unknown = Object.getOwnPropertyDescriptor(prototype as object, "constructor")?.value
  const name: unknown = typeof made === "function" ? Object.getOwnPropertyDescriptor(made, "name")?.value : undefined
  return typeof name === "string" && name !== "" ? name.slice(0, 60) : "Object"
}
