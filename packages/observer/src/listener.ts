/**
 * What the observer answers over HTTP: its page, and its views as data.
 *
 * ```ts
 * createServer(pageListener({ access, assets: loadAssets(), api, limit }))
 * ```
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { type Access, isRefusal, type Refusal } from "./access.ts"
import { type Api, answerApi, isApi, isDoing, refusalJson } from "./api.ts"
import { type Asset, safeHeaders } from "./assets.ts"
import { answerMcp, MCP_PATH } from "./mcp.ts"
import type { RateLimit } from "./rate-limit.ts"

export interface Served {
  readonly access: Access
  readonly assets: ReadonlyMap<string, Asset>
  readonly api: Api
  readonly limit: RateLimit
  readonly mcp: boolean
}

export function pageListener({ access, assets, api, limit, mcp }: Served): RequestListener {
  return (request, response) => {
    const url = URL.canParse(request.url ?? "", "http://here") ? new URL(request.url ?? "", "http://here") : undefined
    if (url === undefined) return refuse(response, { status: 400, text: "That is no address.\n" })
    const given = url.searchParams.get("token")
    // Guessing tokens is limited like everything that costs something.
    const forAgents = mcp && url.pathname === MCP_PATH
    const limited = given !== null || forAgents || isApi(url.pathname)
    if (limited && !limit.take(request.socket.remoteAddress ?? "")) {
      response.setHeader("retry-after", "1")
      return refuse(response, { status: 429, text: "Too many requests.\n" })
    }
    const cookie = access.admit(request, given)
    if (cookie !== undefined) {
      // To the same page without the token, so that it is not left in the address bar.
      response.writeHead(303, safeHeaders({ location: "/", "set-cookie": cookie, "cache-control": "no-store" })).end()
      return
    }
    if (forAgents) return answerAgent(access, api, request, response)
    if (isApi(url.pathname)) return answerData(access, api, request, url, response)
    const visitor = access.visitor(request)
    if (isRefusal(visitor)) return refuse(response, visitor)
    answer(request, response, assets, url.pathname)
  }
}

function answerAgent(access: Access, api: Api, request: IncomingMessage, response: ServerResponse): void {
  // Never by a cookie from elsewhere: what it asks for may change something.
  const visitor = access.ownVisitor(request)
  if (isRefusal(visitor)) return refusalJson(response, visitor)
  answerMcp(api, visitor, request, response).catch((error: Error) => failedTo(api, MCP_PATH, response, error))
}

function answerData(access: Access, api: Api, request: IncomingMessage, url: URL, response: ServerResponse): void {
  const visitor = isDoing(api, url.pathname) ? access.ownVisitor(request) : access.visitor(request)
  if (isRefusal(visitor)) return refusalJson(response, visitor)
  answerApi(api, visitor, request, url, response).catch((error: Error) => failedTo(api, url.pathname, response, error))
}

function failedTo({ node }: Api, path: string, response: ServerResponse, { message }: Error): void {
  node.reports.note("error", "observer", `${path} could not be answered: ${message}`)
  if (response.headersSent) response.destroy()
  else refuse(response, { status: 500, text: "That could not be answered.\n" })
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  assets: ReadonlyMap<string, Asset>,
  path: string,
): void {
  if (request.method !== "GET" && request.method !== "HEAD")
    return refuse(response, { status: 405, text: "Only GET.\n" })
  if (assets.size === 0) {
    return refuse(response, {
      status: 503,
      text: "The observer's page is not built: run npm run build:page in packages/observer.\n",
    })
  }
  const asset = assets.get(path)
  if (asset === undefined) return refuse(response, { status: 404, text: "There is nothing here.\n" })
  if (request.headers["if-none-match"] === asset.etag) {
    response.writeHead(304, asset.headers).end()
    return
  }
  response.writeHead(200, { ...asset.headers, "content-length": asset.body.length })
  response.end(request.method === "HEAD" ? undefined : asset.body)
}

function refuse(response: ServerResponse, { status, text }: Refusal): void {
  response
    .writeHead(status, safeHeaders({ "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" }))
    .end(text)
}
