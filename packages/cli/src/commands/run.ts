/**
 * `umbel run FILE` and `umbel run --eval EXPRESSION`: a script beside the applications, as `mix run`.
 *
 * ```ts
 * // scripts/count.ts
 * export default async (node: Node, args: readonly string[]) => {
 *   console.log(await node.call(COUNTER).get(), args)
 *   return 3          // the exit status; 0 unless told
 * }
 * ```
 *
 * A script without a default export is run for its effects. One that throws ends with 1 and its stack; `process.exitCode` and `process.exit` do what they do.
 */
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { Node } from "umbel"
import { boot, consoleReports, type Level } from "umbel/nodejs"
import { wantsColour } from "../colour.ts"
import { cookieOf } from "../cookie.ts"
import { say } from "../project/files.ts"
import { importFrom } from "../reload/import-from.ts"
import { choose, openProject, type Project } from "../reload/project.ts"
import { stackOf } from "../reload/stack.ts"
import { Session } from "../shell/session.ts"
import { prepare } from "../shell/source.ts"
import { loadApplication } from "../umbrella.ts"
import { UsageError } from "../usage-error.ts"
import { configured, mistake } from "./mistake.ts"

export interface RunOptions {
  readonly eval: readonly string[]
  readonly release?: string
  readonly start: boolean
  readonly halt: boolean
  readonly name?: string
  readonly set: readonly string[]
  readonly log: Level
}

export async function run(file: string | undefined, args: readonly string[], options: RunOptions): Promise<void> {
  const evaluates = options.eval.length > 0
  if (file === undefined && !evaluates)
    throw new UsageError("there is nothing to run", "umbel run FILE, or umbel run --eval EXPRESSION")
  if (evaluates && options.release !== undefined && file !== undefined)
    throw new UsageError(`there are two releases, ${file} and ${options.release}`, "name one")
  const script = evaluates || file === undefined ? undefined : resolve(file)
  if (script !== undefined && !existsSync(script))
    throw new UsageError(`there is no file ${script}`, "its path is read from where you are")
  const project = await openProject()
  const release = options.release ?? (evaluates ? file : undefined)
  const node = await started(project, release, options)
  const told = options.halt ? undefined : untilTold()
  let failed = false
  try {
    if (script === undefined) await evaluate(node, project.root, options.eval)
    else await runScript(node, script, args)
  } catch (error) {
    failed = true
    if (error instanceof UsageError) throw error
    process.stderr.write(`${stackOf(error)}\n`)
    process.exitCode = 1
  } finally {
    if (failed || options.halt) await node.stop()
  }
  if (failed || told === undefined) return
  // A node that is alone holds nothing that keeps this process.
  const alive = setInterval(() => {}, 2 ** 30)
  await told
  clearInterval(alive)
  await node.stop()
}

async function started(project: Project, release: string | undefined, options: RunOptions): Promise<Node> {
  const { root, umbrella } = project
  const chosen = choose(umbrella, release)
  const configuration = await configured(project, chosen, options.set)
  try {
    const loaded = options.start
      ? await Promise.all(
          Object.keys(chosen.types).map(async (name) => ({ name, application: await loadApplication(root, name) })),
        )
      : []
    return await boot({
      name: options.name ?? "run@127.0.0.1",
      // Alone unless it has a name: two scripts may run at the same time.
      cookie: options.name === undefined ? undefined : await cookieOf(root, process.env),
      applications: loaded.map(({ name, application }) =>
        configuration.of(name).reduce<typeof application>((one, over) => one.with(over), application),
      ),
      traceContext: configuration.traceContext,
      attributeRejections: true,
      report: consoleReports(options.log),
    })
  } catch (error) {
    throw mistake(error, root) ?? error
  }
}

async function runScript(node: Node, script: string, args: readonly string[]): Promise<void> {
  process.argv = [process.execPath, script, ...args]
  const loaded = (await import(pathToFileURL(script).href)) as { default?: unknown }
  if (typeof loaded.default !== "function") return
  const status: unknown = await (loaded.default as (node: Node, args: readonly string[]) => unknown)(node, args)
  if (Number.isInteger(status)) process.exitCode = status as number
}

async function evaluate(node: Node, root: string, expressions: readonly string[]): Promise<void> {
  const look = { columns: process.stdout.columns ?? 120, colour: wantsColour(process.stdout, process.env) }
  const session = new Session(node, "full", look, {
    import: (specifier) => importFrom(root, specifier),
    recompile: undefined,
  })
  for (const typed of expressions) {
    const prepared = await prepare(typed)
    if (prepared.kind === "more") throw new UsageError(`--eval ${typed} is not finished`, "close what it opens")
    if (prepared.kind === "wrong")
      throw new UsageError(`--eval ${typed}: ${prepared.problem}`, `mend it at column ${prepared.column}`)
    const { code, names, expression } = prepared
    const answer = await session.evaluate({ typed, code, names, expression })
    if (answer.kind === "thrown") {
      process.stderr.write(`${answer.text}\n`)
      process.exitCode = 1
      return
    }
    if (answer.text !== "") say(answer.text)
  }
}

/** Resolves at Ctrl-C. */
function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve())
    process.once("SIGTERM", () => resolve())
  })
}
