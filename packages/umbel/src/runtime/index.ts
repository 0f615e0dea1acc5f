/** Processes, signals and the scheduler: what every behaviour stands on. */

export { CallBroker } from "./call-broker.ts"
export { CallExit, CallRefused } from "./call-errors.ts"
export {
  type Api,
  type Caller,
  type CallOptions,
  type Calls,
  type Casts,
  type Definition,
  type Down,
  type Exit,
  type ExitReason,
  isDown,
  isExit,
  type Process as ProcessCapability,
  type Running,
  type StartOptions,
} from "./capability.ts"
export { Coroutine } from "./coroutine.ts"
export { threwLate } from "./death.ts"
export type {
  Collections,
  Diagnostics,
  EngineLimits,
  HeldFrame,
  HeldStack,
  LoopDelay,
  RetainedSize,
  SampledFrame,
  SampledProfile,
  SourcePlace,
} from "./diagnostics.ts"
export {
  CALL,
  CAST,
  Call,
  Cast,
  type Envelope,
  fromTerm,
  MESSAGE,
  Message,
  PENDING,
  requestTerm,
  termOf,
} from "./envelope.ts"
export { ExitThrown, isOrderly, NameTaken, ProcessEnded, reasonOf, StartFailed, StartIgnored } from "./exits.ts"
export {
  type ProcessDetails,
  type ProcessRow,
  type ProcessStatus,
  printed,
  processDetails,
  processRow,
  statusOf,
} from "./introspection.ts"
export { Keeper } from "./keeper.ts"
export { linkedPids, linksOf } from "./links.ts"
export type { MailboxLimit, OverflowPolicy } from "./mailbox-limit.ts"
export type { Monitor } from "./monitor.ts"
export type { Directory } from "./names.ts"
export { type Creatable, create, Node, type NodeOptions } from "./node.ts"
export type { Attribution, Clock, Executor, Platform, Random, Timer, Vitals } from "./platform.ts"
export {
  AWAITING,
  type ChildDescription,
  type Description,
  ENDED,
  IDLE,
  Process,
  READY,
  RUNNING,
  SUSPENDED,
  type SupervisionDescription,
} from "./process.ts"
export { reasonText } from "./reason-text.ts"
export { type LinkTraffic, noRemote, type Remote, type RemoteOutcome, type Watch } from "./remote.ts"
export type {
  CrashReport,
  LongHandlerReport,
  NoteReport,
  ProgressReport,
  Report,
  SupervisionReport,
} from "./report.ts"
export { ancestors, type ReportListener } from "./reports.ts"
export {
  type AnyModules,
  type Exposed,
  type ExposedFunction,
  type Modules,
  type RpcClient,
  RpcFailed,
  type RpcOptions,
} from "./rpc.ts"
export type { Settled, Spy } from "./spy.ts"
export { ignoreStart } from "./start-ends.ts"
export { pageOf, supervisionView } from "./supervision-view.ts"
export type { TraceEvent } from "./trace.ts"
export { type TraceContext, traceIdOf } from "./trace-context.ts"
export { Watchers } from "./watchers.ts"
