/**
 * Via names: processes found by any key instead of a registered name.
 *
 * ```ts
 * child(room, { arg: "lobby", name: via(ROOMS, "lobby") })   // registers as it starts
 * await self.call(via(ROOMS, "lobby")).join("ann")
 * ```
 *
 * A via name goes wherever a name goes: `call`, `cast`, `send`, `monitor`, `whereis`, `register`, and the `name` of a start or a child. Without
 * an entry it is a name that nobody bears: a call rejects with `noproc`. It is good on its own node only: it has no `.at(node)`, and a
 * message that holds one is not sent to other nodes.
 */
import type { Api } from "../runtime/index.ts"
import { copy, defaultStructs, inspect, keyText, makeViaName, type Name, type NameKey } from "../term/index.ts"
import type { UniqueRegistry } from "./registry.ts"

/** Printed keys are for people, and end up in labels and ids of children. */
const SHOWN = { limit: 8, text: 80, size: 160 }

/** @internal */
export class ViaKey implements NameKey {
  readonly term: unknown
  readonly text: string
  readonly value: unknown

  /** @throws NotATerm for a key or value that is no term */
  constructor(term: unknown, value: unknown) {
    this.term = copy(term, { root: "key" })
    this.text = keyText(this.term, defaultStructs)
    this.value = copy(value, { root: "value" })
  }

  toString(): string {
    return inspect(this.term, SHOWN)
  }
}

/**
 * The name of whoever is registered in `registry` under `key`. A process that registers by it, by starting with it for one, gets `value` as its value:
 * undefined unless told. @throws NotATerm for a key or value that is no term; TypeError for a registry of duplicate keys
 */
export function via<Key, Value, Served extends Api>(
  registry: UniqueRegistry<Key, Value, Served>,
  key: NoInfer<Key>,
  value?: NoInfer<Value>,
): Name<Served> {
  if (registry.keys !== "unique") {
    throw new TypeError(
      `${registry.module} has ${registry.keys} keys; a via name needs unique ones, to mean one process`,
    )
  }
  return makeViaName(registry.module, new ViaKey(key, value)) as Name<Served>
}
