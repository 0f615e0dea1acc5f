/** `umbel graph`: which application and which file needs which, over the whole workspace; imports of types are marked. Apart, who calls whose server. */
import { writeFile } from "node:fs/promises"
import { resolve } from "node:path"
import { applicationsOf, callsOf, draw, type Format, filesOf } from "../graph/formats.ts"
import { isTest, readGraph } from "../graph/graph.ts"
import { messagesOf } from "../graph/messages.ts"
import { page } from "../graph/page.ts"
import { say } from "../project/files.ts"
import { chosen, here } from "../project/workspace.ts"

export interface GraphOptions {
  readonly format: Format | "html"
  readonly apps?: boolean
  readonly files?: boolean
  readonly calls?: boolean
  readonly output?: string
  readonly tests?: boolean
  readonly json?: boolean
  readonly app: readonly string[]
}

export async function graph(options: GraphOptions): Promise<void> {
  const { workspace } = await here()
  const wanted = chosen(workspace, options.app).map(({ name }) => name)
  const whole = await readGraph(workspace)
  const keep = (path: string): boolean =>
    (options.tests === true || !isTest(path)) &&
    (wanted.length === 0 || wanted.includes(whole.files.get(path)?.application?.name ?? ""))
  const { apps = false, files = false, calls = false } = options
  const all = !apps && !files && !calls
  const format = options.json === true ? "json" : options.format
  if (format === "html") return put(page(whole, messagesOf(whole), keep), options.output)
  const drawings = [
    ...(all || apps ? [applicationsOf(whole)] : []),
    ...(all || files ? [filesOf(whole, keep)] : []),
    ...(calls ? [callsOf(messagesOf(whole), keep)] : []),
  ]
  await put(draw(format, drawings), options.output)
}

async function put(text: string, output: string | undefined): Promise<void> {
  if (output === undefined) return void process.stdout.write(text)
  await writeFile(output, text)
  say(resolve(output))
}
