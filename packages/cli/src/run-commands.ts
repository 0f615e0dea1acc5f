/** The commands that run, compile and try the applications of a project, as they are typed. */
import { Command, Option } from "commander"

export const runCommands = (): readonly Command[] => [devCommand(), shellCommand(), runCommand(), compileCommand()]

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]
const set = (): Option =>
  new Option("-s, --set <application.key=value>", "configuration over that of umbel.config.ts; may be repeated")
    .argParser(collect)
    .default([], "none")
const log = (level: string): Option =>
  new Option("--log <level>", "the least level of reports that is shown")
    .choices(["debug", "info", "warning", "error"])
    .default(level)

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

const compileCommand = (): Command =>
  new Command("compile")
    .argument("[applications...]", "only these, and what they need; all unless told, inside one its own")
    .description("check the types of every application, each in its turn, where something has changed")
    .option("--force", "whatever has changed or not")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel compile\n  $ umbel compile web --force\n  $ umbel compile --json | jq '.problems[].file'",
    )
    .action(async (applications, options) => (await import("./commands/compile.ts")).compile(applications, options))
