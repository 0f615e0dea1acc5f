/** The types of `command-line.mjs`, for scripts in TypeScript. */
import type { ParseArgsConfig, parseArgs } from "node:util"

export function commandLine<const C extends ParseArgsConfig>(config: C, usage: string): ReturnType<typeof parseArgs<C>>
export function wrong(problem: string, usage: string): never
