/**
 * Registry: processes of a node found by key, each with a value.
 *
 * ```ts
 * export const ROOMS = registry<string, { topic: string }, typeof room>("chat.rooms", { keys: "unique" })
 * child(ROOMS)                                             // before those that use it
 * child(room, { arg: "lobby", name: via(ROOMS, "lobby") })
 * await self.call(via(ROOMS, "lobby")).join("ann")
 *
 * export const TOPICS = registry<string>("chat.topics", { keys: "duplicate" })
 * Registry.register(self, TOPICS, "news")
 * Registry.dispatch(self, TOPICS, "news", (entries) => { for (const { pid } of entries) self.send(pid, "hello") })
 * ```
 *
 * A registry is a process under the name of its module, which owns a table. Reading and writing that table asks nobody, so it cannot be late and holds nobody up. An
 * entry goes when its process ends. When the registry itself ends, those registered end too, as if linked to it: so start it before them.
 *
 * Keys and values are terms; keys are told apart as terms. What is registered is copied and frozen, and what is read is to be looked at only. Where Elixir
 * takes match specifications, a function is taken here: it runs in the reader. Rules: Elixir's `Registry`.
 */
import type { Api, Node, ProcessCapability } from "../runtime/index.ts"
import { copy, defaultStructs, inspect, keyText, Name, type Pid, share } from "../term/index.ts"
import type { ApiFor, GenServer } from "./gen-server.ts"
import { nodeOf, processOf } from "./node-of.ts"
import { RegistryServer, registryDefinition } from "./registry-server.ts"
import type { Entry } from "./registry-table.ts"

declare const holds: unique symbol

/** A registry, to be started once on each node that uses it. */
export interface RegistryDefinition<Key, Value> extends GenServer<void, RegistryServes> {
  /** `unique`: a key has one process at most. */
  readonly keys: "unique" | "duplicate"
  readonly [holds]?: { readonly key: Key; readonly value: Value; readonly served?: Api }
}
/** A registry in which via names mean something. `Served` is what may be asked of those registered. */
export interface UniqueRegistry<Key, Value, Served extends Api = Api> extends RegistryDefinition<Key, Value> {
  readonly keys: "unique"
  readonly [holds]?: { readonly key: Key; readonly value: Value; readonly served: Served }
}
export interface DuplicateRegistry<Key, Value> extends RegistryDefinition<Key, Value> {
  readonly keys: "duplicate"
}
/** Nothing is asked of the registry's process. */
export interface RegistryServes extends Api {
  calls: {}
  casts: {}
}

/** One that is registered. */
export interface Registered<Value> {
  readonly pid: Pid
  readonly value: Value
}
export interface RegistryEntry<Key, Value> extends Registered<Value> {
  readonly key: Key
}
/** What listeners get; also when an entry goes because its process has ended. */
export interface RegistryEvent<Key, Value> extends RegistryEntry<Key, Value> {
  readonly kind: "registered" | "unregistered"
  /** The registry's module. */
  readonly registry: string
}

