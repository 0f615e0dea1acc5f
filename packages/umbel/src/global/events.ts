/**
 * What happens to `global` on a node, and what follows: the words of `state.ts`.
 */
import type { Pid } from "../term/index.ts"
import type { LockerMessage } from "./locker.ts"
import type { Op, Said } from "./protocol.ts"
import type { GlobalName } from "./tables.ts"

export type GlobalEvent =
  | Said
  /** A visible node is connected; `umbel`: it is one of ours. */
  | { readonly kind: "up"; readonly node: string; readonly umbel: boolean }
  /** It is no more. `innocent`: this node was held up itself, so nobody else need lose the other. */
  | { readonly kind: "down"; readonly node: string; readonly innocent: boolean }
  /** A node of which we were told is connected. */
  | { readonly kind: "met"; readonly node: string }
  /** It cannot be. `ours`: this node may not talk to it. */
  | { readonly kind: "unreachable"; readonly node: string; readonly ours: boolean }
  /** Our locker and that node's have locked both partitions. */
  | { readonly kind: "lockIsSet"; readonly node: string; readonly tag: number; readonly requester: unknown }
  /** What became of that node's names and ours: what to do here, and what it is to do. */
  | {
      readonly kind: "decided"
      readonly node: string
      readonly tag: number
      readonly ops: readonly Op[]
      readonly theirs: readonly Op[]
    }
  | { readonly kind: "ended"; readonly pid: Pid }
  /** Time has passed. */
  | { readonly kind: "beat" }
  /** The node stops: that it loses its connections is no news. */
  | { readonly kind: "stopping" }

export type Effect =
  /** To the name server of that node, connecting if need be. */
  | { readonly kind: "cast"; readonly node: string; readonly message: unknown }
  /** The same as a bare message, and only over a connection that is there. */
  | { readonly kind: "send"; readonly node: string; readonly message: unknown }
  /** `init_connect` with our locker. */
  | { readonly kind: "announce"; readonly node: string; readonly tag: number }
  | { readonly kind: "locker"; readonly message: LockerMessage }
  /** Decide about the names that both have, and tell `decided`. */
  | { readonly kind: "resolve"; readonly node: string; readonly tag: number; readonly names: readonly GlobalName[] }
  | { readonly kind: "stopResolving"; readonly node: string }
  /** Connect, and tell whether it is `met` or `unreachable`. */
  | { readonly kind: "meet"; readonly node: string }
  | { readonly kind: "disconnect"; readonly node: string }
  /** Disconnect, then connect again. */
  | { readonly kind: "renew"; readonly node: string }
  | { readonly kind: "watch"; readonly pid: Pid; readonly on: boolean }
  /** Of interest to whoever waits until all are in sync. */
  | { readonly kind: "synced" | "gone"; readonly node: string }
  | { readonly kind: "note"; readonly level: "warning" | "error"; readonly text: string }
