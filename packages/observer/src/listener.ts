/**
 * What the observer answers over HTTP: its page, and nothing else.
 *
 * ```ts
 * createServer(pageListener(access, loadAssets()))
 * ```
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import type { Access, Refusal } from "./access.ts"
import { type Asset, safeHeaders } from "./assets.ts"

export function pageListener(access: Access, assets: ReadonlyMap<string, Asset>): RequestListener {
  return (request, response) => {
    const url = URL.canParse(request.url ?? "", "http://here") ? new URL(request.url ?? "", "http://here") : undefined
    if (url === undefined) return refuse(response, { status: 400, text: "That is no address.\n" })
    const cookie = access.admit(request, url.searchParams.get("token"))
    if (cookie !== undefined) {
      // To the same page without the token, so that it is not left in the address bar.
      response.writeHead(303, safeHeaders({ location: "/", "set-cookie": cookie, "cache-control": "no-store" })).end()
      return
    }
    const refused = access.refusal(request)
    if (refused !== undefined) return refuse(response, refused)
    answer(request, response, assets, url.pathname)
  }
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
