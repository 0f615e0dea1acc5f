/** `umbel tree [APPLICATION]`: the supervision trees of a node as they are now. */
import type { TreeNode } from "umbel/otp"
import { say } from "../project/files.ts"
import { onBeam } from "../remote/beam.ts"
import { inspectorAt, type Visit, type Whom, withNode } from "../remote/connect.ts"
import { plainJson } from "../remote/table.ts"
import { treeLines } from "../remote/tree-lines.ts"
import { UsageError } from "../usage-error.ts"

export interface TreeOptions extends Whom {
  readonly json?: boolean
}

export async function tree(application: string | undefined, options: TreeOptions): Promise<void> {
  await withNode(
    options,
    async (visit) => {
      const inspector = inspectorAt(visit)
      const { applications } = await inspector.overview()
      const running = applications.map(({ name }) => name)
      if (application !== undefined && !running.includes(application)) {
        throw new UsageError(
          `no application ${application} runs on ${visit.name}`,
          `there are ${running.join(", ") || "none"}`,
        )
      }
      const names = application === undefined ? running : [application]
      const found = await Promise.all(names.map((name) => inspector.tree(name)))
      const trees = found.filter((one): one is TreeNode => one !== undefined)
      if (options.json === true) return say(plainJson(trees))
      if (trees.length === 0) return say("no application has a tree")
      for (const line of trees.flatMap((one) => treeLines(one))) say(line)
    },
    (visit) => beamTree(visit, application, options),
  )
}

async function beamTree(visit: Visit, application: string | undefined, { json }: TreeOptions): Promise<void> {
  const lines = await onBeam(visit).tree(application)
  if (json === true) return say(JSON.stringify(lines, null, 2))
  for (const line of lines) say(line)
}
