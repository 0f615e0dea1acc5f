/** Every view there is. A new one is a file beside this and a line here; see `README.md`. */
import type { AnyView } from "../view.ts"
import { AUDIT_VIEW } from "./audit.ts"
import { CLUSTER_VIEW } from "./cluster.ts"
import { CRASHES_VIEW } from "./crashes.ts"
import { ENDPOINTS_VIEW } from "./endpoints.ts"
import { EVENTS_VIEW } from "./events.ts"
import { FIND_VIEW } from "./find.ts"
import { GROUPS_VIEW } from "./groups.ts"
import { HANDLERS_VIEW } from "./handlers.ts"
import { INSIDE_VIEW } from "./inside.ts"
import { LINKS_VIEW } from "./links.ts"
import { LOGS_VIEW } from "./logs.ts"
import { MAILBOX_VIEW } from "./mailbox.ts"
import { PORTS_VIEW } from "./ports.ts"
import { PROCESS_VIEW } from "./process.ts"
import { PROCESSES_VIEW } from "./processes.ts"
import { PROFILE_VIEW, RETAINED_VIEW } from "./profile.ts"
import { GONE_VIEW, RECORDING_VIEW } from "./recording.ts"
import { SYSTEM_VIEW } from "./system.ts"
import { TABLE_VIEW, TABLES_VIEW } from "./tables.ts"
import { TIMELINE_VIEW } from "./timeline.ts"
import { TRACE_VIEW } from "./trace.ts"
import { TREE_VIEW } from "./tree.ts"

const ALL: readonly AnyView[] = [
  CLUSTER_VIEW,
  LINKS_VIEW,
  SYSTEM_VIEW,
  TREE_VIEW,
  PROCESSES_VIEW,
  PROCESS_VIEW,
  HANDLERS_VIEW,
  INSIDE_VIEW,
  MAILBOX_VIEW,
  FIND_VIEW,
  ENDPOINTS_VIEW,
  EVENTS_VIEW,
  AUDIT_VIEW,
  CRASHES_VIEW,
  LOGS_VIEW,
  GROUPS_VIEW,
  TABLES_VIEW,
  TABLE_VIEW,
  PORTS_VIEW,
  TRACE_VIEW,
  RECORDING_VIEW,
  GONE_VIEW,
  TIMELINE_VIEW,
  PROFILE_VIEW,
  RETAINED_VIEW,
]
export const VIEWS: ReadonlyMap<string, AnyView> = new Map(ALL.map((view) => [view.name, view]))
