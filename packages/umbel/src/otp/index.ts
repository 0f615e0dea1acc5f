/** Behaviours and applications. */

export { redact } from "../term/redact.ts"
export { Agent, type AgentApi, type AgentFunctions, type AgentOptions, agent } from "./agent.ts"
export { type Application, type ApplicationSpec, application, LoadedApplication } from "./application.ts"
export {
  ApplicationController,
  ApplicationFailed,
  type ApplicationType,
  applicationsOf,
  explainConfig,
  type RunningApplication,
  startApplication,
  stopApplication,
} from "./application-controller.ts"
export {
  APPLICATION_OPTIONS,
  type ApplicationOptions,
  type RuntimeConfig,
  type RuntimeContext,
  startApplications,
} from "./boot.ts"
export { bootOrder, DependencyCycle } from "./boot-order.ts"
export type { Checks, Schemas } from "./checks.ts"
export { type Child, type ChildOptions, child, type Restart, type Shutdown } from "./child.ts"
export { type CodeChange, type CodeChangeOptions, changeCode } from "./code-change.ts"
export { ConfigError, type DeepPartial, type StandardSchema } from "./config.ts"
export {
  type ConfigByApplication,
  type ConfigExplanation,
  type ConfigLayer,
  type ConfigSources,
  type Environment,
  type ResolvedConfig,
  resolveConfig,
} from "./config-layers.ts"
export { Drain, type DrainFunctions } from "./drain.ts"
export { type DynamicSupervisorApi, type DynamicSupervisorSpec, dynamicSupervisor } from "./dynamic-supervisor.ts"
export {
  type ApiFor,
  define,
  type GenServer,
  type GenServerSpec,
  genServer,
  name,
  type Self,
  type StatusAbout,
} from "./gen-server.ts"
export {
  type EventTable,
  type GenStatem,
  type GenStatemSpec,
  genStatem,
  type InferredStatemSpec,
  type MachineBeginning,
  type MachineInitialising,
  type MachineSelf,
  type MachineTime,
  type MachineTimeout,
  type MachineTimers,
  type StateTable,
} from "./gen-statem.ts"
export { UnknownRequest } from "./handlers.ts"
export type { GlobalNames } from "./inspection/groups.ts"
export { globalNamesKey } from "./inspection/groups.ts"
export { type MemoryEstimate, memoryOf } from "./inspection/memory-estimate.ts"
export {
  EVENTS_MAX as RECORDED_EVENTS_MAX,
  type RecorderRing,
  RINGS as RECORDER_RINGS,
  RINGS_BYTES as RECORDER_RINGS_BYTES,
  ROWS_PER_MEASURE as RECORDER_ROWS,
  SCENES as RECORDER_SCENES,
} from "./inspection/recorder-bounds.ts"
export { NotARecording, readRecordingFile, recordingFile } from "./inspection/recording-file.ts"
export type * from "./inspection/says/actions.ts"
export type * from "./inspection/says/crashes.ts"
export type * from "./inspection/says/groups.ts"
export type * from "./inspection/says/moments.ts"
export type * from "./inspection/says/processes.ts"
export type * from "./inspection/says/profiling.ts"
export type * from "./inspection/says/recording.ts"
export type * from "./inspection/says/system.ts"
export type * from "./inspection/says/tracing.ts"
export {
  type ApplicationRow,
  INSPECTOR,
  type InspectorApi,
  type Overview,
  type ProcessRef,
  type ProcessView,
  type ReportView,
  startKernel,
  type TreeNode,
} from "./inspector.ts"
export { applicationOf, Logger, type LoggerApi, type LogLevel } from "./logger.ts"
export {
  type Partitioned,
  PartitionSupervisor,
  type PartitionSupervisorApi,
  type PartitionSupervisorFunctions,
  type PartitionSupervisorSpec,
  partitionSupervisor,
} from "./partition-supervisor.ts"
export { isPgNews, Pg, type PgApi, type PgFunctions, type PgNews, pgScope } from "./pg.ts"
export { locate, NotPlaced, type Placement } from "./placement.ts"
export { type Progress, reportProgress } from "./progress.ts"
export {
  AlreadyRegistered,
  type DuplicateRegistry,
  type Registered,
  Registry,
  type RegistryApi,
  type RegistryDefinition,
  type RegistryEntry,
  type RegistryEvent,
  type RegistryServes,
  type RegistrySpec,
  registry,
  type UniqueRegistry,
  UnknownRegistry,
} from "./registry.ts"
export { type From, type Ignore, ignore, type Later, type Refused, refuse } from "./replies.ts"
export { describeReport, type Paint, plain } from "./report-text.ts"
export { Server } from "./server.ts"
export {
  type AutoShutdown,
  type Decision,
  decide,
  decideAgain,
  type RestartBudget,
  type Sibling,
  type Siblings,
  type Strategy,
} from "./supervision.ts"
export { type SupervisorApi, type SupervisorSpec, supervisor } from "./supervisor.ts"
export { Sys, type SysApi } from "./sys.ts"
export {
  Task,
  type TaskApi,
  type TaskCall,
  type TaskChildOptions,
  type TaskFunction,
  type TaskOptions,
  type TaskOutcome,
} from "./task.ts"
export type { StreamOptions } from "./task-stream.ts"
export { taskSupervisor } from "./task-supervisor.ts"
export { CodeChangeFailed, type CodeChanging } from "./upgrade.ts"
export { via } from "./via.ts"
