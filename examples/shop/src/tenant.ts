/**
 * Whose request it is. Kept where Node.js teams keep it, in an AsyncLocalStorage, and handed to the node, so that it travels with messages:
 *
 * ```ts
 * await boot({ name: "shop@127.0.0.1", applications: [shop], traceContext: tenantContext })
 * ```
 */
import { AsyncLocalStorage } from "node:async_hooks"
import type { TraceContext } from "umbel"

const tenants = new AsyncLocalStorage<string>()

export const tenantContext: TraceContext<string> = {
  capture: () => tenants.getStore(),
  run: (tenant, handle) => tenants.run(tenant, handle),
}

/** Runs `work` for that tenant. */
export const forTenant = <T>(tenant: string, work: () => T): T => tenants.run(tenant, work)

/** The tenant of the code that runs now. @throws Error outside of any request */
export function tenant(): string {
  const current = tenants.getStore()
  if (current === undefined) throw new Error("there is no tenant here: this runs outside of any request")
  return current
}
