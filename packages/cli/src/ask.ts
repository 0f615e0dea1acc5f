/** Asks a person before something is done that cannot be undone. */
import { createInterface } from "node:readline/promises"
import { UsageError } from "./usage-error.ts"

/** Asks at a terminal. @throws UsageError where there is none */
export async function confirmed(question: string): Promise<boolean> {
  if (process.stdin.isTTY !== true) throw new UsageError(`${question} there is no terminal to ask at`, "--yes says yes")
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`${question} [y/N] `)
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}
