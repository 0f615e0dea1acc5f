/**
 * Servers that wait for one another: each holds its handler until another answers, in a circle, so that none ever will.
 *
 * Looked for when a call meets a server that awaits something: only then can a circle close. It is said, with its members, and not broken: the time-out of the
 * first call does that. A server that answers through `self.later` holds nobody, and stands in no circle.
 */
import { PENDING } from "./envelope.ts"
import type { Node } from "./node.ts"
import { AWAITING, type Process } from "./process.ts"

const MEMBERS_MAX = 50

/** Reports the circle that a call from `caller` to `process`, which awaits something, closes; nothing where there is none. */
export function reportCycle(node: Node, caller: Process, process: Process): void {
  const members: Process[] = [process]
  for (let member: Process | undefined = process; member !== caller; ) {
    const call: Process["waitsFor"] = member.waitsFor
    if (member.status !== AWAITING || call === undefined || call.status !== PENDING) return
    member = node.findTarget(call.target)
    if (member === undefined || members.length === MEMBERS_MAX) return
    members.push(member)
  }
  const names = [caller, ...members].map((member) => member.title).join(" → ")
  node.reports.note(
    "warning",
    "deadlock",
    `${names}: each waits in a handler for the next to answer; answer through self.later, or cast`,
    caller.pid,
  )
}
