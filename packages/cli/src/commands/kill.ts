/** `umbel kill PROCESS`: ends one process; its supervisor does what it is there for. */
import { atom, kill } from "umbel"
import { typed as asked, confirmed } from "../ask.ts"
import { say } from "../project/files.ts"
import { onBeam } from "../remote/beam.ts"
import { findProcess, inspectorAt, shortPid, type Visit, withNode } from "../remote/connect.ts"
import { done, type ObserverOptions, observerOf, processSeen, throughObserver } from "../remote/observer.ts"
import { plainJson } from "../remote/table.ts"
import { UsageError } from "../usage-error.ts"

export interface KillOptions extends ObserverOptions {
  readonly reason?: string
  readonly yes?: boolean
  /** The name that an observer in production wants typed. */
  readonly confirm?: string
  readonly json?: boolean
}

const GONE_MS = 5_000

export async function killProcess(typed: string, options: KillOptions): Promise<void> {
  if (observerOf(options) !== undefined) return killSeen(typed, options)
  await withNode(
    options,
    async (visit) => {
      const pid = await findProcess(visit, typed)
      const view = await inspectorAt(visit).process(pid)
      const shown = `${shortPid(pid)} ${view?.title ?? typed} on ${visit.name}`
      if (options.yes !== true && !(await confirmed(`end ${shown}?`))) return say("nothing was done")
      const reason = options.reason === undefined || options.reason === "kill" ? kill : atom(options.reason)
      const ended = new Promise<string | undefined>((resolve) => {
        const timer = setTimeout(() => resolve(undefined), GONE_MS)
        visit.visitor.monitor(pid, (down) => {
          clearTimeout(timer)
          resolve(String(down.reason))
        })
      })
      visit.visitor.exit(pid, reason)
      const why = await ended
      if (why === undefined) {
        throw new UsageError(`${shown} goes on: it traps exits, or is busy`, "without --reason it cannot refuse")
      }
      say(
        options.json === true
          ? plainJson({ pid: shortPid(pid), node: visit.name, reason: why })
          : `${shown} has ended: ${why}`,
      )
    },
    (visit) => beamKill(visit, typed, options),
  )
}

/** Says first what it will take down, as the page does. */
async function killSeen(typed: string, options: KillOptions): Promise<void> {
  const { reason = "kill", yes, json } = options
  let { confirm } = options
  await throughObserver(options, async (look) => {
    const { client, name } = look
    const { pid, key } = await processSeen(look, typed)
    const action = reason === "kill" ? "kill" : "exit"
    const params = { process: key, ...(action === "exit" ? { reason: `:${reason}` } : {}) }
    if (yes !== true) {
      const { done, text, consequences, confirm: wanted } = await client.preview(action, params)
      if (!done) throw new UsageError(text, "umbel ps lists those that run")
      for (const consequence of consequences) say(`  ${consequence.text}`)
      if (wanted !== undefined) {
        const question = `this is production: type ${wanted} to end ${pid} on ${name}:`
        confirm ??= await asked(question, "--confirm NAME brings it")
      } else if (!(await confirmed(`end ${pid} on ${name}?`))) return say("nothing was done")
    }
    const text = await done(client, action, confirm === undefined ? params : { ...params, confirm })
    say(json === true ? plainJson({ pid, node: name, reason, done: text }) : text)
  })
}

async function beamKill(visit: Visit, typed: string, { reason = "kill", yes, json }: KillOptions): Promise<void> {
  const beam = onBeam(visit)
  const pid = await beam.pid(typed)
  const shown = `${shortPid(pid)} on ${visit.name}`
  if (yes !== true && !(await confirmed(`end ${shown}?`))) return say("nothing was done")
  await beam.kill(pid, atom(reason))
  say(
    json === true
      ? plainJson({ pid: shortPid(pid), node: visit.name, reason })
      : `${shown} was sent the exit ${reason}`,
  )
}
