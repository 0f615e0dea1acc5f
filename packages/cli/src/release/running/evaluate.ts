/**
 * JavaScript from a command line, as an expression or as statements that `return`; `await` works in both. The names in scope are given.
 *
 * ```ts
 * await evaluate("node.call(b.B).greet('Joe')", { node, b })     // "hello, Joe"
 * ```
 */
import { inspect } from "node:util"

const AsyncFunction = (async () => {}).constructor as new (
  ...text: string[]
) => (...args: unknown[]) => Promise<unknown>

/** @throws SyntaxError, or whatever the code throws */
export async function evaluate(code: string, scope: Readonly<Record<string, unknown>>): Promise<unknown> {
  const names = Object.keys(scope)
  let run: (...args: unknown[]) => Promise<unknown>
  try {
    run = new AsyncFunction(...names, `"use strict"; return (${code}\n)`)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    run = new AsyncFunction(...names, `"use strict"; ${code}\n`)
  }
  return run(...names.map((name) => scope[name]))
}

/** An error as whoever typed the code wants it: without the frames of what evaluated it. */
export function mistakeIn(error: unknown): string {
  if (!(error instanceof Error)) return inspect(error)
  const lines = (error.stack ?? error.message).split("\n")
  return lines
    .filter((line) => !/^\s+at .*(\/release\/running\/|node:internal\/|eval at evaluate|new AsyncFunction)/.test(line))
    .join("\n")
}

/** As it is printed; nothing for undefined. */
export const printed = (value: unknown): string =>
  value === undefined
    ? ""
    : typeof value === "string"
      ? JSON.stringify(value)
      : inspect(value, { depth: 6, maxArrayLength: 200 })
