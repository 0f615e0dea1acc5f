/**
 * What is wrong with a source text: where, in words, and with the lines around it.
 *
 * ```
 * apps/b/src/server.ts:14:7  Type 'number' is not assignable to type 'string'.
 *   13 │ export const greeting = () => {
 *   14 │   const text: string = 1
 *      │         ^^^^
 * ```
 */
import { existsSync, readFileSync } from "node:fs"
import { relative } from "node:path"
import { paint } from "../project/files.ts"

export interface Problem {
  readonly text: string
  readonly file?: string
  /** From 1 on. */
  readonly line?: number
  readonly column?: number
  /** How many characters are meant. */
  readonly length?: number
  /** As TypeScript numbers it: `TS2322`. */
  readonly code?: string
}

/** Source texts that do not compile. */
export class ProblemsFound extends Error {
  override readonly name = "ProblemsFound"
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ text }) => text).join("\n"))
    this.problems = problems
  }
}

const LINES_BEFORE = 2
const PROBLEMS_MAX = 20

/** What the parser of TypeScript says, and not its checker. */
const isSyntax = ({ code }: Problem): boolean => /^TS1[01]\d\d$/.test(code ?? "")

/** Where a text cannot be parsed, what else is said of it and of others comes of that, and is left out until it can. */
export function firstOf(problems: readonly Problem[]): readonly Problem[] {
  const syntax = problems.filter(isSyntax)
  return syntax.length > 0 ? syntax : problems
}

/** For a terminal; paths from `from`. */
export function describeProblems(found: readonly Problem[], from: string): string {
  const problems = firstOf(found)
  const shown = problems.slice(0, PROBLEMS_MAX).map((problem) => describeProblem(problem, from))
  const more = problems.length - shown.length
  return [...shown, ...(more > 0 ? [paint("dim", `and ${more} more`)] : [])].join("\n\n")
}

function describeProblem({ text, file, line, column = 1, length, code }: Problem, from: string): string {
  const what = `${text}${code === undefined ? "" : paint("dim", `  ${code}`)}`
  if (file === undefined) return what
  const at = `${relative(from, file)}${line === undefined ? "" : `:${line}:${column}`}`
  const head = `${paint("bold", at)}  ${what}`
  if (line === undefined || !existsSync(file)) return head
  return [head, ...frame(readFileSync(file, "utf8").split("\n"), line, column, length)].join("\n")
}

function frame(lines: readonly string[], line: number, column: number, length: number | undefined): readonly string[] {
  const width = String(line).length
  const row = (number: number | undefined, text: string): string =>
    `  ${paint("dim", `${String(number ?? "").padStart(width)} │`)} ${text}`
  const rows: string[] = []
  for (let at = Math.max(1, line - LINES_BEFORE); at <= line; at++) rows.push(row(at, lines[at - 1] ?? ""))
  // The word that stands there, where nobody says how much is meant.
  const wide = length ?? /^[\w$]+/.exec((lines[line - 1] ?? "").slice(column - 1))?.[0].length ?? 1
  const under = (lines[line - 1] ?? "").slice(0, column - 1).replace(/[^\t]/g, " ")
  rows.push(row(undefined, `${under}${paint("red", "^".repeat(Math.max(1, wide)))}`))
  return rows
}
