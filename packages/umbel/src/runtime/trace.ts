/** What a tracer is told: the few events from which a run can be told apart from another. */
import type { Pid } from "../term/index.ts"
import type { Envelope } from "./envelope.ts"

export type TraceEvent =
  | { readonly kind: "spawn"; readonly pid: Pid; readonly parent: Pid | undefined }
  | { readonly kind: "deliver"; readonly pid: Pid; readonly envelope: Envelope }
  | { readonly kind: "exit"; readonly pid: Pid; readonly reason: unknown }
