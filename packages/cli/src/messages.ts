/** What a node and the `umbel up` above it tell each other. */
import type { ProgressReport } from "umbel/runtime"

export type FromNode =
  | { readonly kind: "ready"; readonly addresses: readonly Address[] }
  | { readonly kind: "progress"; readonly progress: ProgressReport }
  | { readonly kind: "failed"; readonly problem: string; readonly cure: string }

export type ToNode = { readonly kind: "stop" }

/** Something a person can open. */
export interface Address {
  readonly title: string
  readonly url: string
}
