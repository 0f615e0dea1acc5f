/** Every page there is, as they stand in the navigation. A new one is a file beside this and a line here; see `README.md` of the package. */
import { auditPage } from "./audit.tsx"
import { clusterPage } from "./cluster.tsx"
import { connectionsPage } from "./connections.tsx"
import { crashesPage } from "./crashes.tsx"
import { eventsPage } from "./events.tsx"
import { groupsPage } from "./groups.tsx"
import { logsPage } from "./logs.tsx"
import { nodePage } from "./node.tsx"
import type { Page } from "./page.ts"
import { processPage } from "./process.tsx"
import { processesPage } from "./processes.tsx"
import { profilePage } from "./profile.tsx"
import { recorderPage } from "./recorder.tsx"
import { systemPage } from "./system.tsx"
import { tablesPage } from "./tables.tsx"
import { tracePage } from "./trace.tsx"
import { treePage } from "./tree.tsx"

export const PAGES: readonly Page[] = [
  clusterPage,
  connectionsPage,
  crashesPage,
  logsPage,
  tracePage,
  eventsPage,
  auditPage,
  nodePage,
  systemPage,
  processesPage,
  groupsPage,
  tablesPage,
  recorderPage,
  profilePage,
  treePage,
  processPage,
]

/** The page of an address; undefined when there is none. */
export const pageOf = (id: string, node: string | null): Page | undefined =>
  PAGES.find((page) => page.id === id && (page.scope === "node") === (node !== null))
