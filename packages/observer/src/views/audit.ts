/** The view `audit`: who did what from this observer, the latest first. */
import type { AuditEntry } from "../audit.ts"
import { here, type View } from "../view.ts"

export interface AuditData {
  readonly entries: readonly AuditEntry[]
}

export const AUDIT_VIEW: View<{}, AuditData> = {
  name: "audit",
  about: "Who did what from this observer, the latest first.",
  capability: "inspect",
  params: () => ({}),
  read: ({ audit }) => Promise.resolve(here({ entries: [...audit.latest].reverse() })),
  past: ({ audit }, _params, at) =>
    Promise.resolve(here({ entries: audit.latest.filter((entry) => entry.at <= at).reverse() })),
}
