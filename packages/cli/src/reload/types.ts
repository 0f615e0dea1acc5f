/**
 * Types, by TypeScript itself, and what it says of them.
 *
 * ```ts
 * const { code, output } = await typescript(root, ["-p", "apps/b", "--pretty", "false"])
 * diagnosticsOf(output, root)     // [{ file: "/abc/apps/b/src/server.ts", line: 14, column: 7, code: "TS2322", text: "Type …" }]
 * ```
 *
 * The native compiler is started directly, where there is one: the script in front of it takes 40 ms of its own.
 */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { binOf, packageFolder } from "../project/tools.ts"
import type { Problem } from "./problems.ts"

/** `file(line,column): error TS2322: text`, or without a place. */
const DIAGNOSTIC = /^(?:(.+?)\((\d+),(\d+)\): )?error (TS\d+): (.*)$/

export function diagnosticsOf(output: string, root: string): readonly Problem[] {
  const problems: Problem[] = []
  for (const line of output.split("\n")) {
    const [, file, row, column, code, text] = DIAGNOSTIC.exec(line) ?? []
    const last = problems.at(-1)
    if (code !== undefined && text !== undefined) {
      problems.push({
        text,
        code,
        ...(file === undefined ? {} : { file: resolve(root, file), line: Number(row), column: Number(column) }),
      })
    } else if (last !== undefined && /^ +\S/.test(line)) {
      // What is indented explains the line above it.
      problems[problems.length - 1] = { ...last, text: `${last.text}\n${line}` }
    }
  }
  return problems
}

export async function typescript(
  root: string,
  args: readonly string[],
): Promise<{ code: number | null; output: string }> {
  const [command, ...before] = await compiler(root)
  return new Promise((done, reject) => {
    const child = spawn(command!, [...before, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text))
    child.on("error", reject)
    child.on("close", (code) => done({ code, output }))
  })
}

async function compiler(root: string): Promise<readonly string[]> {
  const native = await nativeCompiler(root)
  return native === undefined ? [process.execPath, binOf("typescript", "tsc", root)] : [native]
}

/** The program that TypeScript is from version 7 on; undefined for older ones, which are scripts. @throws UsageError when none is installed */
export async function nativeCompiler(root: string): Promise<string | undefined> {
  const finder = join(packageFolder("typescript", root), "lib", "getExePath.js")
  if (!existsSync(finder)) return undefined
  const { default: pathOf } = (await import(pathToFileURL(finder).href)) as { default: () => string }
  return pathOf()
}