export interface RegistrySpec {
  /** Processes of the node that are told of every entry that comes or goes, in {@link RegistryEvent}s. One that does not run misses them. */
  readonly listeners?: readonly Name[] | undefined
  /** What {@link RegistryApi.meta} gives at first. Terms. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined
}

const KEYS: ReadonlySet<string> = new Set(["keys", "listeners", "meta"])

/** Defines a registry; `Serves` is the server, or the Api, that via names of it lead to. @throws TypeError for an unknown key or value */
export function registry<Key, Value = undefined, Serves extends GenServer<never, Api> | Api = Api>(
  module: string,
  spec: RegistrySpec & { readonly keys: "unique" },
): UniqueRegistry<Key, Value, ApiFor<Serves>>
export function registry<Key, Value = undefined>(
  module: string,
  spec: RegistrySpec & { readonly keys: "duplicate" },
): DuplicateRegistry<Key, Value>
export function registry(module: string, spec: RegistrySpec & { readonly keys: "unique" | "duplicate" }): unknown {
  for (const key of Object.keys(spec)) {
    if (!KEYS.has(key)) throw new TypeError(`${module}: a registry has no ${key}; it has ${[...KEYS].join(", ")}`)
  }
  const { keys, listeners = [], meta = {} } = spec
  if (keys !== "unique" && keys !== "duplicate") {
    throw new TypeError(`${module}: keys are unique or duplicate, not ${String(keys)}`)
  }
  for (const listener of listeners) {
    if (listener instanceof Name && listener.node === undefined && listener.key === undefined) continue
    throw new TypeError(`${module}: a listener is a plain name on the same node, not ${inspect(listener)}`)
  }
  return { ...registryDefinition({ module, keys, listeners, meta: share({ ...meta }, { root: "meta" }) }), keys }
}

/** The key of a unique registry has a process. */
export class AlreadyRegistered extends Error {
  override readonly name = "AlreadyRegistered"
  readonly registry: string
  readonly key: unknown
  readonly holder: Pid
  constructor(registry: string, key: unknown, holder: Pid) {
    super(`${registry}: the key ${inspect(key, { limit: 20, text: 200, size: 1_000 })} is taken by ${holder}`)
    this.registry = registry
    this.key = key
    this.holder = holder
  }
}

/** The registry does not run on the node. */
export class UnknownRegistry extends Error {
  override readonly name = "UnknownRegistry"
  readonly registry: string
  constructor(registry: string, node: string) {
    super(`no registry ${registry} runs on ${node}; start it, as a child before those that use it`)
    this.registry = registry
  }
}

type Self = ProcessCapability | Node
type Any<Key, Value> = RegistryDefinition<Key, Value>
type ValueArgument<Value> = [undefined] extends [Value] ? [value?: NoInfer<Value>] : [value: NoInfer<Value>]

/** Each function throws {@link UnknownRegistry} where the registry does not run, and `NotATerm` for a key or value that is no term. */
export interface RegistryApi {
  /** Registers this process. @throws AlreadyRegistered if keys are unique and some process, even this one, has the key */
  register<Key, Value>(
    self: ProcessCapability,
    registry: Any<Key, Value>,
    key: NoInfer<Key>,
    ...value: ValueArgument<Value>
  ): void
  /** Takes every entry of this process under that key out. */
  unregister<Key, Value>(self: ProcessCapability, registry: Any<Key, Value>, key: NoInfer<Key>): void
  /** Takes out those whose value is `wanted`. */
  unregisterMatch<Key, Value>(
    self: ProcessCapability,
    registry: Any<Key, Value>,
    key: NoInfer<Key>,
    wanted: (value: Value) => boolean,
  ): void
  /** Who is registered under that key, oldest first. */
  lookup<Key, Value>(self: Self, registry: Any<Key, Value>, key: NoInfer<Key>): Registered<Value>[]
  /** Of those, the ones whose value is `wanted`. */
  match<Key, Value>(
    self: Self,
    registry: Any<Key, Value>,
    key: NoInfer<Key>,
    wanted: (value: Value) => boolean,
  ): Registered<Value>[]
  /** Puts `change(value)` in the place of this process's own value; undefined, and `change` is not called, when it is not registered under that key. */
  updateValue<Key, Value>(
    self: ProcessCapability,
    registry: UniqueRegistry<Key, Value>,
    key: NoInfer<Key>,
    change: (value: Value) => NoInfer<Value>,
  ): { readonly value: Value; readonly before: Value } | undefined
  /** The keys of a process, oldest first; one that occurs twice is there twice. */
  keys<Key, Value>(self: Self, registry: Any<Key, Value>, pid: Pid): Key[]
  /** The values of a process under that key. */
  values<Key, Value>(self: Self, registry: Any<Key, Value>, key: NoInfer<Key>, pid: Pid): Value[]
  /** Every entry, or every one that is `wanted`. */
  entries<Key, Value>(
    self: Self,
    registry: Any<Key, Value>,
    wanted?: (entry: RegistryEntry<Key, Value>) => boolean,
  ): RegistryEntry<Key, Value>[]
  /** How many entries there are, or are `wanted`. */
  count<Key, Value>(
    self: Self,
    registry: Any<Key, Value>,
    wanted?: (entry: RegistryEntry<Key, Value>) => boolean,
  ): number
  /** How many there are under that key, or are `wanted`. */
  countOf<Key, Value>(
    self: Self,
    registry: Any<Key, Value>,
    key: NoInfer<Key>,
    wanted?: (value: Value) => boolean,
  ): number
  /** Calls `run` with those under that key, unless there are none. It runs in the caller, and what it throws is the caller's. */
  dispatch<Key, Value>(
    self: Self,
    registry: Any<Key, Value>,
    key: NoInfer<Key>,
    run: (entries: readonly Registered<Value>[]) => void,
  ): void
  /** What is kept with the registry under that word: undefined unless told. */
  meta(self: Self, registry: Any<unknown, unknown>, key: string): unknown
  putMeta(self: Self, registry: Any<unknown, unknown>, key: string, value: unknown): void
  deleteMeta(self: Self, registry: Any<unknown, unknown>, key: string): void
  /**
   * Runs `work` while no other process runs work under that lock: any term, which need not be a key. The others wait, in their order. The lock is given back when
   * the work settles or the process ends; a process that asks for a lock it has is refused, as it would wait for itself.
   */
  lock<T>(
    self: ProcessCapability,
    registry: Any<unknown, unknown>,
    lock: unknown,
    work: () => T | Promise<T>,
  ): Promise<T>
  /** Whether a message is what this registry tells its listeners. */
  isEvent<Key, Value>(registry: Any<Key, Value>, message: unknown): message is RegistryEvent<Key, Value>
}

function serverOf(self: Self, { module }: Any<unknown, unknown>): RegistryServer {
  const node = nodeOf(self)
  const process = node.names.get(module)
  if (process instanceof RegistryServer) return process
  throw new UnknownRegistry(module, node.name)
}

/** Only a process can be registered, and only while it lives. */
function own(self: ProcessCapability) {
  const process = processOf(self)
  process.alive()
  if (process === process.node.root)
    throw new TypeError("code outside processes has nothing to register; do it in a process")
  return process
}

/** The entries of the process itself under that key. */
function ofOwn(self: ProcessCapability, registry: Any<unknown, unknown>, key: unknown): Entry[] {
  const process = own(self)
  return serverOf(self, registry)
    .table.at(key)
    .filter((entry) => entry.process === process)
}

// Frozen terms are read as they are: a copy of one is the term itself. The types are those that went in.
const valueOf = <Value>(entry: Entry): Value => copy(entry.value) as Value
const keyOf = <Key>(entry: Entry): Key => copy(entry.key) as Key
const registered = <Value>(entry: Entry): Registered<Value> => ({ pid: entry.process.pid, value: valueOf(entry) })
const entryOf = <Key, Value>(entry: Entry): RegistryEntry<Key, Value> => ({ key: keyOf(entry), ...registered(entry) })

export const Registry: RegistryApi = {
  register(self, registry, key, ...[value]) {
    const process = own(self)
    const holder = serverOf(self, registry).table.enter(key, value, process)
    if (holder !== undefined) throw new AlreadyRegistered(registry.module, holder.key, holder.process.pid)
  },

  unregister(self, registry, key) {
    const { table } = serverOf(self, registry)
    for (const entry of ofOwn(self, registry, key)) table.remove(entry)
  },

  unregisterMatch(self, registry, key, wanted) {
    const { table } = serverOf(self, registry)
    for (const entry of ofOwn(self, registry, key)) if (wanted(valueOf(entry))) table.remove(entry)
  },

  lookup: (self, registry, key) =>
    serverOf(self, registry)
      .table.at(key)
      .map((entry) => registered(entry)),

  match: (self, registry, key, wanted) => Registry.lookup(self, registry, key).filter(({ value }) => wanted(value)),

  updateValue(self, registry, key, change) {
    if (registry.keys !== "unique") throw new TypeError(`${registry.module} has duplicate keys: which value is meant?`)
    const [entry] = ofOwn(self, registry, key)
    if (entry === undefined) return undefined
    const before = entry.value
    entry.value = share(change(valueOf(entry)), { root: "value" })
    return { value: valueOf(entry), before: copy(before) as never }
  },

  keys(self, registry, pid) {
    const { table, node } = serverOf(self, registry)
    const process = node.find(pid)
    return process === undefined ? [] : table.of(process).map((entry) => keyOf(entry))
  },

  values: (self, registry, key, pid) =>
    Registry.lookup(self, registry, key)
      .filter((entry) => entry.pid.key === pid.key)
      .map(({ value }) => value),

  entries(self, registry, wanted) {
    const entries = Array.from(serverOf(self, registry).table, (entry) => entryOf<never, never>(entry))
    return wanted === undefined ? entries : entries.filter(wanted)
  },

  count: (self, registry, wanted) =>
    wanted === undefined ? serverOf(self, registry).table.size : Registry.entries(self, registry, wanted).length,

  countOf: (self, registry, key, wanted) =>
    wanted === undefined
      ? serverOf(self, registry).table.at(key).length
      : Registry.match(self, registry, key, wanted).length,

  dispatch(self, registry, key, run) {
    const entries = Registry.lookup(self, registry, key)
    if (entries.length > 0) run(entries)
  },

  meta: (self, registry, key) => copy(serverOf(self, registry).table.meta.get(key)),
  putMeta(self, registry, key, value) {
    serverOf(self, registry).table.meta.set(key, share(value, { root: "value" }))
  },
  deleteMeta(self, registry, key) {
    serverOf(self, registry).table.meta.delete(key)
  },

  async lock(self, registry, lock, work) {
    const process = own(self)
    const shown = inspect(lock, { limit: 8, text: 80, size: 160 })
    const text = keyText(copy(lock, { root: "lock" }), defaultStructs)
    return await serverOf(self, registry).locks.run(process, text, shown, work)
  },

  isEvent: (registry, message): message is RegistryEvent<never, never> =>
    typeof message === "object" &&
    message !== null &&
    "registry" in message &&
    message.registry === registry.module &&
    "kind" in message &&
    (message.kind === "registered" || message.kind === "unregistered"),
}
