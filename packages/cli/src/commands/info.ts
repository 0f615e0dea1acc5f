/** `umbel info PROCESS`: everything about one process. */
import { inspect } from "umbel"
import { paint, say } from "../project/files.ts"
import { onBeam } from "../remote/beam.ts"
import { findProcess, inspectorAt, shortPid, type Visit, withNode } from "../remote/connect.ts"
import { type ObserverOptions, observerOf, processSeen, throughObserver } from "../remote/observer.ts"
import { bytes, plainJson, time } from "../remote/table.ts"
import { UsageError } from "../usage-error.ts"

export interface InfoOptions extends ObserverOptions {
  readonly json?: boolean
}

export async function info(typed: string, options: InfoOptions): Promise<void> {
  if (observerOf(options) !== undefined) return infoSeen(typed, options)
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
      show(rows)
      showInside(view)
    },
    (visit) => beamInfo(visit, typed, options),
  )
}

function show(rows: readonly (readonly [string, string | number])[]): void {
  for (const [key, value] of rows) say(`${paint("dim", key.padEnd(11))} ${value}`)
}
interface Inside {
  readonly current?: string | null | undefined
  readonly messages: readonly string[]
  readonly state: string
}
function showInside({ current, messages, state }: Inside): void {
  if (current != null) say(`${paint("dim", "in hand    ")} ${current}`)
  for (const message of messages) say(`${paint("dim", "waits      ")} ${message}`)
  say(`${paint("dim", "state      ")} ${state.split("\n").join(`\n${" ".repeat(12)}`)}`)
}

/** State and messages only for who may see them. */
async function infoSeen(typed: string, options: InfoOptions): Promise<void> {
  await throughObserver(options, async (look) => {
    const { client } = look
    const { key: process } = await processSeen(look, typed)
    const named = { process }
    const view = await client.ask("process", named)
    const may = client.hello.capabilities.includes("inspect.state")
    const inside = may ? await client.ask("inside", { ...named, state: true }) : undefined
    if (options.json === true) return say(plainJson({ ...view, ...inside }))
    const titles = (links: readonly { readonly title: string }[]): string =>
      links.map(({ title }) => title).join(", ") || "none"
    show([
      ["process", `${view.pid} on ${view.node}`],
      ["title", view.title],
      ["module", `${view.module} (${view.kind})`],
      ["name", view.registeredName ?? "none"],
      ["status", view.status],
      ["mailbox", view.mailbox],
      ["handled", view.cpu === null ? `${view.handled} reductions` : `${view.handled} in ${time(view.cpu)}`],
      ["memory", view.memory === null ? "not known" : bytes(view.memory)],
      ["ancestors", view.ancestors.join(" ← ") || "none"],
      ["links", titles(view.links)],
      ["monitors", titles(view.monitors)],
      ["watched by", view.watchers],
      ["traps exits", view.trapExit ? "yes" : "no"],
    ])
    if (inside === undefined) return say(paint("dim", "its state and messages are for tokens with inspect.state"))
    showInside({ ...inside, state: inside.state ?? inside.stateNote })
  })
}

/** What `erlang:process_info` tells. */
async function beamInfo(visit: Visit, typed: string, { json }: InfoOptions): Promise<void> {
  const facts = await onBeam(visit).info(typed)
  if (json === true) return say(plainJson(facts))
  const width = Math.max(...Object.keys(facts).map((key) => key.length))
  for (const [key, value] of Object.entries(facts))
    say(`${paint("dim", key.padEnd(width))} ${inspect(value, { limit: 50 })}`)
}
