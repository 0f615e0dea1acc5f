/**
 * PartitionSupervisor: one kind of child several times over, and each key led to one of them.
 *
 * ```ts
 * export const counters = partitionSupervisor<typeof counter>("shop.counters", {
 *   child: (partition) => child(counter, { arg: partition }),
 *   partitions: 4,
 * })
 * await self.call(PartitionSupervisor.partition(counters, orderId)).increment(1)   // always the same one for that order
 * ```
 *
 * It is for what one process would be the bottleneck of because its handlers await; those that compute share one thread, however many they are. It is a
 * `one_for_one` supervisor under the name of its module, unless it is started under another. While a partition is started again its keys lead to
 * nobody, and calls reject with `noproc`. Rules: Elixir's `PartitionSupervisor`.
 */
import { type Api, create, type Directory, type Node, type Process, type ProcessCapability } from "../runtime/index.ts"
import { inspect, makeName, makeViaName, Name, type NameKey, type Pid } from "../term/index.ts"
import { type Child, type ChildSpec, changed } from "./child.ts"
import type { ApiFor, GenServer, ServerDefinition } from "./gen-server.ts"
import { processOf } from "./node-of.ts"
import { Refusal, refuse } from "./replies.ts"
import { Server } from "./server.ts"
import { type SupervisorApi, supervisor } from "./supervisor.ts"
import { Supervision } from "./supervisor-state.ts"
import { CodeChangeRefused } from "./upgrade.ts"
import { ViaKey } from "./via.ts"

declare const leadsTo: unique symbol

/** `Served` is what may be asked of a partition. */
export interface PartitionSupervisorApi<Served extends Api> extends Api {
  calls: {
    partitions(): number
    children(): readonly { id: string; pid: Pid | "restarting" | undefined }[]
    countChildren(): ReturnType<SupervisorApi["calls"]["countChildren"]>
    resize(partitions: number): number
  }
  casts: {}
  readonly [leadsTo]: Served
}

export interface PartitionSupervisorSpec {
  /** The child of each partition; a function gets its number, from 0 on. Its id is that number, whatever it says itself. */
  readonly child: Child | ((partition: number) => Child)
  /** How many; 8 unless told, as nothing here tells how many processors a machine has. */
  readonly partitions?: number | undefined
  /** At most `intensity` restarts in any `period` milliseconds (3 in 5,000 unless told), over all partitions. */
  readonly intensity?: number | undefined
  readonly period?: number | undefined
}

const KEYS: ReadonlySet<string> = new Set(["child", "partitions", "intensity", "period"])
const PARTITIONS = 8

/** Defines a partition supervisor; `Serves` is the server, or the Api, of its children. @throws TypeError for an unknown key or value */
export function partitionSupervisor<Serves extends GenServer<never, Api> | Api = Api>(
  module: string,
  spec: PartitionSupervisorSpec,
): GenServer<void, PartitionSupervisorApi<ApiFor<Serves>>> {
  for (const key of Object.keys(spec)) {
    if (!KEYS.has(key))
      throw new TypeError(`${module}: a partition supervisor has no ${key}; it has ${[...KEYS].join(", ")}`)
  }
  const { child, partitions = PARTITIONS, intensity = 3, period = 5_000 } = spec
  if (typeof child !== "function" && !(typeof child === "object" && child !== null && "start" in child)) {
    throw new TypeError(`${module}: \`child\` is child(…), or a function that gives one, not ${inspect(child)}`)
  }
  if (!Number.isSafeInteger(partitions) || partitions < 1) {
    throw new TypeError(`${module}: \`partitions\` is a whole number from 1 on, not ${inspect(partitions)}`)
  }
  const children = Array.from({ length: partitions }, (_, partition) =>
    numbered(typeof child === "function" ? child(partition) : child, partition),
  )
  const base = supervisor(module, { children, intensity, period }) as unknown as ServerDefinition
  const definition: ServerDefinition = {
    ...base,
    init(arg, self) {
      if (self.registeredName === undefined) self.register(makeName(module, undefined))
      return base.init(arg, self)
    },
    calls: new Map([
      ...base.calls,
      ["partitions", (self) => (self as PartitionServer).partitions],
      ["resize", (self, size) => (self as PartitionServer).resize(size)],
    ]),
    spec: {
      ...base.spec,
      kind: "partition supervisor",
      codeChange(state, change, self) {
        const { most } = self as PartitionServer
        if (most === partitions) return base.spec.codeChange!(state, change, self)
        throw new CodeChangeRefused(
          `${module} has ${most} partitions and cannot have ${partitions} while it runs; keys would lead elsewhere`,
        )
      },
    },
    [create]: (node: Node, parent: Process) => new PartitionServer(node, parent, definition, partitions),
  }
  return definition as never
}

function numbered(given: Child, partition: number): Child {
  return changed(given as unknown as ChildSpec, { id: String(partition) }) as unknown as Child
}

