/** What a definition can be asked, read off its tables. */
import { create } from "umbel/runtime"

interface Tables {
  readonly module: string
  readonly calls?: ReadonlyMap<string, (...args: never[]) => unknown>
  readonly casts?: ReadonlyMap<string, (...args: never[]) => unknown>
}

/** Undefined for what is no definition. */
export function definitionHelp(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !(create in value)) return undefined
  const { module, calls, casts } = value as unknown as Tables
  const lines = (title: string, table: Tables["calls"]): string[] =>
    table === undefined || table.size === 0
      ? []
      : [`  ${title}`, ...[...table].map(([name, handler]) => `    ${name}(${parameters(handler)})`)]
  return [module, ...lines("calls", calls), ...lines("casts", casts)].join("\n")
}

/** As they are written, without the `self` in front. */
function parameters(handler: (...args: never[]) => unknown): string {
  const text = /^(?:async\s+)?(?:function\b)?[^(]*\(([\s\S]*?)\)\s*(?:=>|\{)/.exec(handler.toString())?.[1] ?? ""
  const parts: string[] = []
  let depth = 0
  let part = ""
  for (const character of text) {
    if (character === "," && depth === 0) {
      parts.push(part)
      part = ""
      continue
    }
    if ("([{".includes(character)) depth++
    if (")]}".includes(character)) depth--
    part += character
  }
  return [...parts, part]
    .slice(1)
    .map((one) => one.trim())
    .join(", ")
}
