/** The view `logs`: the latest lines of all Umbel nodes, or of one, filtered there; and from which level on lines are written. */
import type { LogLevelName } from "umbel/otp"
import type { PidKey, Snapshot } from "../protocol.ts"
import { type Context, countOf, here, oneOf, textOf, type View } from "../view.ts"
import { eachUmbel } from "./each-umbel.ts"

export interface LogsData {
  /** The latest first. */
  readonly lines: readonly LogLineView[]
  readonly levels: readonly LevelView[]
}
export interface LogLineView {
  readonly key: string
  readonly node: string
  readonly at: number
  readonly level: LogLevelName
  readonly kind: "crash" | "long-handler" | "note"
  readonly from: string
  readonly text: string
  readonly process: PidKey | null
}
export interface LevelView {
  readonly key: string
  readonly node: string
  /** Whose: the node's, an application's, a process's. */
  readonly whose: string
  readonly level: LogLevelName
}
interface LogsParams {
  readonly node: string
  readonly level: LogLevelName
  readonly text: string
  readonly count: number
  /** The id of a line of that node: those beside it, and not itself. */
  readonly around: number
}

/** Lines before and after the one asked about. */
const BESIDE = 6

export const LOGS_VIEW: View<LogsParams, LogsData> = {
  name: "logs",
  about:
    "Lines of the log, the latest first: of every node, or of `node`, from `level` on, containing `text`; or those `around` a line of it.",
  capability: "inspect",
  params: ({ node, level, text, count, around }) => ({
    node: textOf(node),
    level: oneOf(level, ["debug", "info", "warning", "error"]),
    text: textOf(text),
    count: countOf(count, 200, 500),
    around: countOf(around, 0, Number.MAX_SAFE_INTEGER),
  }),
  read: (context, params) => linesOf(context, params),
  past: (context, params, at) => linesOf(context, params, at),
}

async function linesOf(
  context: Context,
  { node: only, level, text, count, around }: LogsParams,
  until?: number,
): Promise<Snapshot<LogsData>> {
  const beside = around === 0 ? {} : { since: around - BESIDE - 1, upTo: around + BESIDE }
  const pages = await eachUmbel(context, async (node, inspector) =>
    only === "" || only === node ? inspector.logs({ level, text, limit: count, until, ...beside }) : undefined,
  )
  const asked = pages.flatMap((page) => page ?? [])
  return here({
    lines: asked
      .flatMap(({ node, lines }) =>
        lines
          .filter(({ id }) => id !== around)
          .map(({ id, at, level, kind, from, text, pid }) => ({
            key: `${node} ${id}`,
            node,
            at,
            level,
            kind,
            from,
            text,
            process: pid === undefined ? null : context.key(pid),
          })),
      )
      .reverse()
      .sort((a, b) => b.at - a.at)
      .slice(0, count),
    // From which level on lines were written then is not kept.
    levels: (until === undefined ? asked : []).flatMap(({ node, levels }) =>
      [
        { whose: "the node", level: levels.node },
        ...levels.applications.map(({ application, level }) => ({ whose: `application ${application}`, level })),
        ...levels.processes.map(({ pid, level }) => ({ whose: `process ${pid}`, level })),
      ].map(({ whose, level }) => ({ key: `${node} ${whose}`, node, whose, level })),
    ),
  })
}
