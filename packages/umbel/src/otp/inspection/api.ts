/**
 * All that a node's inspector is asked: the one interface behind the observer's pages, `umbel top`, and whoever else looks at a node.
 *
 * ```ts
 * const inspector = node.call(INSPECTOR.at("back@127.0.0.1"))
 * await inspector.system()
 * await inspector.list({ sort: "mailbox", count: 20 })
 * ```
 *
 * Reads look at the runtime's own records and message no process of users, so nothing hangs on what is shown. What leaves the node is bounded, terms are
 * printed, and secrets covered. Only {@link InspectorApi.calls.perform} changes anything.
 */
import type { Api } from "../../runtime/index.ts"
import type { Pid } from "../../term/index.ts"
import type { ActionOutcome, ActionPreview, InspectorAction } from "./says/actions.ts"
import type { CrashGroup, LogPage, LogQuery, LongHandlerGroup } from "./says/crashes.ts"
import type { GroupsQuery, GroupsView } from "./says/groups.ts"
import type { Moment, MomentQuery } from "./says/moments.ts"
import type { Overview, ProcessView, ReportView, TreeNode } from "./says/overview.ts"
import type { FoundProcess, HandlerView, ProcessPage, ProcessQuery } from "./says/processes.ts"
import type { Profile, ProfileOptions, Retained } from "./says/profiling.ts"
import type { LastView, Recording } from "./says/recording.ts"
import type { SystemView } from "./says/system.ts"
import type { MailboxView, TraceOptions, TracePage, TraceStarted } from "./says/tracing.ts"

export interface InspectorApi extends Api {
  calls: {
    overview(): Overview
    /** The supervision tree of an application; of `init` and `user`, the node's own. Undefined when it does not run. */
    tree(application: string): TreeNode | undefined
    process(pid: Pid): ProcessView | undefined
    /** The handlers of a server and where they are written. Undefined for a process that has ended. */
    handlers(pid: Pid): readonly HandlerView[] | undefined
    /** The reports with an id above `since`, oldest first. */
    reports(since: number): readonly ReportView[]

    /** The node in numbers. */
    system(): SystemView
    /** A window of the processes, filtered and sorted. */
    list(query: ProcessQuery): ProcessPage
    /** The first `limit` processes (100 at most) whose pid, name, label or module contains the text: exact matches first. */
    find(text: string, limit: number): readonly FoundProcess[]

    /** Crashes by cause, the latest first. */
    crashes(): readonly CrashGroup[]
    longHandlers(): readonly LongHandlerGroup[]
    logs(query: LogQuery): LogPage
    groups(query: GroupsQuery): GroupsView

    /** Begins a trace, on behalf of the process that asks. Refused when ten run already, or none of the processes is here. */
    trace(options: TraceOptions): TraceStarted
    /** What was traced since then. Undefined when there is no such trace (any more: a stopped one is kept for a minute). */
    traced(id: number, since: number): TracePage | undefined
    /** Traces these processes of this node too from now on: how many it is about then; undefined when there is no such trace. */
    traceAlso(id: number, these: Pick<TraceOptions, "pids" | "names">): number | undefined
    /** What this mailbox is like since the first look at it; ask again within ten seconds, or it ends. Undefined for a process that has ended. */
    mailbox(pid: Pid): MailboxView | undefined
    untrace(id: number): "ok"

    /** What the flight recorder has since then, in milliseconds since 1970. */
    recording(since: number): Recording
    /** What it has of one moment, in milliseconds since 1970. */
    moment(at: number, query?: MomentQuery): Moment
    /** Other nodes as they were seen last, those that are gone first. */
    lastViews(): readonly LastView[]

    /** The exact size of a process, from a snapshot of the heap: the node stands still meanwhile. */
    retained(pid: Pid, options: { readonly confirmed: boolean }): Retained
    /** Where the time goes. Answers when it is over: give the call a longer time-out than the profile. Refused while another one runs. */
    profile(options: ProfileOptions): Profile

    /** What an action would do. Changes nothing. */
    preview(action: InspectorAction): ActionPreview
    /** Does it; `by` is who wants it, for the log. */
    perform(action: InspectorAction, by: string): ActionOutcome
  }
  casts: {
    /** A peer tells how it is, so that somebody knows when it is gone. */
    remember(view: Omit<LastView, "at" | "connected">): void
  }
}
