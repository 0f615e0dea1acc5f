/** `umbel log-level LEVEL`: which lines of a node, of one of its applications or processes are written, until it stops. */
import type { InspectorAction } from "umbel/otp"
import { say } from "../project/files.ts"
import { findProcess, inspectorAt, withNode } from "../remote/connect.ts"
import { done, type ObserverOptions, observerOf, processSeen, throughObserver } from "../remote/observer.ts"
import { plainJson } from "../remote/table.ts"
import { UsageError } from "../usage-error.ts"

export interface LogLevelOptions extends ObserverOptions {
  readonly app?: string
  readonly process?: string
  readonly json?: boolean
}
type Level = Extract<InspectorAction, { kind: "set_log_level" }>["level"]

/** Those that nodes of both kinds have. */
const LEVELS_SEEN: readonly string[] = ["debug", "info", "warning", "error"]

/** For an application or a process: as if it had never been said. */
export const UNSET = "unset"

export async function logLevel(typed: string, options: LogLevelOptions): Promise<void> {
  if (options.app !== undefined && options.process !== undefined) {
    throw new UsageError("--app and --process are two things", "say one of them")
  }
  if (observerOf(options) !== undefined) {
    if (!LEVELS_SEEN.includes(typed)) {
      throw new UsageError(
        `an observer sets no level ${typed}`,
        `${LEVELS_SEEN.join(", ")}; without --observer there are more`,
      )
    }
    return throughObserver(options, async (look) => {
      const { client, name } = look
      const one = options.process === undefined ? undefined : await processSeen(look, options.process)
      const text = await done(client, "log-level", {
        node: name,
        level: typed,
        ...(options.app === undefined ? {} : { application: options.app }),
        ...(one === undefined ? {} : { process: one.key }),
      })
      say(options.json === true ? plainJson({ node: name, done: text }) : text)
    })
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
