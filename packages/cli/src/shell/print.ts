/**
 * Values for people at a terminal: as terms, in colour, over several lines where one is too short.
 *
 * ```ts
 * print({ count: 5, name: "x" }, { columns: 80, colour: false })     // %{count: 5, name: "x"}
 * ```
 */
import { styleText } from "node:util"
import { type InspectOptions, inspect } from "umbel"
import { stackOf } from "../reload/stack.ts"

export interface Look {
  readonly columns: number
  readonly colour: boolean
}

/** A value that is shown as something else than the term it is: a table, say. */
export const shownAs = Symbol("shown as")
export type Shown = { readonly [shownAs]: (look: Look) => string }

const LIMITS: InspectOptions = { limit: 100, text: 2_000, depth: 12, size: 20_000 }

export function print(value: unknown, look: Look): string {
  if (typeof value === "object" && value !== null && shownAs in value) return (value as Shown)[shownAs](look)
  return layOut(tokensOf(inspect(value, LIMITS)), look)
}

/** Strings, brackets, commas, and whatever else lies between them. */
const TOKEN = /"(?:\\.|[^"\\])*"(?:: )?|<<|>>|%\{|#?[A-Za-z_.]*\{|[[\]{}()]|, |[^\s,[\]{}()"]+\s?|\s+|./gsu
const OPEN = /^(?:\[|\(|<<|.*\{)$/
const CLOSE = /^(?:\]|\}|\)|>>)$/

export const tokensOf = (text: string): readonly string[] => text.match(TOKEN) ?? []

/** On one line where it fits, else each element on its own. */
function layOut(tokens: readonly string[], look: Look): string {
  const coloured = (token: string): string => (look.colour ? inColour(token) : token)
  const widths = groupWidths(tokens)
  let text = ""
  let column = 0
  const open: boolean[] = []
  const newLine = (): void => {
    column = open.length * 2
    text += `\n${" ".repeat(column)}`
  }
  for (const [i, token] of tokens.entries()) {
    if (CLOSE.test(token) && open.pop() === true) newLine()
    if (token === ", " && open.at(-1) === true) {
      text += ","
      newLine()
      continue
    }
    text += coloured(token)
    column += token.length
    if (OPEN.test(token)) {
      // One that is not closed (its end was cut off) stays on its line.
      const broken =
        column + (widths.get(i) ?? 0) > look.columns && tokens[i + 1] !== undefined && !CLOSE.test(tokens[i + 1]!)
      open.push(broken)
      if (broken) newLine()
    }
  }
  return text
}

/** How wide what follows each opening bracket is, its closing one included. */
function groupWidths(tokens: readonly string[]): ReadonlyMap<number, number> {
  const widths = new Map<number, number>()
  const open: { at: number; from: number }[] = []
  let width = 0
  for (const [at, token] of tokens.entries()) {
    width += token.length
    if (OPEN.test(token)) open.push({ at, from: width })
    else if (CLOSE.test(token)) {
      const group = open.pop()
      if (group !== undefined) widths.set(group.at, width - group.from)
    }
  }
  return widths
}

function inColour(token: string): string {
  const paint = (style: Parameters<typeof styleText>[0]): string => styleText(style, token, { validateStream: false })
  if (token.startsWith('"')) return token.endsWith(": ") ? paint("cyan") : paint("green")
  if (/^-?\d[\d._e+-]*\s?$/.test(token)) return paint("yellow")
  if (/^(?:true|false|nil)\s?$/.test(token)) return paint("magenta")
  if (/^:/.test(token) || /^[\p{L}_][\p{L}\p{N}_@?!]*: $/u.test(token)) return paint("cyan")
  if (/^#/.test(token)) return paint("blue")
  return token
}

/** Columns of texts, the last one cut at the edge of the terminal. */
export function table(rows: readonly (readonly string[])[], { columns, colour }: Look): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? "").length)))
  return rows
    .map((row, at) => {
      const line = row
        .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!)))
        .join("  ")
        .trimEnd()
      const cut = line.length > columns ? `${line.slice(0, Math.max(0, columns - 1))}…` : line
      return at === 0 && colour ? styleText("dim", cut, { validateStream: false }) : cut
    })
    .join("\n")
}

/** The end of the function that a line is wrapped in: see `evaluate.ts`. */
const WRAPPER = /^\s+at shell:\d+:\d+:5$/

/** What was thrown: in words, with the lines of its own. */
export function printThrown(thrown: unknown, { colour }: Look): string {
  const inStyle = (style: "red" | "dim", text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const lines = stackOf(thrown).split("\n")
  return lines
    .filter((line, i) => !(WRAPPER.test(line) && i === lines.length - 1))
    .map((line) => inStyle(/^\s+at /.test(line) ? "dim" : "red", line))
    .join("\n")
}
