/**
 * Links between processes: pairs that end together. Most processes have one, to their supervisor, so one costs no set.
 */
import type { Pid } from "../term/index.ts"
import type { Process } from "./process.ts"
import { ProcessTable } from "./process-table.ts"

/** None, one, several, or very many. */
export type Links = undefined | Process | Set<Process> | ProcessTable

/** From so many on they are kept in a table. */
const MANY = 64

/** Notes on `process` that it is linked to `other`; both sides are noted by the node. */
export function addLink(process: Process, other: Process): void {
  const { links } = process
  if (links === undefined) process.links = other
  else if (links instanceof ProcessTable) links.add(other)
  else if (links instanceof Set) {
    links.add(other)
    if (links.size === MANY) process.links = tableOf(links)
  } else if (links !== other) process.links = new Set([links, other])
}

function tableOf(processes: Iterable<Process>): ProcessTable {
  const table = new ProcessTable()
  for (const process of processes) table.add(process)
  return table
}

export function removeLink(process: Process, other: Process): void {
  const { links } = process
  if (links === other) process.links = undefined
  else if (links instanceof ProcessTable || links instanceof Set) {
    links.delete(other)
    if (links.size === 0) process.links = undefined
  }
}

/** The processes of this node that `process` is linked to. */
export function linksOf({ links }: Process): readonly Process[] {
  if (links === undefined) return []
  return links instanceof ProcessTable || links instanceof Set ? [...links] : [links]
}

/** It is linked to none of this node any more; what they have noted is not this one's matter. */
export function forgetLinks(process: Process): void {
  const { links } = process
  process.links = undefined
  if (links instanceof ProcessTable) links.clear()
}

/** The pids of all that it is linked to, here and elsewhere. */
export function linkedPids(process: Process): Pid[] {
  const far = process.extras?.farLinks
  const near = linksOf(process).map((other) => other.pid)
  return far === undefined ? near : [...near, ...far.values()]
}
