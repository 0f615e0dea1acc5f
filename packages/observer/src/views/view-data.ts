/** What each view says: for the page, and for programs that look through it. Types only: both sides import this file. */

import type { SystemData } from "../facts.ts"
import type { AuditData } from "./audit.ts"
import type { ClusterData } from "./cluster.ts"
import type { CrashesData } from "./crashes.ts"
import type { EndpointsData } from "./endpoints.ts"
import type { EventsData } from "./events.ts"
import type { FindData } from "./find.ts"
import type { GroupsData } from "./groups.ts"
import type { HandlersData } from "./handlers.ts"
import type { InsideData } from "./inside.ts"
import type { LinksData } from "./links.ts"
import type { LogsData } from "./logs.ts"
import type { MailboxData } from "./mailbox.ts"
import type { PortsData } from "./ports.ts"
import type { ProcessData } from "./process.ts"
import type { ProcessesData } from "./processes.ts"
import type { ProfileData, RetainedData } from "./profile.ts"
import type { GoneData, RecordingData } from "./recording.ts"
import type { TableContent, TablesData } from "./tables.ts"
import type { TimelineData } from "./timeline.ts"
import type { TraceData } from "./trace.ts"
import type { TreeView } from "./tree.ts"

/** By the names of the views. */
export interface ViewData {
  audit: AuditData
  cluster: ClusterData
  crashes: CrashesData
  endpoints: EndpointsData
  events: EventsData
  find: FindData
  gone: GoneData
  groups: GroupsData
  handlers: HandlersData
  inside: InsideData
  links: LinksData
  logs: LogsData
  mailbox: MailboxData
  ports: PortsData
  process: ProcessData
  processes: ProcessesData
  profile: ProfileData
  recording: RecordingData
  retained: RetainedData
  system: SystemData
  table: TableContent
  tables: TablesData
  timeline: TimelineData
  trace: TraceData
  tree: TreeView
}
