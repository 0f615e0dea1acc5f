/**
 * The `umbel` command: reads what was typed, and runs it. Each command is a file in `commands/`.
 */
import { Command, Option } from "commander"
import type { up } from "./commands/up.ts"
import { projectCommands } from "./project-commands.ts"
import { UsageError } from "./usage-error.ts"

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]
const set = (): Option =>
  new Option("-s, --set <application.key=value>", "configuration over that of umbel.config.ts; may be repeated")
    .argParser(collect)
    .default([], "none")
const log = (): Option =>
  new Option("--log <level>", "the least level of reports that is shown")
    .choices(["debug", "info", "warning", "error"])
    .default("info")

export function program(): Command {
  const umbel = new Command("umbel")
    .description("mix, iex and releases for TypeScript")
    .showHelpAfterError("(umbel --help says what there is)")
    .showSuggestionAfterError()
  umbel
    .command("start")
    .argument("<release>", "a release of umbel.config.ts")
    .description("run one node with a release's applications, in this process")
    .option("--name <name@host>", "the node's name; RELEASE@127.0.0.1 unless told")
    .option("--observer <port>", "serve the observer on that port")
    .addOption(
      new Option("--shell [mode]", "let people with the cookie in with umbel shell --remsh; read-only unless told")
        .choices(["read-only", "full"])
        .preset("read-only"),
    )
    .addOption(set())
    .addOption(log())
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel start back\n  $ umbel start front --name front@10.0.0.7 --observer 4040 --set web.port=8080",
    )
    .action(async (release, options) => (await import("./commands/start.ts")).start(release, options))
  umbel
    .command("up")
    .argument("<deployment>", "a deployment of umbel.config.ts")
    .description("run all nodes of a deployment on this machine, one process each")
    .option("--host <host>", "the host in the nodes' names", "127.0.0.1")
    .option("--observer <port>", "the port of the observer; 4040 unless the configuration says otherwise")
    .option("--no-observer", "no observer")
    .addOption(set())
    .addOption(log())
    .addHelpText("after", "\nExamples:\n  $ umbel up split\n  $ umbel up mono --set ingest.folder=/srv/docs")
    .action(async (deployment: string, options: { observer?: string | boolean }) =>
      (await import("./commands/up.ts")).up(deployment, {
        ...options,
        ...(options.observer === true ? { observer: undefined } : {}),
      } as Parameters<typeof up>[1]),
    )
  for (const command of projectCommands()) umbel.addCommand(command)
  return umbel
}

/** Runs a command line. A user's mistake is one sentence and exit code 1; anything else is a bug, and loud. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(argv as string[])
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`umbel: ${error.message}\n       ${error.cure}\n`)
    process.exitCode = error.exitCode
  }
}
