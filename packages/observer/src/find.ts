/**
 * Finding processes by any part of their name, module or pid, on all nodes at once.
 *
 * ```ts
 * await search(self, ["a@h", "b@h"], "counter", 2_000)
 * ```
 *
 * Each node is asked for its busiest processes, and what fits is picked here; a node that does not answer in time has no part in the result.
 */
import type { Caller } from "umbel"
import { INSPECTOR } from "umbel/otp"
import type { ProcessRow } from "umbel/runtime"

const FOUND_MAX = 30
const ROWS = 1_000

export async function search(
  caller: Caller,
  nodes: readonly string[],
  text: string,
  timeout: number,
): Promise<readonly ProcessRow[]> {
  const wanted = text.trim().toLowerCase()
  if (wanted === "") return []
  const answers = await Promise.allSettled(
    nodes.map((node) => caller.call(INSPECTOR.at(node), { timeout }).processes(ROWS)),
  )
  const rows = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
  return rows.filter((row) => fits(row, wanted)).slice(0, FOUND_MAX)
}

const fits = ({ pid, title, module }: ProcessRow, wanted: string): boolean =>
  [String(pid), title, module].some((text) => text.toLowerCase().includes(wanted))
