/**
 * `bin/NAME remote`: a prompt whose lines are evaluated in the running node, one after the other, with `await`.
 *
 * In scope are `node`, `umbel`, each application's exports by its name, and `kept`, an object whose properties last as long as the node does. A line
 * whose brackets are open goes on in the next. `.exit` or Ctrl-D leaves.
 */
import { createInterface } from "node:readline"
import { Failed } from "./control.ts"
import type { Status } from "./health.ts"

/** Resolves when the person has left. */
export async function remote(status: Status, evaluate: (code: string) => Promise<string>): Promise<void> {
  const { name, release, version, applications } = status
  const names = applications.map((one) => one.name).join(", ")
  say(`${release} ${version} on ${name} (pid ${status.pid}); node, umbel, ${names} and kept are in scope; .exit leaves`)
  const terminal = createInterface({ input: process.stdin, output: process.stdout, historySize: 1_000 })
  let ended = false
  terminal.once("close", () => (ended = true))
  const ask = (code: string): void => {
    // Input that was piped in has ended by the time that its last line is answered, and there is no one to ask.
    if (ended) return
    terminal.setPrompt(code === "" ? `${name}> ` : "... ")
    terminal.prompt()
  }
  let code = ""
  ask(code)
  // What is pasted waits in here until the line before it was answered.
  for await (const line of terminal) {
    if (line.trim() === ".exit") break
    code = `${code}${line}\n`
    if (!isUnfinished(code)) {
      const text = await answer(code.trim(), evaluate)
      if (text !== "") say(text)
      code = ""
    }
    ask(code)
  }
  terminal.close()
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function answer(code: string, evaluate: (code: string) => Promise<string>): Promise<string> {
  if (code === "") return ""
  try {
    return await evaluate(code)
  } catch (error) {
    // A mistake in the code; that the node is gone ends the prompt.
    if (error instanceof Failed) return error.message
    throw error
  }
}

/** Whether the code breaks off where more must follow: it is neither an expression nor statements, and has open brackets. */
const isUnfinished = (code: string): boolean => !parses(`(${code}\n)`) && !parses(`{ ${code}\n}`) && opened(code) > 0

function parses(body: string): boolean {
  try {
    new Function(`return async () => ${body}`)
    return true
  } catch {
    return false
  }
}

/** Brackets that were opened and not closed, those in texts not looked at. */
function opened(code: string): number {
  const bare = code.replace(/(["'`])(?:\\.|(?!\1).)*\1/g, "")
  return (bare.match(/[([{]/g) ?? []).length - (bare.match(/[)\]}]/g) ?? []).length
}
