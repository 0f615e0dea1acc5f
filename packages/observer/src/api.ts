/**
 * The views over HTTP: as JSON, and as Prometheus metrics. The same access, the same capabilities.
 *
 * ```
 * GET  /api                                  what there is
 * GET  /api/tree?node=a@h&application=shop   a snapshot; with &at=1764000000000 of that moment, as far as it was recorded
 * POST /api/act/kill?node=a@h&pid=<0.12.0>   does it; with &preview=true only says what it would take down
 * GET  /metrics                              numbers of every node, as Prometheus reads them
 * ```
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Node } from "umbel"
import type { Refusal } from "./access.ts"
import { safeHeaders } from "./assets.ts"
import type { Audit } from "./audit.ts"
import { makeContext } from "./context.ts"
import { metricsText } from "./metrics.ts"
import { paramsOf, type Status } from "./protocol.ts"
import { type ActionTable, previewAction, readView, runAction, type ViewTable } from "./read.ts"
import { Shown } from "./shown.ts"
import { type Context, flagOf, type Visitor } from "./view.ts"

export interface Api {
  readonly node: Node
  readonly refreshMs: number
  readonly sourceLink: string | undefined
  readonly views: ViewTable
  readonly actions: ActionTable
  readonly audit: Audit
  readonly confirmByName: boolean
}

const CODES: Readonly<Record<Status, number>> = {
  here: 200,
  gone: 404,
  unknown: 404,
  unsupported: 501,
  denied: 403,
  unreachable: 504,
  failed: 500,
  unkept: 404,
}

/** Whether a path is this part's. */
export const isApi = (path: string): boolean => path === "/metrics" || path === "/api" || path.startsWith("/api/")
export const isChange = (path: string): boolean => path.startsWith("/api/act/")
/** Whether a request does something to a node, by a change or by what reading costs. */
export const isDoing = ({ views }: Api, path: string): boolean =>
  isChange(path) || views.get(path.slice("/api/".length))?.costs === true

export async function answerApi(
  api: Api,
  visitor: Visitor,
  { method }: IncomingMessage,
  url: URL,
  response: ServerResponse,
): Promise<void> {
  const change = isChange(url.pathname)
  if (change ? method !== "POST" : method !== "GET")
    return told(response, 405, { error: change ? "Only POST." : "Only GET." })
  // Every request names its processes anew, by node and pid.
  const context = makeContext({ ...api, caller: api.node, visitor, shown: new Shown(), strict: false })
  const params = paramsOf(Object.fromEntries(url.searchParams))
  if (params === undefined) return told(response, 400, { error: "Those parameters cannot be." })
  if (url.pathname === "/metrics") return metrics(context, response)
  const name = decodeURIComponent(url.pathname.slice("/api/".length).replace(/^act\//, ""))
  if (url.pathname === "/api" || name === "") return told(response, 200, contents(api, visitor))
  if (change) {
    const { preview, ...rest } = params
    const outcome = await (flagOf(preview) ? previewAction : runAction)(api.actions, context, name, rest)
    return told(response, outcome.done ? 200 : 422, outcome)
  }
  const snapshot = await readView(api.views, context, name, params)
  return told(response, CODES[snapshot.status], snapshot)
}

function contents({ views, actions }: Api, { name, capabilities }: Visitor): object {
  return {
    you: { name, capabilities: [...capabilities] },
    views: [...views.values()].map(({ name, about, capability }) => ({ name, about, capability })),
    actions: [...actions.values()].map(({ name, about }) => ({ name, about, capability: "manage" })),
  }
}

async function metrics(context: Context, response: ServerResponse): Promise<void> {
  if (!context.visitor.capabilities.has("inspect")) return told(response, 403, { error: "That needs inspect." })
  const { nodes } = await context.cluster()
  response
    .writeHead(
      200,
      safeHeaders({ "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" }),
    )
    .end(await metricsText(context, nodes))
}

function told(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, safeHeaders({ "content-type": "application/json; charset=utf-8", "cache-control": "no-store" }))
    .end(`${JSON.stringify(body)}\n`)
}

/** The same as JSON, for who wants JSON. */
export const refusalJson = (response: ServerResponse, { status, text }: Refusal): void =>
  told(response, status, { error: text.trim() })
