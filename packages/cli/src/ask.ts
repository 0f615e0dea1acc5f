/** Asks a person before something is done that cannot be undone. */
import { createInterface } from "node:readline/promises"
import { UsageError } from "./usage-error.ts"

/** Asks at a terminal for a text. @throws UsageError where there is none */
export async function typed(question: string, instead: string, hint = ""): Promise<string> {
  if (process.stdin.isTTY !== true) throw new UsageError(`${question} there is no terminal to ask at`, instead)
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`${question}${hint} `)
  terminal.close()
  return answer.trim()
}

/** Asks at a terminal. @throws UsageError where there is none */
export async function confirmed(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await typed(question, "--yes says yes", " [y/N]"))
}
