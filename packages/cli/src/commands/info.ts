/** `umbel info PROCESS`: everything about one process. */
import { inspect } from "umbel"
import { paint, say } from "../project/files.ts"
import { onBeam } from "../remote/beam.ts"
import { findProcess, inspectorAt, shortPid, type Visit, type Whom, withNode } from "../remote/connect.ts"
import { plainJson, time } from "../remote/table.ts"
import { UsageError } from "../usage-error.ts"

export interface InfoOptions extends Whom {
  readonly json?: boolean
}

export async function info(typed: string, options: InfoOptions): Promise<void> {
  await withNode(
    options,
    async (visit) => {
      const view = await inspectorAt(visit).process(await findProcess(visit, typed))
      if (view === undefined) throw new UsageError(`${typed} has just ended`, "umbel ps lists those that run")
      if (options.json === true) return say(plainJson(view))
      const refs = view.links.map(({ pid, title }) => `${pid.node === view.node ? shortPid(pid) : pid} ${title}`)
      const rows: readonly (readonly [string, string | number])[] = [
        ["process", `${shortPid(view.pid)} on ${view.node}`],
        ["title", view.title],
        ["module", `${view.module} (${view.kind})`],
        ["name", view.registeredName ?? "none"],
        ["status", view.status],
        ["mailbox", view.mailbox],
        ["handled", `${view.handled} in ${time(view.cpuMs)}`],
        ["ancestors", view.ancestors.join(" ← ") || "none"],
        ["links", refs.join(", ") || "none"],
        ["monitors", view.monitors.map(({ title }) => title).join(", ") || "none"],
        ["watched by", view.watchers],
        ["traps exits", view.trapExit ? "yes" : "no"],
      ]
      for (const [key, value] of rows) say(`${paint("dim", key.padEnd(11))} ${value}`)
      if (view.current !== undefined) say(`${paint("dim", "in hand    ")} ${view.current}`)
      for (const message of view.messages) say(`${paint("dim", "waits      ")} ${message}`)
      say(`${paint("dim", "state      ")} ${view.state.split("\n").join(`\n${" ".repeat(12)}`)}`)
    },
    (visit) => beamInfo(visit, typed, options),
  )
}

/** What `erlang:process_info` tells. */
async function beamInfo(visit: Visit, typed: string, { json }: InfoOptions): Promise<void> {
  const facts = await onBeam(visit).info(typed)
  if (json === true) return say(plainJson(facts))
  const width = Math.max(...Object.keys(facts).map((key) => key.length))
  for (const [key, value] of Object.entries(facts))
    say(`${paint("dim", key.padEnd(width))} ${inspect(value, { limit: 50 })}`)
}
