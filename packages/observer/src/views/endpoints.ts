/** The view `endpoints`: HTTP endpoints (`@umbel/web`) of the nodes, with what each says of itself. */
import type { KnownNode } from "../cluster.ts"
import type { PidKey } from "../protocol.ts"
import { type Context, here, textOf, type View } from "../view.ts"

export interface EndpointsData {
  readonly endpoints: readonly EndpointView[]
}
export interface EndpointView {
  readonly key: PidKey
  readonly node: string
  readonly pid: string
  readonly title: string
  /** `http://127.0.0.1:4000`; empty when it does not say. */
  readonly address: string
  /** What it counts and says, by name. */
  readonly facts: readonly { readonly key: string; readonly value: string }[]
}

const MODULE = "umbel.web.endpoint"
const PER_NODE = 50

export const ENDPOINTS_VIEW: View<{ node: string }, EndpointsData> = {
  name: "endpoints",
  about: "HTTP endpoints of all nodes; of one with `node`.",
  capability: "inspect",
  unkept: "The recorder does not keep what listened for HTTP.",
  params: ({ node }) => ({ node: textOf(node) }),
  async read(context, { node }) {
    const nodes = node === "" ? (await context.cluster()).nodes : [await context.known(node)]
    const umbel = nodes.filter(({ status, kind }) => status === "up" && kind === "umbel")
    const answers = await Promise.allSettled(umbel.map((known) => endpointsOf(context, known)))
    return here({ endpoints: answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : [])) })
  },
}

async function endpointsOf(context: Context, { name }: KnownNode): Promise<readonly EndpointView[]> {
  const inspector = context.umbel(name)
  const { rows } = await inspector.list({ filter: MODULE, count: PER_NODE, sort: "title" })
  const views = await Promise.all(
    rows.filter(({ module }) => module === MODULE).map(({ pid }) => inspector.process(pid)),
  )
  return views.flatMap((view) => {
    if (view === undefined) return []
    // What an endpoint says of itself is made to be shown: its `formatStatus`.
    const facts = factsIn(view.state)
    return [
      {
        key: context.key(view.pid),
        node: name,
        pid: String(view.pid),
        title: view.title,
        address: facts.find(({ key }) => key === "address")?.value ?? "",
        facts: facts.filter(({ key }) => key !== "address"),
      },
    ]
  })
}

/** The fields of a printed map that hold a number or a short text. */
function factsIn(printed: string): { key: string; value: string }[] {
  const facts: { key: string; value: string }[] = []
  for (const [, key, text, plain] of printed.matchAll(
    /\b(\w+): (?:"((?:[^"\\]|\\.){0,200})"|(-?\d[\d.]*|true|false))/g,
  )) {
    facts.push({ key: key ?? "", value: text ?? plain ?? "" })
  }
  return facts
}
