/**
 * The commands that look at running nodes, as they are typed. Each connects as a hidden node of its own, asks, and leaves; or, with `--observer`, asks an
 * observer and needs no cookie.
 */
import { Argument, Command, Option } from "commander"

export const nodeCommands = (): readonly Command[] => [
  nodesCommand(),
  psCommand(),
  topCommand(),
  treeCommand(),
  infoCommand(),
  killCommand(),
  traceCommand(),
  logLevelCommand(),
  observeCommand(),
]

const onNode = (command: Command): Command =>
  command
    .option("--node <name@host>", "which node; may be left out where one runs, and short where it is clear")
    .option("--json", "for programs")

/** For those that need not join the cluster. */
const throughObserver = (command: Command): Command =>
  command
    .option("--observer <url>", "ask this observer instead of the node itself; or UMBEL_OBSERVER")
    .option("--token <token>", "what the observer asks for; or UMBEL_OBSERVER_TOKEN")

const SORTS = ["cpu", "memory", "mailbox", "handled", "title"] as const
const sorted = (): Option => new Option("--sort <key>", "what comes first").choices(SORTS).default("cpu")
const limited = (fallback: string): Option => new Option("--limit <count>", "at most so many").default(fallback)

const nodesCommand = (): Command =>
  throughObserver(new Command("nodes"))
    .description("the nodes of this machine, Umbel and BEAM, with what they run")
    .option("--host <host>", "whose nodes; this machine's unless told", "127.0.0.1")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel nodes\n  $ umbel nodes --host 10.0.0.7 --json\n  $ umbel nodes --observer http://10.0.0.7:4040 --token …",
    )
    .action(async (options) => (await import("./commands/nodes.ts")).nodes(options))

const psCommand = (): Command =>
  throughObserver(onNode(new Command("ps")))
    .argument("[text]", "only processes whose title, module or name has it")
    .description("the processes of a node")
    .addOption(sorted())
    .addOption(limited("50"))
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel ps\n  $ umbel ps room --node back --sort mailbox\n  $ umbel ps --json | jq '.[0].pid'",
    )
    .action(async (text, options) => (await import("./commands/ps.ts")).ps(text, options))

const topCommand = (): Command =>
  throughObserver(onNode(new Command("top")))
    .description("the busiest processes of a node, live")
    .addOption(sorted())
    .option("--every <seconds>", "between two looks", "1")
    .option("--once", "one look, as it is without a terminal")
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel top\n  $ umbel top --node back --sort mailbox\n\nKeys: c cpu, m memory, b mailbox, h handled, t title; q quits",
    )
    .action(async (options) => (await import("./commands/top.ts")).top(options))

const treeCommand = (): Command =>
  throughObserver(onNode(new Command("tree")))
    .argument("[application]", "only this one")
    .description("the supervision trees of a node, with who was restarted how often")
    .addHelpText("after", "\nExamples:\n  $ umbel tree\n  $ umbel tree shop --node back --json")
    .action(async (application, options) => (await import("./commands/tree.ts")).tree(application, options))

const infoCommand = (): Command =>
  throughObserver(onNode(new Command("info")))
    .argument("<process>", "a pid as ps prints it, or a registered name")
    .description("everything about one process: its state, mailbox, links, ancestors")
    .addHelpText("after", "\nExamples:\n  $ umbel info '<0.12.0>'\n  $ umbel info counter --node back --json")
    .action(async (process, options) => (await import("./commands/info.ts")).info(process, options))

const killCommand = (): Command =>
  throughObserver(onNode(new Command("kill")))
    .argument("<process>", "a pid as ps prints it, or a registered name")
    .option("--reason <word>", "an exit with that reason, which a process may trap; kill, which none can, unless told")
    .option("--yes", "do not ask")
    .option("--confirm <name>", "the name of the process, which an observer in production wants")
    .description("end one process; its supervisor starts the next life")
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel kill '<0.12.0>' --yes\n  $ umbel kill counter --node back --reason shutdown",
    )
    .action(async (process, options) => (await import("./commands/kill.ts")).killProcess(process, options))

const traceCommand = (): Command =>
  throughObserver(onNode(new Command("trace")))
    .argument("<process>", "a pid as ps prints it, or a registered name")
    .description("what a process receives, sends and does, as it happens")
    .addOption(limited("100"))
    .option("--for <seconds>", "no longer than that", "30")
    .option("--below", "with all processes that are started below it")
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel trace counter\n  $ umbel trace '<0.12.0>' --node back --limit 10 --json",
    )
    .action(async (process, options) => (await import("./commands/trace.ts")).trace(process, options))

const logLevelCommand = (): Command =>
  throughObserver(onNode(new Command("log-level")))
    .addArgument(
      new Argument(
        "<level>",
        "from there on lines are written; unset takes that of an application or process back",
      ).choices(["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency", "none", "unset"]),
    )
    .option("--app <name>", "only of this application")
    .option("--process <process>", "only of this process: a pid as ps prints it, or a registered name")
    .description("which lines of the log a running node writes")
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel log-level debug --app web\n  $ umbel log-level unset --app web\n  $ umbel log-level warning --node back",
    )
    .action(async (level, options) => (await import("./commands/log-level.ts")).logLevel(level, options))

const observeCommand = (): Command =>
  onNode(new Command("observe"))
    .description("the observer of a running deployment; where it has none, one in a node beside it")
    .option("--port <port>", "for an observer beside it; any free one unless told", "0")
    .option("--open", "open a browser")
    .addHelpText("after", "\nExamples:\n  $ umbel observe\n  $ umbel observe --node back --port 4041 --open")
    .action(async (options) => (await import("./commands/observe.ts")).observe(options))
