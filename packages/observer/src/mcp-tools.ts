/**
 * The views and actions as tools of an agent: which there are for a visitor, and what calling one says.
 *
 * ```ts
 * toolsOf(api, visitor)                                                     // [{ name: "processes", … }, { name: "do-kill", … }]
 * await callTool(api, visitor, "do-kill", { node: "a@h", pid: "<0.12.0>", preview: true })
 * ```
 *
 * A visitor has the tools that the capabilities allow, and no other: `inspect` those that look, `manage` those that begin with `do-`. What the page may
 * not do, no agent may; what an agent does is in the audit with the name of its token.
 */
import type { Api } from "./api.ts"
import { makeContext } from "./context.ts"
import { type Outcome, type Params, paramsOf } from "./protocol.ts"
import { previewAction, readView, runAction } from "./read.ts"
import { Shown } from "./shown.ts"
import { flagOf, type Visitor } from "./view.ts"

export interface Tool {
  readonly name: string
  readonly description: string
  readonly inputSchema: object
  readonly annotations: { readonly readOnlyHint: boolean; readonly destructiveHint?: boolean }
}
export interface ToolResult {
  readonly content: readonly [{ readonly type: "text"; readonly text: string }]
  readonly structuredContent?: object
  readonly isError?: true
}

const DO = "do-"
/** Characters of an answer: an agent has to read it. */
export const ANSWER_MAX = 400_000

const NAMED = {
  node: { type: "string", description: "a node, such as back@127.0.0.1; the tool cluster lists them" },
  pid: { type: "string", description: "with node: a process, such as <0.12.0>; the tool processes lists them" },
}
const ACTING = {
  preview: { type: "boolean", description: "true only says what it would take down" },
  confirm: { type: "string", description: "the name of what ends, where the preview asks for one" },
}
/** What else a tool takes stands in its description. */
const schema = (properties: object): object => ({
  type: "object",
  properties,
  additionalProperties: { type: ["string", "number", "boolean"] },
})

export function toolsOf({ views, actions }: Api, { capabilities }: Visitor): Tool[] {
  const seen = [...views.values()].filter(({ capability }) => capabilities.has(capability))
  const done = capabilities.has("manage") ? [...actions.values()] : []
  return [
    ...seen.map(({ name, about, costs }) => ({
      name,
      description: about,
      inputSchema: schema(NAMED),
      annotations: { readOnlyHint: costs === undefined },
    })),
    ...done.map(({ name, about, confirmName }) => ({
      name: DO + name,
      description: about,
      inputSchema: schema({ ...NAMED, ...ACTING }),
      annotations: { readOnlyHint: false, destructiveHint: confirmName !== undefined },
    })),
  ]
}

/** Never rejects. Undefined when this visitor has no such tool. */
export async function callTool(
  api: Api,
  visitor: Visitor,
  name: string,
  given: unknown,
): Promise<ToolResult | undefined> {
  if (!toolsOf(api, visitor).some((tool) => tool.name === name)) return undefined
  const params = paramsOf(given ?? {})
  if (params === undefined) return failure("Arguments are texts, numbers and booleans by name.")
  const context = makeContext({ ...api, caller: api.node, visitor, shown: new Shown(), strict: false })
  if (name.startsWith(DO)) {
    const { preview, ...rest } = params
    const does = flagOf(preview) ? previewAction : runAction
    return outcomeResult(await does(api.actions, context, name.slice(DO.length), rest satisfies Params))
  }
  const { status, data, text } = await readView(api.views, context, name, params)
  if (status !== "here") return failure(`${status}: ${text}`)
  return result(data as object)
}

const outcomeResult = (outcome: Outcome): ToolResult => (outcome.done ? result(outcome) : failure(outcome.text))

function result(data: object): ToolResult {
  const text = JSON.stringify(data)
  if (text.length > ANSWER_MAX)
    return failure(`The answer has ${text.length} characters, more than ${ANSWER_MAX}: ask for less of it.`)
  return { content: [{ type: "text", text }], structuredContent: JSON.parse(text) as object }
}
const failure = (text: string): ToolResult => ({ content: [{ type: "text", text }], isError: true })
