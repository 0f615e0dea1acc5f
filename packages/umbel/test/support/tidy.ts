/**
 * The tidy rules: what a source file of this repository looks like, checked without compiling it.
 *
 * ```ts
 * findings("packages/umbel/src/otp/x.ts", source)
 * // [{ rule: "clock", line: 12, text: "Date.now: take the time as an argument, …" }]
 * ```
 *
 * Each rule is one entry of {@link RULES}: where it holds, and what it finds. Each finding says how to mend it.
 */
import { codeOnly } from "./code-only.ts"

export const MAX_LINES = 400

/** What is wrong, where, and how to mend it. */
export interface Finding {
  readonly rule: string
  /** From 1. */
  readonly line: number
  readonly text: string
}

interface Source {
  /** From the root of the repository, with `/`. */
  readonly path: string
  /** The whole text, and the same without comments and strings. */
  readonly text: string
  readonly code: string
}

interface Rule {
  readonly name: string
  readonly holdsIn: (path: string) => boolean
  readonly find: (source: Source) => Iterable<readonly [line: number, text: string]>
}

const everywhere = () => true
const library = (path: string) => path.startsWith("packages/umbel/src/")
/** The part of the library without I/O, clock and chance: everything but the two platforms. */
const pure = (path: string) => library(path) && !/^packages\/umbel\/src\/(nodejs|sim)\//.test(path)

const RULES: readonly Rule[] = [
  {
    name: "lines",
    holdsIn: everywhere,
    *find({ text }) {
      const lines = lineAt(text, text.trimEnd().length)
      if (lines > MAX_LINES)
        yield [
          lines,
          `${lines} lines, more than ${MAX_LINES}: find the second concept in it and give that its own file`,
        ]
    },
  },
  {
    name: "opening",
    holdsIn: (path) => !path.endsWith(".d.ts"),
    *find({ text }) {
      if (!/^(#!.*\n)?\/\*\*/.test(text))
        yield [1, "does not open with a doc comment: say first what the file is, with a small example"]
    },
  },
  {
    name: "node",
    holdsIn: (path) => library(path) && !path.startsWith("packages/umbel/src/nodejs/"),
    *find({ text, code }) {
      // The module's name is a string, which `code` has blanked: find it in the text, where the code says import.
      for (const match of text.matchAll(/(?<=\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)["']node:[^"'\n]+["']/g)) {
        const inCode = /\b(from|import\s*\(?|require\s*\()\s*$/.test(code.slice(0, match.index))
        if (inCode)
          yield [lineAt(text, match.index), `imports ${match[0]}: only nodejs/ may; take what it does as an argument`]
      }
    },
  },
  {
    name: "clock",
    holdsIn: pure,
    *find({ text, code }) {
      for (const { index, 0: found } of code.matchAll(CLOCK_OR_CHANCE)) {
        yield [lineAt(text, index), `${found}: time and chance come from the platform; take them as an argument`]
      }
    },
  },
  {
    name: "todo",
    holdsIn: everywhere,
    *find({ text }) {
      for (const { index, 0: found } of text.matchAll(/\b(TODO|FIXME|XXX)\b/g)) {
        yield [lineAt(text, index), `${found}: do it, or file an issue and say here what holds until then`]
      }
    },
  },
  {
    name: "tab",
    holdsIn: everywhere,
    *find({ text }) {
      for (const { index } of text.matchAll(/^.*\t/gm))
        yield [lineAt(text, index), "a tab: indent by two spaces, and write \\t in strings"]
    },
  },
  {
    name: "module-state",
    holdsIn: library,
    *find({ text, code }) {
      for (const { index, 1: keyword } of code.matchAll(/^(?:export )?(let|var) /gm)) {
        yield [
          lineAt(text, index),
          `${keyword} at file level: two nodes in one thread would share it; hang it on the Node or on a process`,
        ]
      }
      for (const { index, 1: name, 2: type, 3: made } of code.matchAll(FILE_LEVEL_COLLECTION)) {
        if (/\bReadonly(Map|Set)\b/.test(type ?? "")) continue
        const table = made?.startsWith("Weak") ? "" : `type it Readonly${made} if it is a table, else `
        yield [lineAt(text, index), `${name} is a ${made} at file level: ${table}hang it on the Node`]
      }
    },
  },
]

// As a name of its own: `clock.setTimeout` is somebody's method, and `Date.now` no property of ours.
const CLOCK_OR_CHANCE =
  /(?<![.\w$])(?:Date\.now|Math\.random|new Date\(\)|setTimeout|setInterval|setImmediate|performance|crypto\.(?:getRandomValues|randomUUID))(?![\w$])/g
const FILE_LEVEL_COLLECTION =
  /^(?:export )?const (\w+)(?:\s*:\s*((?:[^=\n]|=>)+?))?\s*=\s*new (Map|Set|WeakMap|WeakSet)\b/gm

/** The names of all rules, in the order in which they are checked. */
export const RULE_NAMES: readonly string[] = RULES.map((rule) => rule.name)

/** What is not tidy in one file. `path` is from the root of the repository, with `/` between names. */
export function findings(path: string, text: string): Finding[] {
  const source = { path, text, code: codeOnly(text) }
  return RULES.filter((rule) => rule.holdsIn(path)).flatMap((rule) =>
    [...rule.find(source)].map(([line, text]) => ({ rule: rule.name, line, text })),
  )
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length
}
