/** `umbel log-level LEVEL`: which lines of a node, of one of its applications or processes are written, until it stops. */
import type { InspectorAction } from "umbel/otp"
import { say } from "../project/files.ts"
import { findProcess, inspectorAt, type Whom, withNode } from "../remote/connect.ts"
import { plainJson } from "../remote/table.ts"
import { UsageError } from "../usage-error.ts"

export interface LogLevelOptions extends Whom {
  readonly app?: string
  readonly process?: string
  readonly json?: boolean
}
type Level = Extract<InspectorAction, { kind: "set_log_level" }>["level"]

/** For an application or a process: as if it had never been said. */
export const UNSET = "unset"

export async function logLevel(typed: string, options: LogLevelOptions): Promise<void> {
  if (options.app !== undefined && options.process !== undefined) {
    throw new UsageError("--app and --process are two things", "say one of them")
  }
  await withNode(options, async (visit) => {
    const pid = options.process === undefined ? undefined : await findProcess(visit, options.process)
    const level = typed === UNSET ? undefined : (typed as Level)
    const action: InspectorAction = { kind: "set_log_level", level, application: options.app, pid }
    const { done, text } = await inspectorAt(visit).perform(action, visit.visitor.name)
    if (!done) throw new UsageError(text, "umbel log-level --help has examples")
    say(options.json === true ? plainJson({ node: visit.name, done: text }) : text)
  })
}
