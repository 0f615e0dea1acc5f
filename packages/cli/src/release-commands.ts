/** `umbel release` and `umbel extract` as they are typed. */
import { Command, Option } from "commander"

export const releaseCommands = (): readonly Command[] => [releaseCommand()]

const releaseCommand = (): Command =>
  new Command("release")
    .argument("[name]", "a release of umbel.config.ts; may be left out where there is one only")
    .description("build a folder that runs a release's applications with nothing but Node.js")
    .option("--all", "every release")
    .option("--path <folder>", "where; _build/NAME unless told")
    .option("--version <version>", "that of the root's package.json unless told")
    .option("--tar", "a .tar.gz beside it, the same byte by byte from the same code")
    .option("--docker", "a Dockerfile")
    .option("--systemd", "a unit for systemd")
    .option("--kubernetes", "manifests for Kubernetes")
    .option("--verify", "start it, ask for its health, stop it; exit code 5 when that fails")
    .addOption(new Option("--observer", "with the observer, off until UMBEL_OBSERVER=PORT (the default)").default(true))
    .option("--no-observer", "without the observer")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel release front --verify\n  $ umbel release --all --tar\n  $ umbel release back --docker --kubernetes\n  $ _build/front/bin/front daemon && _build/front/bin/front health",
    )
    .action(async (name, options) => (await import("./commands/release.ts")).release(name, options))

export const extractCommand = (): Command =>
  new Command("extract")
    .argument("<child>", "a child of the application's supervision tree: its definition or file, as in room-server")
    .requiredOption("--to <folder>", "the new application, as in apps/b")
    .option("--app <name>", "the application it is in; unless told, the one of this folder")
    .option("--dry-run", "show what would change")
    .option("--yes", "do not ask")
    .option("--no-install", "leave npm install to you")
    .option("--json", "what would change, for programs; writes nothing without --yes")
    .description("move a child with its modules and tests into an application of its own")
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel extract room-server --to apps/rooms --dry-run\n  $ cd apps/chat && umbel extract room-server --to apps/rooms --yes",
    )
    .action(async (child, options) => (await import("./commands/extract.ts")).extract(child, options))
