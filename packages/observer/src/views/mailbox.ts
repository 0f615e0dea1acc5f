/** The view `mailbox`: who sends what to a process, how long messages wait and how long they take, from the first look on. It ends with the watch. */
import type { PidKey } from "../protocol.ts"
import { here, missing, type ProcessParams, processParams, type View } from "../view.ts"
import { tenths } from "./processes.ts"

export interface MailboxData {
  /** Seconds it has been looked at. */
  readonly seconds: number
  readonly came: number
  readonly cameRate: number
  /** Milliseconds; null while there are none, or where they cannot be told. */
  readonly oldest: number | null
  readonly waitP50: number | null
  readonly waitP99: number | null
  readonly handleP50: number | null
  readonly handleP99: number | null
  readonly senders: readonly {
    readonly key: string
    readonly process: PidKey | null
    readonly title: string
    readonly node: string
    readonly count: number
  }[]
  readonly kinds: readonly { readonly key: string; readonly count: number }[]
}

export const MAILBOX_VIEW: View<ProcessParams, MailboxData> = {
  name: "mailbox",
  about: "What comes into the mailbox of a process while this is watched: senders, kinds, waits, times.",
  capability: "inspect",
  unkept: "A mailbox is studied while one looks; the recorder keeps only how many messages waited.",
  costs: true,
  params: processParams,
  async read(context, named) {
    const pid = await context.process(named)
    const { kind } = await context.known(pid.node)
    if (kind === "beam") return missing("unsupported", "Mailboxes are studied on Umbel nodes.")
    const view = await context.umbel(pid.node).mailbox(pid)
    if (view === undefined) return missing("gone", "It has ended.")
    const { ms, came, cameRate, oldestMs, waitP50, waitP99, handleP50, handleP99, senders, kinds } = view
    const known = (value: number | undefined): number | null =>
      value === undefined ? null : Math.round(value * 1_000) / 1_000
    return here({
      seconds: Math.floor(ms / 1_000),
      came,
      cameRate: tenths(cameRate),
      oldest: oldestMs === undefined ? null : Math.round(oldestMs / 100) * 100,
      waitP50: known(waitP50),
      waitP99: known(waitP99),
      handleP50: known(handleP50),
      handleP99: known(handleP99),
      senders: senders.map(({ pid: sender, title, count }) => ({
        key: sender?.key ?? title,
        process: sender === undefined ? null : context.key(sender),
        title,
        node: sender?.node ?? pid.node,
        count,
      })),
      kinds: kinds.map(({ kind: key, count }) => ({ key, count })),
    })
  },
}