/** A supervisor that knows its children by any key. */
class PartitionServer extends Server implements Directory {
  /** How many partitions keys are spread over now. */
  partitions: number
  readonly most: number

  constructor(node: Node, parent: Process, definition: ServerDefinition, partitions: number) {
    super(node, parent, definition, undefined)
    this.partitions = partitions
    this.most = partitions
  }

  override get directory(): Directory {
    return this
  }
  find(key: NameKey): Process | undefined {
    if (this.partitions === 0 || !(this.state instanceof Supervision)) return undefined
    const pid = this.state.find(String(place(key, this.partitions)))?.pid
    return pid === undefined ? undefined : this.node.find(pid)
  }
  enter(): never {
    throw new TypeError(
      `${this.title} is a partition supervisor: it starts who is found in it, and nobody registers there`,
    )
  }
  leave(): void {
    this.enter()
  }

  /** Stops partitions, or starts those again that were stopped; gives how many there were. Keys lead to running ones all along. */
  async resize(size: unknown): Promise<unknown> {
    const before = this.partitions
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0 || size > this.most) {
      return refuse(`${this.title} can have 0 to ${this.most} partitions, not ${inspect(size)}`)
    }
    const { calls } = this.definition
    if (size < before) this.partitions = size
    for (let i = before - 1; i >= size; i--) await calls.get("terminateChild")?.(this, String(i))
    for (let i = before; i < size; i++) {
      const started = await calls.get("restartChild")?.(this, String(i))
      if (started instanceof Refusal) return started
      this.partitions = i + 1
    }
    return before
  }
}

/** A whole number is its own place, modulo the partitions; anything else one by the hash of the term. */
function place({ term, text }: NameKey, partitions: number): number {
  if (typeof term === "number" && Number.isSafeInteger(term)) return Math.abs(term) % partitions
  return hash(text) % partitions
}

/** FNV-1a, over UTF-16 units. */
function hash(text: string): number {
  let sum = 0x811c9dc5
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193)
  return sum >>> 0
}

/** A partition supervisor as one says which is meant: by its definition when it bears the name of its module, or by its name. */
export type Partitioned<Served extends Api> =
  | GenServer<void, PartitionSupervisorApi<Served>>
  | Name<PartitionSupervisorApi<Served>>

type Self = ProcessCapability | Node

/** All but `partition` ask the supervisor, and reject with `CallExit` as any call does. */
export interface PartitionSupervisorFunctions {
  /**
   * The name of the partition that `key` leads to, good on this node: for `call`, `cast`, `send`, `monitor`, `whereis`. Whole numbers lead to themselves modulo the
   * partitions. @throws NotATerm for a key that is no term; TypeError for a supervisor on another node
   */
  partition<Served extends Api>(supervisor: Partitioned<Served>, key: unknown): Name<Served>
  /** How many partitions keys are spread over. */
  partitions<Served extends Api>(self: Self, supervisor: Partitioned<Served>): Promise<number>
  /** What runs in each partition, in their order. */
  children<Served extends Api>(
    self: Self,
    supervisor: Partitioned<Served>,
  ): Promise<readonly { readonly partition: number; readonly pid: Pid<Served> | undefined }[]>
  countChildren<Served extends Api>(
    self: Self,
    supervisor: Partitioned<Served>,
  ): Promise<{ specs: number; active: number; supervisors: number; workers: number }>
  /**
   * Spreads keys over fewer partitions, and stops the rest; or over more again, up to those it was defined with. Gives how many there
   * were. Rejects with `CallRefused` for any other number, and when a partition does not start again.
   */
  resize<Served extends Api>(self: Self, supervisor: Partitioned<Served>, partitions: number): Promise<number>
}

const nameOf = <Served extends Api>(supervisor: Partitioned<Served>): Name<PartitionSupervisorApi<Served>> =>
  supervisor instanceof Name
    ? supervisor
    : (makeName(supervisor.module, undefined) as Name<PartitionSupervisorApi<Served>>)

export const PartitionSupervisor: PartitionSupervisorFunctions = {
  partition<Served extends Api>(supervisor: Partitioned<Served>, key: unknown) {
    const { name, node, key: itself } = nameOf(supervisor)
    if (node !== undefined || itself !== undefined) {
      throw new TypeError(`a partition is found through a plain name on the same node, not ${nameOf(supervisor)}`)
    }
    return makeViaName(name, new ViaKey(key, undefined)) as Name<Served>
  },

  partitions: (self, supervisor) => processOf(self).call(nameOf(supervisor)).partitions(),

  async children(self, supervisor) {
    const children = await processOf(self).call(nameOf(supervisor)).children()
    return children.map(({ id, pid }) => ({
      partition: Number(id),
      pid: typeof pid === "object" ? pid : undefined,
    })) as never
  },

  countChildren: (self, supervisor) => processOf(self).call(nameOf(supervisor)).countChildren(),

  async resize(self, supervisor, partitions) {
    return await processOf(self).call(nameOf(supervisor)).resize(partitions)
  },
}
