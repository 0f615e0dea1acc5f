/**
 * The commands that make, check and test projects, as they are typed. What each does is in its file in `commands/`, and is loaded when it is called for.
 */
import { Argument, Command, Option } from "commander"
import type { TestOptions } from "./commands/test.ts"
import type { Format } from "./graph/formats.ts"
import { extractCommand } from "./release-commands.ts"
import { MODULES } from "./templates/modules.ts"

export const projectCommands = (): readonly Command[] => [
  newCommand(),
  genCommand(),
  extractCommand(),
  testCommand(),
  compileCommand(),
  checkCommand(),
  graphCommand(),
  affectedCommand(),
  configCommand(),
  doctorCommand(),
]

const only = (what: string): Option =>
  new Option("--app <name>", what)
    .argParser((name: string, before: readonly string[]) => [...before, name])
    .default([], "all")

const newCommand = (): Command =>
  new Command("new")
    .argument("<path>", "the folder to make; its last part is the name")
    .description("make an umbrella, or an application in one or alone")
    .option("--sup", "with a supervision tree and an example of a server")
    .option("--umbrella", "an umbrella, for several applications")
    .option("--dry-run", "show what would be written")
    .option("--git", "a git repository, unless there is one around it (the default)", true)
    .option("--no-git", "no git repository")
    .option("--install", "run npm install (the default)", true)
    .option("--no-install", "leave npm install to you")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel new abc --umbrella\n  $ cd abc/apps && umbel new a && umbel new b --sup\n  $ umbel new my_app --sup",
    )
    .action(async (path, options) => (await import("./commands/new.ts")).newProject(path, options))

const genCommand = (): Command =>
  new Command("gen")
    .addArgument(new Argument("<kind>", "what to make").choices([...MODULES, "application", "release"]))
    .argument("<name>", "its name, as in room-server")
    .description("make a module with its test, an application or a release")
    .option("--app <name>", "the application it belongs to; unless told, the one of this folder")
    .option("--sup", "application: with a supervision tree")
    .option("--no-install", "application: leave npm install to you")
    .option("--applications <names>", "release: its applications, with commas between; all unless told")
    .option("--dry-run", "show what would be written")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel gen server counter\n  $ umbel gen statem door --app shop --dry-run\n  $ umbel gen release front --applications a,b",
    )
    .action(async (kind, name, options) => (await import("./commands/gen.ts")).gen(kind, name, options))
    .addCommand(
      new Command("beam-types")
        .argument("<node>", "the name of a running BEAM node")
        .argument("<module>", "one of its modules, as in lists or Shop.Cart")
        .description("make a TypeScript interface from the specs of a module of a BEAM node, for rpc")
        .option("--output <file>", "the file to write; to the screen unless told")
        .addHelpText("after", "\nExample:\n  $ umbel gen beam-types b@127.0.0.1 lists --output src/lists.ts")
        .action(async (node, module, options) =>
          (await import("./commands/gen-beam-types.ts")).genBeamTypes(node, module, options),
        ),
    )

const testCommand = (): Command =>
  new Command("test")
    .argument("[paths...]", "files, folders or FILE:LINE; behind -- vitest's own options")
    .description("run the tests of all applications, or inside one its own")
    .addOption(only("only this application; may be repeated"))
    .option("--seed <number>", "the order of tests; 0 is the order in which they are written")
    .option("--stale", "only tests that have not passed with the code as it is")
    .option("--failed", "only tests that failed in their last run")
    .option("--affected [base]", "only applications that differ from a git branch, or need one that does")
    .option("--cover [percent]", "coverage; with a number, exit code 3 below it")
    .option("--watch", "run again what a change touches")
    .option("--pass-with-no-tests", "nothing selected is no failure")
    .option("--json", "for programs: what came of it, at the end")
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel test\n  $ umbel test apps/b/test/b.test.ts:12 --seed 42\n  $ umbel test --stale --watch\n  $ umbel test -- --reporter=verbose --bail=1",
    )
    .action(async (paths: string[], options: TestOptions, command: Command) => {
      // Commander drops the `--`; what was behind it is for vitest, dashes or not.
      const own = ownArguments(process.argv, command.name())
      const { test } = await import("./commands/test.ts")
      await test(paths.slice(0, paths.length - own.length), own, options)
    })

const checkCommand = (): Command =>
  new Command("check")
    .description("check who imports what, cycles between applications, and types")
    .option("--boundaries", "only that each application imports what its package.json declares")
    .option("--cycles", "only that no applications need each other in a circle")
    .option("--types", "only the types")
    .option("--fix", "mend what can be: the references between projects in tsconfig.json")
    .option("--json", "for programs")
    .addHelpText("after", "\nExamples:\n  $ umbel check\n  $ umbel check --boundaries --cycles")
    .action(async (options) => (await import("./commands/check.ts")).check(options))

const graphCommand = (): Command =>
  new Command("graph")
    .description("show which application and which file imports which")
    .addOption(
      new Option("--format <format>", "how it is written")
        .choices(["tree", "dot", "mermaid", "json", "html"] satisfies (Format | "html")[])
        .default("tree"),
    )
    .option("--apps", "only the applications")
    .option("--files", "only the files")
    .option("--calls", "only who calls or casts to whose server")
    .option("--json", "the same as --format json")
    .option("--output <file>", "write it there")
    .option("--tests", "the files of tests as well")
    .addOption(only("the files of this application only; may be repeated"))
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel graph\n  $ umbel graph --apps --format mermaid\n  $ umbel graph --calls\n  $ umbel graph --format html --output graph.html\n  $ umbel graph --files --app web --format dot | dot -Tsvg > web.svg",
    )
    .action(async (options) => (await import("./commands/graph.ts")).graph(options))

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

const configCommand = (): Command =>
  new Command("config")
    .description("the configuration of the applications, and where each value is from")
    .option("--explain <key>", "one value, as in web.port, with what every layer says")
    .option("--app <name>", "only this application")
    .option("--release <name>", "as that release reads runtime.config.ts; the first one unless told")
    .addOption(
      new Option("-s, --set <application.key=value>", "as with umbel start; may be repeated")
        .argParser((value: string, before: readonly string[]) => [...before, value])
        .default([], "none"),
    )
    .option("--json", "for programs")
    .addHelpText("after", "\nExamples:\n  $ umbel config\n  $ umbel config --explain web.port --set web.port=8080")
    .action(async (options) => (await import("./commands/config.ts")).config(options))

const doctorCommand = (): Command =>
  new Command("doctor")
    .description("check this machine and this project, with a cure for what is not right")
    .option("--json", "for programs")
    .addHelpText("after", "\nExamples:\n  $ umbel doctor\n  $ umbel doctor --json")
    .action(async (options) => (await import("./commands/doctor.ts")).doctor(options))

const affectedCommand = (): Command =>
  new Command("affected")
    .argument("[base]", "a branch or commit of git; origin/HEAD, main or master unless told")
    .description("the applications that differ from a branch, or need one that does")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel affected\n  $ umbel affected release-1.2 --json | jq -r '.[].application'",
    )
    .action(async (base, options) => (await import("./commands/affected.ts")).affected(base, options))

/** What was typed behind `--`. */
function ownArguments(argv: readonly string[], command: string): readonly string[] {
  const at = argv.indexOf("--", argv.indexOf(command))
  return at < 0 ? [] : argv.slice(at + 1)
}
