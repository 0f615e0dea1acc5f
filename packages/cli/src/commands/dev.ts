/**
 * `umbel dev`: the applications in one node, whose code follows the files.
 *
 * A saved file reloads the application it belongs to, and no other: its servers go on with the new code and keep their state. What does not compile is shown,
 * once, and the old code runs on. docs/dev.md says what is reloaded how.
 */
import type { Application, Node } from "umbel"
import { boot, consoleReports, type Level } from "umbel/nodejs"
import { addressesOf } from "../addresses.ts"
import { cookieOf } from "../cookie.ts"
import { paint, say } from "../project/files.ts"
import type { Workspace } from "../project/workspace.ts"
import { choose, openProject } from "../reload/project.ts"
import { Reloader } from "../reload/reloader.ts"
import { Session } from "../reload/session.ts"
import { shell } from "../shell/server.ts"
import { UsageError } from "../usage-error.ts"
import { configured, mistake } from "./mistake.ts"

export interface DevOptions {
  readonly name?: string
  readonly observer: string | boolean | undefined
  readonly types: boolean
  readonly set: readonly string[]
  readonly log: Level
}

export async function dev(wanted: string | undefined, options: DevOptions): Promise<void> {
  const project = await openProject()
  const { root, workspace, umbrella } = project
  const chosen = choose(umbrella, wanted)
  const configuration = await configured(project, chosen, options.set)
  const reloader = await open(workspace, Object.keys(chosen.types))
  const session = new Session(workspace, reloader, options.types)
  const applications = Object.keys(chosen.types).map((name) => reloader.application(name, configuration.of(name)))
  const name = options.name ?? `${chosen.name}@127.0.0.1`
  const cookie = await cookieOf(root, process.env)
  let node: Node
  try {
    node = await boot({
      name,
      cookie,
      applications: [
        ...applications,
        ...(await observer(options.observer, umbrella.observer)),
        shell({
          mode: "full",
          import: (specifier) => reloader.import(specifier),
          recompile: () => session.recompile(),
        }),
      ],
      traceContext: configuration.traceContext,
      // A forgotten rejection is its process's crash, or else a line to read: no reason to lose what is being worked on.
      attributeRejections: true,
      rememberMessages: 10,
      onRejection: () => {},
      report: consoleReports(options.log),
    })
  } catch (error) {
    await session.close()
    await reloader.close()
    throw mistake(error, root) ?? error
  }
  const end = stopped()
  const watching = session.watch(node)
  await banner(node, chosen.name, reloader.names)
  if (options.types) void session.checkAll()
  await end
  for (const one of watching) one.close()
  await node.stop()
  await session.close()
  await reloader.close()
}

async function open(workspace: Workspace, names: readonly string[]): Promise<Reloader> {
  try {
    return await Reloader.open(workspace, names)
  } catch (error) {
    throw mistake(error, workspace.root) ?? error
  }
}

const PORT = 4040
async function observer(
  given: string | boolean | undefined,
  configured: number | false | undefined,
): Promise<readonly Application[]> {
  if (given === false || (given === undefined && configured === false)) return []
  const port = typeof given === "string" ? Number(given) : configured === false ? PORT : (configured ?? PORT)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`--observer ${String(given)} is no port`, "0 to 65535; 0 takes any free one")
  }
  const { observer: application } = await import("@umbel/observer")
  return [application.with({ port })]
}

async function banner(node: Node, name: string, applications: readonly string[]): Promise<void> {
  say(`${paint("bold", name)}  ${node.name}  ${paint("dim", applications.join(", "))}\n`)
  for (const { title, url } of await addressesOf(node)) {
    say(
      `  ${paint(
        "dim",
        title
          .replaceAll("_", " ")
          .replace(/^umbel /, "")
          .padEnd(12),
      )} ${paint(["bold", "underline"], url)}`,
    )
  }
  say(`  ${paint("dim", "shell".padEnd(12))} umbel shell --remsh ${node.name}`)
  say(`\n  ${paint("dim", "saved files are reloaded; Ctrl-C stops")}\n`)
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", resolve)
    process.once("SIGTERM", resolve)
  })
}
