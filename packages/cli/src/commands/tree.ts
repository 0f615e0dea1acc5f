/** `umbel tree [APPLICATION]`: the supervision trees of a node as they are now. */
import type { TreeNode } from "umbel/otp"
import { say } from "../project/files.ts"
import { onBeam } from "../remote/beam.ts"
import { inspectorAt, type Visit, withNode } from "../remote/connect.ts"
import { type ObserverOptions, observerOf, throughObserver, treesSeen } from "../remote/observer.ts"
import { plainJson } from "../remote/table.ts"
import { type Branch, treeLines } from "../remote/tree-lines.ts"
import { UsageError } from "../usage-error.ts"

export interface TreeOptions extends ObserverOptions {
  readonly json?: boolean
}

export async function tree(application: string | undefined, options: TreeOptions): Promise<void> {
  if (observerOf(options) !== undefined) {
    return throughObserver(options, async (look) => show(await treesSeen(look, application), options))
  }
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
      show(trees, options)
    },
    (visit) => beamTree(visit, application, options),
  )
}

function show(trees: readonly Branch[], { json }: TreeOptions): void {
  if (json === true) return say(plainJson(trees))
  if (trees.length === 0) return say("no application has a tree")
  for (const line of trees.flatMap((one) => treeLines(one))) say(line)
}

async function beamTree(visit: Visit, application: string | undefined, { json }: TreeOptions): Promise<void> {
  const lines = await onBeam(visit).tree(application)
  if (json === true) return say(JSON.stringify(lines, null, 2))
  for (const line of lines) say(line)
}
