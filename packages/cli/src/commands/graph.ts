/** `umbel graph`: which application and which file needs which, over the whole workspace; imports of types are marked. */
import { Command, Option } from "commander"
import { applicationsOf, draw, FORMATS, type Format, filesOf } from "../graph/formats.ts"
import { isTest, readGraph } from "../graph/graph.ts"
import { chosen, here } from "../project/workspace.ts"

export interface GraphOptions {
  readonly format: Format
  readonly apps?: boolean
  readonly files?: boolean
  readonly tests?: boolean
  readonly app: readonly string[]
}

export const graphCommand = (): Command =>
  new Command("graph")
    .description("show which application and which file imports which")
    .addOption(new Option("--format <format>", "how it is written").choices(FORMATS).default("tree"))
    .option("--apps", "only the applications")
    .option("--files", "only the files")
    .option("--tests", "the files of tests as well")
    .addOption(
      new Option("--app <name>", "the files of this application only; may be repeated")
        .argParser((name: string, before: readonly string[]) => [...before, name])
        .default([], "all"),
    )
    .addHelpText(
      "after",
      "\nExamples:\n  $ umbel graph\n  $ umbel graph --apps --format mermaid\n  $ umbel graph --files --app web --format dot | dot -Tsvg > web.svg",
    )
    .action(graph)

export async function graph(options: GraphOptions): Promise<void> {
  const { workspace } = await here()
  const wanted = chosen(workspace, options.app).map(({ name }) => name)
  const whole = await readGraph(workspace)
  const keep = (path: string): boolean =>
    (options.tests === true || !isTest(path)) &&
    (wanted.length === 0 || wanted.includes(whole.files.get(path)?.application?.name ?? ""))
  const drawings = [
    ...(options.files === true && options.apps !== true ? [] : [applicationsOf(whole)]),
    ...(options.apps === true && options.files !== true ? [] : [filesOf(whole, keep)]),
  ]
  process.stdout.write(draw(options.format, drawings))
}
