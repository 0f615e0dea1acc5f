/** The commands that run the applications of a project, as they are typed. */
import { Command, Option } from "commander"
import type { up } from "./commands/up.ts"

export const runCommands = (): readonly Command[] => [
  devCommand(),
  startCommand(),
  upCommand(),
  runCommand(),
  shellCommand(),
]

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]
const set = (): Option =>
  new Option("-s, --set <application.key=value>", "configuration over that of umbel.config.ts; may be repeated")
    .argParser(collect)
    .default([], "none")
const log = (level: string): Option =>
  new Option("--log <level>", "the least level of reports that is shown")
    .choices(["debug", "info", "warning", "error"])
    .default(level)

const startCommand = (): Command =>
  new Command("start")
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
    .addOption(log("info"))
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel start back\n  $ umbel start front --name front@10.0.0.7 --observer 4040 --set web.port=8080",
    )
    .action(async (release, options) => (await import("./commands/start.ts")).start(release, options))

const upCommand = (): Command =>
  new Command("up")
    .argument("<deployment>", "a deployment of umbel.config.ts")
    .description("run all nodes of a deployment on this machine, one process each")
    .option("--host <host>", "the host in the nodes' names", "127.0.0.1")
    .option("--observer <port>", "the port of the observer; 4040 unless the configuration says otherwise")
    .option("--no-observer", "no observer")
    .addOption(set())
    .addOption(log("info"))
    .option("--json", "for programs: an object a line")
    .addHelpText("after", "\nExamples:\n  $ umbel up split\n  $ umbel up mono --set ingest.folder=/srv/docs")
    .action(async (deployment: string, options: { observer?: string | boolean }) =>
      (await import("./commands/up.ts")).up(deployment, {
        ...options,
        ...(options.observer === true ? { observer: undefined } : {}),
      } as Parameters<typeof up>[1]),
    )

const devCommand = (): Command =>
  new Command("dev")
    .argument(
      "[release]",
      "a release or a deployment, all of it in one node; unless told the release all, or the first",
    )
    .description("run the applications, and reload each that changes while the others keep their state")
    .option("--name <name@host>", "the node's name; RELEASE@127.0.0.1 unless told")
    .option("--observer <port>", "the port of the observer; 4040 unless the configuration says otherwise")
    .option("--no-observer", "no observer")
    .option("--no-types", "reload without asking TypeScript whether the types fit")
    .addOption(set())
    .addOption(log("info"))
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel dev\n  $ umbel dev split --observer 0\n  $ umbel dev front --set web.port=8080",
    )
    .action(async (release, options) =>
      (await import("./commands/dev.ts")).dev(release, {
        ...options,
        observer: options.observer === true ? undefined : options.observer,
      }),
    )

const shellCommand = (): Command =>
  new Command("shell")
    .argument("[release]", "a release or a deployment to start; unless told the release all, or the first")
    .description("type TypeScript into a node: one of your own, or one that runs already")
    .option("--remsh <name@host>", "a node that runs already, of Umbel or of the BEAM")
    .option("--read-only", "look, and change nothing")
    .option("--no-start", "do not start the applications")
    .option("--name <name@host>", "the name of the node of your own")
    .addOption(set())
    .addOption(log("warning"))
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel shell\n  $ umbel shell --remsh all@127.0.0.1 --read-only\n  $ echo 'await node.call(name(\"counter\")).get()' | umbel shell",
    )
    .action(async (release, options) => (await import("./commands/shell.ts")).shell(release, options))

const runCommand = (): Command =>
  new Command("run")
    .argument("[file]", "a script; with --eval a release or a deployment to start")
    .argument("[args...]", "what the script finds behind its name in process.argv")
    .description("start the applications, run a script or an expression with them, and end as it does")
    .option("-e, --eval <expression>", "evaluate that; may be repeated", collect, [])
    .option("--release <name>", "a release or a deployment to start; unless told the release all, or the first")
    .option("--no-start", "do not start the applications")
    .option("--no-halt", "run on when the script has ended")
    .option("--name <name@host>", "take part in the cluster, under that name")
    .addOption(set())
    .addOption(log("warning"))
    .addHelpText(
      "after",
      "\nA script that exports a function by default has it called with the node: export default (node, args) => …\n\nExamples:\n  $ umbel run scripts/import.ts -- --from data.csv\n  $ umbel run --eval 'node.call(COUNTER).get()'\n  $ umbel run back --eval 'ps()' --no-start",
    )
    .action(async (file, args, options) => (await import("./commands/run.ts")).run(file, args, options))
