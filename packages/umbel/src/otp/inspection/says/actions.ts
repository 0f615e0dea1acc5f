/**
 * What the inspector can be asked to do, and what it says beforehand and afterwards.
 *
 * ```ts
 * const inspector = self.call(INSPECTOR.at("back@127.0.0.1"))
 * const { effects } = await inspector.preview({ kind: "kill", pid })
 * await inspector.perform({ kind: "kill", pid }, "ann")
 * ```
 *
 * Who may do what is the matter of whoever lets people ask (the observer's capabilities); every action is noted in the node's log with the name given.
 */
import type { Pid } from "../../../term/index.ts"
import type { LogLevelName } from "./crashes.ts"

export type InspectorAction =
  /** An exit signal with that reason, as `exit/2`. */
  | { readonly kind: "exit"; readonly pid: Pid; readonly reason: unknown }
  | { readonly kind: "kill"; readonly pid: Pid }
  /** It gets no turn until it is resumed: what comes meanwhile waits. */
  | { readonly kind: "suspend"; readonly pid: Pid }
  | { readonly kind: "resume"; readonly pid: Pid }
  /** A suspended one handles the message that is next, and is suspended again. */
  | { readonly kind: "step"; readonly pid: Pid }
  /** All processes of an application, or one with all below it. */
  | { readonly kind: "freeze" | "thaw"; readonly application: string; readonly pid?: undefined }
  | { readonly kind: "freeze" | "thaw"; readonly pid: Pid; readonly application?: undefined }
  | { readonly kind: "send"; readonly pid: Pid; readonly message: unknown }
  /** Of a static supervisor by the child's id. */
  | { readonly kind: "restart_child"; readonly supervisor: Pid; readonly child: string }
  | { readonly kind: "terminate_child"; readonly supervisor: Pid; readonly child: string }
  | { readonly kind: "start_application"; readonly application: string }
  | { readonly kind: "stop_application"; readonly application: string }
  /** Of the node, an application or a process; without a level, one of an application or a process is taken back. */
  | {
      readonly kind: "set_log_level"
      readonly level: LogLevelName | undefined
      readonly application?: string | undefined
      readonly pid?: Pid | undefined
    }
  | { readonly kind: "collect_garbage" }
  /** The node wants no more work (`/ready` of a release answers 503), or wants it again. Nothing ends. */
  | { readonly kind: "drain" | "undrain" }
  | { readonly kind: "disconnect"; readonly node: string }

export type InspectorActionKind = InspectorAction["kind"]

/** What an action would do. */
export interface ActionPreview {
  /** Undefined when it can be done, else why not. */
  readonly refused: string | undefined
  /** In a sentence. */
  readonly summary: string
  /** Whom it concerns, nearest first; the first so many. */
  readonly effects: readonly ActionEffect[]
  /** Effects beyond those shown. */
  readonly more: number
  /** Whether it takes something down or cannot be taken back: to be confirmed. */
  readonly destructive: boolean
}

export interface ActionEffect {
  /** Undefined for what is no process of this node. */
  readonly pid: Pid | undefined
  readonly title: string
  readonly what:
    | "ends"
    | "restarts"
    | "is told"
    | "is suspended"
    | "is resumed"
    | "receives"
    | "starts"
    | "changes"
    | "is lost"
  /** Why: "it is linked", "its supervisor starts it again", … */
  readonly why: string
}

export interface ActionOutcome {
  readonly done: boolean
  /** What was done, or why it was not. */
  readonly text: string
}
