/** `umbel graph`: which application and which file needs which, over the whole workspace; imports of types are marked. */
import { applicationsOf, draw, type Format, filesOf } from "../graph/formats.ts"
import { isTest, readGraph } from "../graph/graph.ts"
import { chosen, here } from "../project/workspace.ts"

export interface GraphOptions {
  readonly format: Format
  readonly apps?: boolean
  readonly files?: boolean
  readonly tests?: boolean
  readonly app: readonly string[]
}

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
