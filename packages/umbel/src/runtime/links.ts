/**
 * Links between processes: pairs that end together. Most processes have one, to their supervisor, so one costs no set.
 */
import type { Pid } from "../term/index.ts"
import type { Process } from "./process.ts"

/** Notes on `process` that it is linked to `other`; both sides are noted by the node. */
export function addLink(process: Process, other: Process): void {
  const { links } = process
  if (links === undefined) process.links = other
  else if (links instanceof Set) links.add(other)
  else if (links !== other) process.links = new Set([links, other])
}

export function removeLink(process: Process, other: Process): void {
  const { links } = process
  if (links === other) process.links = undefined
  else if (links instanceof Set) {
    links.delete(other)
    if (links.size === 0) process.links = undefined
  }
}

/** The processes of this node that `process` is linked to. */
export function linksOf(process: Process): readonly Process[] {
  const { links } = process
  if (links === undefined) return []
  return links instanceof Set ? [...links] : [links]
}

/** The pids of all that it is linked to, here and elsewhere. */
export function linkedPids(process: Process): Pid[] {
  const far = process.extras?.farLinks
  const near = linksOf(process).map((other) => other.pid)
  return far === undefined ? near : [...near, ...far.values()]
}
