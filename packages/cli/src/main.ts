/**
 * The `umbel` command: reads what was typed, and runs it. Each command is a file in `commands/`.
 */
import { readFileSync } from "node:fs"
import { Command, CommanderError } from "commander"
import { nodeCommands } from "./node-commands.ts"
import { projectCommands } from "./project-commands.ts"
import { releaseCommands } from "./release-commands.ts"
import { runCommands } from "./run-commands.ts"
import { UsageError } from "./usage-error.ts"

/** Those that load what a project consists of: its settings, its applications. The others start without a compiler. */
const LOADS_CODE = new Set(["start", "up", "dev", "run", "shell", "release", "extract", "config", "doctor"])

/** 128 and the number of SIGPIPE, as shells count. */
const BROKEN_PIPE = 141

/** What every command takes. */
interface Everywhere {
  readonly color: boolean
  readonly cwd?: string
}

export interface MainOptions {
  /** Whether Node.js loads TypeScript already. */
  readonly typescript: boolean
}

export function program(options: MainOptions): Command {
  const umbel = new Command("umbel")
    .description("mix, iex and releases for TypeScript")
    .addHelpCommand(
      new Command("help").argument("[command]").description("the same as COMMAND --help").helpGroup("Projects:"),
    )
    .version(version(), "-V, --version", "the version of this command and of Node.js")
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel new abc --umbrella\n  $ cd abc/apps && umbel new a --sup\n  $ umbel test\n  $ umbel dev\n\numbel COMMAND --help has examples of each.",
    )
    .hook("preAction", async (_, command) => {
      // They may stand before the command or behind it.
      for (const { color, cwd } of [umbel.opts<Everywhere>(), command.opts<Everywhere>()]) {
        if (!color) process.env["NO_COLOR"] = "1"
        if (cwd !== undefined) goTo(cwd)
      }
      if (options.typescript || !LOADS_CODE.has(command.name())) return
      process.setSourceMapsEnabled(true)
      const { register } = await import("tsx/esm/api")
      register()
    })
  for (const [group, commands] of [
    ["Projects:", projectCommands()],
    ["Running:", [...runCommands(), ...releaseCommands()]],
    ["Nodes that run:", nodeCommands()],
  ] as const) {
    for (const command of commands) umbel.addCommand(command.helpGroup(group))
  }
  return everywhere(umbel)
}

/** What holds for every command: the options that all have, and that mistakes are thrown. */
function everywhere(command: Command): Command {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: () => {} })
    .option("--no-color", "no colours, as with NO_COLOR=1")
    .option("-C, --cwd <folder>", "as if it were typed there")
  for (const below of command.commands) everywhere(below)
  return command
}

/** Runs a command line. A user's mistake is one sentence and the way to mend it, without a stack; anything else is a bug, and loud. */
export async function main(argv: readonly string[], options: MainOptions): Promise<void> {
  // Whoever reads has had enough, as `umbel ps | head` does: no mistake of anybody's.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error
    process.exit(BROKEN_PIPE)
  })
  try {
    await program(options).parseAsync((argv.length > 2 ? argv : [...argv, "--help"]) as string[])
  } catch (error) {
    const mistake = error instanceof CommanderError ? typed(error, argv) : error
    if (mistake === undefined) return
    if (!(mistake instanceof UsageError)) throw mistake
    process.stderr.write(`umbel: ${mistake.message}\n       ${mistake.cure}\n`)
    process.exitCode = mistake.exitCode
  }
}

/** What commander says of a line it does not understand, as we say it. Undefined when it has shown help or a version, which is no mistake. */
function typed({ exitCode, message }: CommanderError, argv: readonly string[]): UsageError | undefined {
  if (exitCode === 0) return undefined
  const [problem = "", suggestion] = message.replace(/^error: /, "").split("\n")
  const command = argv.slice(2).find((word) => !word.startsWith("-"))
  const known = command !== undefined && !problem.startsWith("unknown command")
  const help = known ? `umbel ${command} --help has examples` : "umbel --help says what there is"
  return new UsageError(problem, suggestion === undefined ? help : `${suggestion.replace(/^\(|\)$/g, "")} ${help}`)
}

function goTo(folder: string): void {
  try {
    process.chdir(folder)
  } catch {
    throw new UsageError(`there is no folder ${folder}`, "give one that exists behind --cwd")
  }
}

function version(): string {
  const own = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
  return `umbel ${own.version}, Node.js ${process.versions.node}`
}
