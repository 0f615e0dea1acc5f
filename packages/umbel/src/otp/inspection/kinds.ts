/**
 * What a process is called in lists, read off its record: no code of users runs, and nothing is made that is not shown, so it can be done for a hundred
 * thousand of them.
 */
import type { Process } from "../../runtime/index.ts"
import { inspect } from "../../term/index.ts"
import { Server } from "../server.ts"

/** The module of its definition, or what else there is to go by. */
export const moduleOf = (process: Process): string =>
  process instanceof Server ? process.definition.module : process.describe().module

export const kindOf = (process: Process): "worker" | "supervisor" =>
  process instanceof Server
    ? process.definition.spec.supervision === undefined
      ? "worker"
      : "supervisor"
    : process.describe().kind

/** Its label as a text, where it has one. */
export function labelOf(process: Process): string | undefined {
  const label = process.extras?.label
  return label === undefined || typeof label === "string" ? label : inspect(label, { limit: 20, text: 100, size: 300 })
}

/** Registered name, label or module. */
export const titleOf = (process: Process): string => process.registeredName ?? labelOf(process) ?? moduleOf(process)

/** A number of its own for each process of this incarnation: what counters of earlier looks are told apart by. */
export const numberOf = ({ pid }: Process): number => pid.serial * 2 ** 32 + pid.id
