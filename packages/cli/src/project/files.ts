/** What generators write, and what they say of it. Nothing that exists is overwritten. */
import { existsSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { styleText } from "node:util"
import { wantsColour } from "../colour.ts"
import { UsageError } from "../usage-error.ts"

/** What a template gives: a path below the project's folder, and the whole text. */
export interface File {
  readonly path: string
  readonly content: string
}
/** A file that exists, and its new text. */
export interface Change {
  readonly file: string
  readonly content: string
}

export type Style = Parameters<typeof styleText>[0]

/** Text in colour where the terminal and NO_COLOR let it. */
export function paint(style: Style, text: string): string {
  return wantsColour(process.stdout, process.env) ? styleText(style, text, { validateStream: false }) : text
}
export const say = (text = ""): void => void process.stdout.write(`${text}\n`)

export interface WritingOptions {
  readonly dryRun?: boolean | undefined
  readonly json?: boolean | undefined
}

/**
 * What a generator writes: told line by line, or at the end as one object for programs.
 *
 * ```ts
 * const writing = new Writing({ dryRun: true })
 * await writing.create("apps/a", [{ path: "src/index.ts", content }])     // * creating apps/a/src/index.ts
 * writing.end(["cd apps/a"])                                              // Nothing was written.
 * ```
 */
export class Writing {
  readonly dryRun: boolean
  readonly json: boolean
  readonly #done = { created: [] as string[], updated: [] as string[], toDo: [] as string[] }

  constructor({ dryRun = false, json = false }: WritingOptions) {
    this.dryRun = dryRun
    this.json = json
  }

  /** @throws UsageError when one of them exists; then none is written */
  async create(folder: string, files: readonly File[]): Promise<void> {
    const there = files.filter(({ path }) => existsSync(join(folder, path)))
    if (there.length > 0) {
      throw new UsageError(
        `${there.map(({ path }) => relative(process.cwd(), join(folder, path))).join(", ")} ${there.length === 1 ? "exists" : "exist"} already`,
        "choose another name, or move it out of the way",
      )
    }
    for (const { path, content } of files) {
      this.created(relative(process.cwd(), join(folder, path)) || path)
      if (this.dryRun) continue
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), content, { flag: "wx" })
    }
  }

  created(path: string): void {
    this.#done.created.push(path)
    this.step("* creating", path)
  }

  async change({ file, content }: Change): Promise<void> {
    const path = relative(process.cwd(), file)
    this.#done.updated.push(path)
    this.step("* updating", path, "yellow")
    if (!this.dryRun) await writeFile(file, content)
  }

  /** What a generator dared not do itself. */
  advise(text: string): void {
    this.#done.toDo.push(text)
    this.step("* to do", text, "yellow")
  }

  /** A line for people. */
  step(what: string, text: string, style: Style = "green"): void {
    if (!this.json) say(`${paint(style, what)} ${text}`)
  }

  /** What one can do next, in the words of a shell. */
  end(next: readonly string[]): void {
    if (this.json) return say(JSON.stringify({ written: !this.dryRun, ...this.#done, next }, null, 2))
    if (this.dryRun) return say(`\n${paint("dim", "Nothing was written.")}`)
    if (next.length > 0) say(`\nNext:\n\n${next.map((line) => `    ${line}`).join("\n")}`)
  }
}

const COLUMNS = 120

/** JSON as biome formats it: objects over lines, arrays on one line where they fit. */
export function tidyJson(value: unknown): string {
  return `${rendered(value, "", 0)}\n`
}
/** As npm and biome write a package.json. */
export const packageJson = (value: object): string => `${JSON.stringify(value, null, 2)}\n`

function rendered(value: unknown, indent: string, used: number): string {
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    const line = inline(value)
    if (indent.length + used + line.length < COLUMNS) return line
    return `[\n${value.map((item) => inner + (inline(item).length < COLUMNS ? inline(item) : rendered(item, inner, 0))).join(",\n")}\n${indent}]`
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const rows = Object.entries(value).map(
    ([key, item]) => `${inner}${JSON.stringify(key)}: ${rendered(item, inner, key.length + 5)}`,
  )
  return rows.length === 0 ? "{}" : `{\n${rows.join(",\n")}\n${indent}}`
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const items = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${inline(item)}`)
  return items.length === 0 ? "{}" : `{ ${items.join(", ")} }`
}
