/** The view `find`: processes of all nodes whose pid, name, label or module contains a text. */
import { beamFind } from "../beam-processes.ts"
import type { KnownNode } from "../cluster.ts"
import type { PidKey } from "../protocol.ts"
import { type Context, here, textOf, type View } from "../view.ts"

export interface FindData {
  readonly found: readonly FoundView[]
  /** Nodes that did not answer in time. */
  readonly silent: readonly string[]
}
export interface FoundView {
  readonly key: PidKey
  readonly pid: string
  readonly node: string
  readonly title: string
  readonly module: string
}

const FOUND_MAX = 40
const PER_NODE = 20

export const FIND_VIEW: View<{ text: string }, FindData> = {
  name: "find",
  about: "Processes of all nodes whose pid, name, label or module contains `text`.",
  capability: "inspect",
  unkept: "The past cannot be searched; the Processes page has who stood out then.",
  params: ({ text }) => (text === undefined ? undefined : { text: textOf(text).trim().slice(0, 200) }),
  async read(context, { text }) {
    if (text === "") return here({ found: [], silent: [] })
    const { nodes } = await context.cluster()
    const asked = nodes.filter(({ status }) => status === "up")
    const answers = await Promise.allSettled(asked.map((node) => findOn(context, node, text)))
    const found = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
    const silent = asked.filter((_, index) => answers[index]?.status === "rejected").map(({ name }) => name)
    return here({ found: found.slice(0, FOUND_MAX), silent })
  },
}

async function findOn(context: Context, { name, kind }: KnownNode, text: string): Promise<readonly FoundView[]> {
  if (kind === "beam") return beamFind(context, name, text, PER_NODE)
  const found = await context.umbel(name).find(text, PER_NODE)
  return found.map(({ pid, title, module }) => ({
    key: context.key(pid),
    pid: String(pid),
    node: name,
    title,
    module,
  }))
}
