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
 * For state or work that one process would be the bottleneck of, where handlers await: handlers that compute share one thread whatever they are. It is a
 * `one_for_one` supervisor under the name of its module. While a partition is started again its keys lead to nobody, and calls reject with `noproc`.
 * Rules: Elixir's `PartitionSupervisor`.
 */
import { type Api, type Directory, type Node, type Process, type ProcessCapability, create } from "../runtime/index.ts"
import { makeName, makeViaName, type Name, type NameKey, type Pid } from "../term/index.ts"
import { type Child, type ChildSpec, definition as definitionOf } from "./child.ts"
import { type ApiFor, type GenServer, type ServerDefinition } from "./gen-server.ts"
