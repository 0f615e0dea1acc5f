/** A plan: an action as it is about to be done, with what it would do. See `actions.ts`. */
import type { Node, Process } from "../../runtime/index.ts"
import { Pid } from "../../term/index.ts"
import { titleOf } from "./kinds.ts"
import type { ActionEffect } from "./says/actions.ts"

export interface Plan {
  readonly summary: string
  readonly effects: readonly ActionEffect[]
  readonly destructive: boolean
  perform(): void | Promise<void>
}

/** Why an action cannot be done. */
export class Refusal extends Error {
  override readonly name = "Refusal"
}

/** Processes that a node cannot be without. */
const OWN: ReadonlySet<string> = new Set([
  "init",
  "user",
  "umbel_kernel",
  "umbel_inspector",
  "net_kernel",
  "global_name_server",
  "rex",
])
export const isOwn = ({ registeredName }: Process): boolean => registeredName !== undefined && OWN.has(registeredName)

/** @throws Refusal for what is no live process, or a part of the node itself */
export function found(node: Node, pid: unknown): Process {
  const process = pid instanceof Pid ? node.find(pid) : undefined
  if (process === undefined) throw new Refusal(`${String(pid)} is no live process of ${node.name}`)
  if (isOwn(process)) throw new Refusal(`${process.registeredName} is a part of the node itself; stop the node instead`)
  return process
}

export const named = (process: Process): string => `${titleOf(process)} ${process.pid}`
export const one = (process: Process, what: ActionEffect["what"], why: string): ActionEffect[] => [
  { pid: process.pid, title: titleOf(process), what, why },
]
