/**
 * The view `inside`: a process's state and its messages, printed, bounded and redacted. Needs `inspect.state`.
 *
 * Of an Umbel process the runtime reads them, and the process notices nothing. On a BEAM node messages are read by `process_info`; the state can only be
 * asked for with a message (`sys:get_state`), so it is, when `state` is true, with a time-out: a process that is no OTP process would find it in its mailbox.
 */
import type { Pid } from "umbel"
import { beamInside } from "../beam-process.ts"
import { type Context, flagOf, here, missing, type ProcessParams, processParams, type View } from "../view.ts"

export interface InsideData {
  /** Printed; null when it was not asked for, or there is none. */
  readonly state: string | null
  /** Why there is no state. */
  readonly stateNote: string
  /** Messages that wait, the first first; at most some. */
  readonly messages: readonly string[]
  readonly waiting: number
  /** The message in hand, while it is handled. */
  readonly current: string | null
  /** The process dictionary; null for an Umbel process that has none. */
  readonly dictionary: string | null
}

type Params = { readonly named: ProcessParams; readonly state: boolean }

export const INSIDE_VIEW: View<Params, InsideData> = {
  name: "inside",
  about: "State and messages of one process. On a BEAM node the state is asked for only with `state=true`.",
  capability: "inspect.state",
  unkept: "The recorder keeps no messages and no states.",
  params(loose) {
    const named = processParams(loose)
    return named === undefined ? undefined : { named, state: flagOf(loose["state"]) }
  },
  async read(context, { named, state }) {
    const pid = await context.process(named)
    const { kind } = await context.known(pid.node)
    const data = kind === "beam" ? await beamInside(context, pid, state) : await umbelInside(context, pid)
    return data === undefined ? missing("gone", "It has ended.") : here(data)
  },
}

async function umbelInside(context: Context, pid: Pid): Promise<InsideData | undefined> {
  const view = await context.umbel(pid.node).process(pid)
  if (view === undefined) return undefined
  const { state, messages, mailbox, current } = view
  const entries = view.dictionary.map(({ key, value }) => `${key} => ${value}`)
  const dictionary = entries.length === 0 ? null : `%{${entries.join(", ")}}`
  return { state, stateNote: "", messages, waiting: mailbox, current: current ?? null, dictionary }
}
