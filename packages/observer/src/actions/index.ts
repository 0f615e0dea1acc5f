/** Every action there is. A new one is a file beside this, or an entry of one, and a line here; see `README.md`. */
import type { AnyAction } from "../action.ts"
import { APPLICATION_ACTIONS } from "./applications.ts"
import { NODE_ACTIONS } from "./nodes.ts"
import { PROCESS_ACTIONS } from "./processes.ts"
import { SUPERVISOR_ACTIONS } from "./supervisors.ts"

export const ACTIONS: ReadonlyMap<string, AnyAction> = new Map(
  [...PROCESS_ACTIONS, ...SUPERVISOR_ACTIONS, ...APPLICATION_ACTIONS, ...NODE_ACTIONS].map((action) => [
    action.name,
    action,
  ]),
)
