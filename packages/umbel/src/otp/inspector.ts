/**
 * The inspector: the process through which one node is looked at by another, and by the observer.
 *
 * ```ts
 * const { applications } = await node.call(INSPECTOR.at("back@127.0.0.1")).overview()
 * const tree = await node.call(INSPECTOR.at("back@127.0.0.1")).tree("index")
 * const { rows } = await node.call(INSPECTOR.at("back@127.0.0.1")).list({ sort: "mailbox", count: 20 })
 * ```
 *
 * It reads what the runtime keeps anyway and asks no other process, so nothing hangs on what it is shown. While nobody asks it costs the flight recorder,
 * which is less than a hundredth of the event loop. States leave the node printed, bounded, and with secrets covered.
 *
 * What can be asked stands in `inspection/api.ts`, the answers in `inspection/says/`, how they are made in `inspection/`.
 */
import type { Node } from "../runtime/index.ts"
import { inspect, Pid } from "../term/index.ts"
import { child } from "./child.ts"
import { define, type GenServer, name } from "./gen-server.ts"
import { perform, preview } from "./inspection/actions.ts"
import type { InspectorApi } from "./inspection/api.ts"
import { groupsOf } from "./inspection/groups.ts"
import { handlersOf } from "./inspection/handlers-of.ts"
import { Inspection } from "./inspection/inspection.ts"
import type { InspectorAction } from "./inspection/says/actions.ts"
import type { LogQuery } from "./inspection/says/crashes.ts"
import type { GroupsQuery } from "./inspection/says/groups.ts"
import type { MomentQuery } from "./inspection/says/moments.ts"
import type { ProcessQuery } from "./inspection/says/processes.ts"
import type { ProfileOptions } from "./inspection/says/profiling.ts"
import type { TraceOptions } from "./inspection/says/tracing.ts"
import { systemOf } from "./inspection/system.ts"
import { overviewOf, processViewOf, reportsOf, treeOf } from "./inspection/trees.ts"
import { logLevels } from "./logger.ts"
import { type Refused, refuse } from "./replies.ts"
import type { Server } from "./server.ts"
import { supervisor } from "./supervisor.ts"

export type { InspectorApi } from "./inspection/api.ts"
export type {
  ApplicationRow,
  Overview,
  ProcessRef,
  ProcessView,
  ReportView,
  TreeNode,
} from "./inspection/says/overview.ts"

/** Where every node's inspector is found. */
export const INSPECTOR = name<InspectorApi>("umbel_inspector")

/** What a node keeps of itself outlives the process that is asked for it. */
const inspectionKey = Symbol.for("umbel.inspection")
const inspectionOf = (node: Node): Inspection => node.attachments.get(inspectionKey) as Inspection
const kept = ({ state }: Server): Inspection => state as Inspection

/**
 * A read, whose time on the thread is counted: the observer shows what it costs itself. What it throws is refused, as who asks for nonsense must not
 * end the inspector.
 */
const read =
  <R>(answer: (inspection: Inspection, node: Node, ...args: readonly unknown[]) => R) =>
  (self: Server, ...args: readonly unknown[]): R | Refused<string> => {
    const { clock } = self.node.platform
    const began = clock.now()
    const inspection = kept(self)
    try {
      return answer(inspection, self.node, ...args)
    } catch (thrown) {
      return said(thrown)
    } finally {
      inspection.answersMs += clock.now() - began
    }
  }

const said = (thrown: unknown): Refused<string> => refuse(thrown instanceof Error ? thrown.message : String(thrown))
/** An answer that takes a while: the inspector goes on with others. */
const later = (self: Server, work: Promise<unknown>): unknown => self.later(work.catch(said))

const pidOf = (value: unknown): Pid | undefined => (value instanceof Pid ? value : undefined)

/** @internal */
export const inspector = define("umbel.inspector", {
  init(_arg, self) {
    self.cold.essential = true
    return inspectionOf(self.node)
  },
  calls: {
    overview: read((_kept, node) => overviewOf(node)),
    tree: read((_kept, node, application) => treeOf(node, String(application))),
    process: read((_kept, node, pid) => (pidOf(pid) === undefined ? undefined : processViewOf(node, pid as Pid))),
    handlers: (self, pid) => later(self, handlersOf(self.node, pid as Pid)),
    reports: read((_kept, node, since) => reportsOf(node, Number(since))),

    system: read(({ recorder, answersMs }, node) => systemOf(node, recorder, answersMs)),
    list: (self, query) => {
      const page = read(({ list }) => list.page((query ?? {}) as ProcessQuery))(self)
      return page instanceof Promise ? later(self, page) : page
    },
    find: read(({ list }, _node, text, limit) => list.find(String(text), Number(limit))),

    crashes: read(({ crashes }) => crashes.groups()),
    longHandlers: read(({ longHandlers }) => longHandlers.groups()),
    logs: read(({ log }, node, query) => log.page(node.name, query as LogQuery, logLevels(node))),
    groups: read((_kept, node, query) => groupsOf(node, query as GroupsQuery)),

    trace: (self, options) => read(({ tracer }) => tracer.start(options as TraceOptions, callerOf(self)))(self),
    traced: read(({ tracer }, _node, id, since) => tracer.page(Number(id), Number(since))),
    traceAlso: read(({ tracer }, _node, id, these) => tracer.add(Number(id), (these ?? {}) as TraceOptions)),
    mailbox: read(({ tracer }, _node, pid) => (pidOf(pid) === undefined ? undefined : tracer.mailbox(pid as Pid))),
    untrace: (self, id) => {
      kept(self).tracer.stop(Number(id), "asked")
      return "ok"
    },

    recording: read(({ recorder }, _node, since) => recorder.recording(Number(since) || 0)),
    moment: read(({ recorder }, _node, at, query) => recorder.moment(Number(at), (query ?? {}) as MomentQuery)),
    lastViews: read(({ lastViews }) => lastViews.all()),

    retained: (self, pid, options) => {
      const confirmed = (options as { confirmed?: unknown } | undefined)?.confirmed === true
      return later(self, kept(self).retained(pid as Pid, confirmed))
    },
    profile: (self, options) => later(self, kept(self).profile((options ?? {}) as ProfileOptions)),

    preview: read((_kept, node, action) => preview(node, action as InspectorAction)),
    perform: (self, action, by) => later(self, perform(self.node, action as InspectorAction, String(by))),
  },
  casts: {
    remember: (self, view) => kept(self).lastViews.remember(view),
  },
  // What stands in no table: who asks is of another release, and the inspector must live.
  request: (_self, request) => refuse(`this inspector is not asked ${inspect(request, { limit: 5, size: 100 })}`),
  formatStatus: (state) => ({ traces: (state as Inspection).tracer.running }),
}) as unknown as GenServer<void, InspectorApi>

/** Who has made the call in hand. */
function callerOf({ current, node }: Server): Pid {
  if (current === undefined || !("caller" in current)) return node.root.pid
  return current.from?.pid ?? current.caller
}

const kernel = supervisor("umbel.kernel", { children: [child(inspector, { name: INSPECTOR })] })

/** Starts what every node has of its own, whatever its applications: the inspector, under a supervisor. @internal */
export async function startKernel(node: Node): Promise<void> {
  const inspection = new Inspection(node)
  node.attachments.set(inspectionKey, inspection)
  node.onStop(() => inspection[Symbol.dispose]())
  await node.startFor(node.root, kernel, { name: name("umbel_kernel") })
}
