/**
 * How one server goes on with another definition of its module: between two messages, its state made anew by `codeChange` of the new one.
 *
 * ```ts
 * codeChange: (old) => ({ ...(old as Before), limit: 100 })
 * ```
 *
 * A server cannot become a state machine or a supervisor, nor the other way round: such a one ends, and is started anew. A supervisor that cannot do what its new
 * definition wants goes on as it was. `code-change.ts` says which servers change.
 */

import { inspect } from "../term/index.ts"
import type { ServerDefinition } from "./gen-server.ts"
import { isPromise } from "./handlers.ts"
import type { Server } from "./server.ts"

/** What `codeChange` is told besides the state. */
export interface CodeChanging {
  /** The `version` of the definition that made the state; undefined where that had none. A BEAM node may say `{down, Version}`. */
  readonly from: unknown
  /** What whoever changes the code has to say. */
  readonly extra: unknown
}

/** A server could not go on with the new definition of its module. It ends with this, so that its supervisor starts it anew. */
export class CodeChangeFailed extends Error {
  override readonly name = "CodeChangeFailed"
  readonly module: string
  constructor(module: string, problem: string, cause?: unknown) {
    super(`${module} cannot go on with its new definition: ${problem}`, cause === undefined ? undefined : { cause })
    this.module = module
  }
}

/** A supervisor cannot do what its new definition wants, and goes on with the older one. @internal */
export class CodeChangeRefused extends Error {
  override readonly name = "CodeChangeRefused"
}

/** @throws CodeChangeFailed, or rejects with it; CodeChangeRefused of supervisors. @internal */
export function upgrade(server: Server, next: ServerDefinition, change: CodeChanging): Promise<void> | undefined {
  const { code } = server
  const { module } = next
  const [is, was] = [next.spec.kind ?? "server", code.spec.kind ?? "server"]
  if (is !== was) throw new CodeChangeFailed(module, `it was a ${was} and is a ${is} now`)
  const { codeChange } = next.spec
  if (codeChange === undefined) return adopt(server, next, undefined)
  const from = change.from ?? code.spec.version
  let changed: unknown
  try {
    changed = codeChange(server.codeState, { from, extra: change.extra }, server)
  } catch (thrown) {
    throw failure(module, thrown)
  }
  if (!isPromise(changed)) return adopt(server, next, changed)
  return changed.then(
    (state) => adopt(server, next, state),
    (thrown: unknown) => {
      throw failure(module, thrown)
    },
  )
}

function adopt(server: Server, next: ServerDefinition, state: unknown): undefined {
  if (next.spec.codeChange !== undefined && (typeof state !== "object" || state === null)) {
    throw new CodeChangeFailed(next.module, `codeChange must return an object, the state; got ${inspect(state)}`)
  }
  server.adopt(next, state as object | undefined)
  const { mailbox } = next.spec
  if (mailbox !== undefined) server.limitMailbox(mailbox)
}

function failure(module: string, thrown: unknown): Error {
  if (thrown instanceof CodeChangeRefused || thrown instanceof CodeChangeFailed) return thrown
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : inspect(thrown)
  return new CodeChangeFailed(module, `codeChange threw ${what}`, thrown)
}
