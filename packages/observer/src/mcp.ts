/**
 * The observer for agents: the Model Context Protocol at `/mcp`, by the streamable HTTP transport, with the views and actions as its tools.
 *
 * ```
 * observer.with({ mcp: true, tokens: [{ name: "agent", token: "…", capabilities: ["inspect"] }] })
 * POST /mcp   Authorization: Bearer …   { "jsonrpc": "2.0", "id": 1, "method": "tools/list" }
 * ```
 *
 * The part of the protocol that a server of tools alone needs (revision 2025-06-18): every request is answered at once, as JSON; there are no sessions
 * and no streams, so `GET` is refused, as the transport allows. Who may ask is a matter of `Access`, as everywhere.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { INSPECTOR } from "umbel/otp"
import type { Api } from "./api.ts"
import { safeHeaders } from "./assets.ts"
import { callTool, toolsOf } from "./mcp-tools.ts"
import type { Visitor } from "./view.ts"

export const MCP_PATH = "/mcp"

/** Newest first. */
const VERSIONS = ["2025-06-18", "2025-03-26"] as const
const BODY_MAX = 64 * 1024
const INSTRUCTIONS =
  "Looks at a running cluster of Umbel, Erlang and Elixir nodes. Begin with cluster, then system, tree and processes of a node. " +
  "Tools that begin with do- change it: call them with preview: true first, and tell the person what it would take down."

/** Codes of JSON-RPC 2.0. */
const PARSE_ERROR = -32_700
const INVALID_REQUEST = -32_600
const NO_METHOD = -32_601
const INVALID_PARAMS = -32_602

type Loose = Readonly<Record<string, unknown>>
class Fault extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export async function answerMcp(
  api: Api,
  visitor: Visitor,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "POST") {
    response.setHeader("allow", "POST")
    return told(response, 405, failed(null, INVALID_REQUEST, "Only POST: there is no stream to listen to."))
  }
  const version = request.headers["mcp-protocol-version"]
  if (version !== undefined && !VERSIONS.some((known) => known === version))
    return told(response, 400, failed(null, INVALID_REQUEST, `Only revisions ${VERSIONS.join(", ")} are spoken here.`))
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? ""))
    return told(response, 415, failed(null, INVALID_REQUEST, "Only application/json."))
  const body = await bodyOf(request)
  if (body === undefined) {
    // The rest of it is not read.
    response.setHeader("connection", "close")
    return told(response, 413, failed(null, INVALID_REQUEST, `More than ${BODY_MAX} bytes.`))
  }
  let message: unknown
  try {
    message = JSON.parse(body)
  } catch {
    // What was wrong with it is for who wrote it to find out.
    return told(response, 400, failed(null, PARSE_ERROR, "That is not JSON."))
  }
  if (!isRecord(message) || message["jsonrpc"] !== "2.0")
    return told(response, 400, failed(null, INVALID_REQUEST, "That is no message of JSON-RPC 2.0."))
  const { id, method, params } = message
  // Notifications, and answers to what nobody asked, are taken and that is all.
  if (id === undefined || typeof method !== "string") return void response.writeHead(202, safeHeaders()).end()
  if (typeof id !== "string" && typeof id !== "number")
    return told(response, 400, failed(null, INVALID_REQUEST, "An id is a text or a number."))
  try {
    const result = await resultOf(api, visitor, method, isRecord(params) ? params : {})
    return told(response, 200, { jsonrpc: "2.0", id, result })
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return told(response, 200, failed(id, thrown.code, thrown.message))
  }
}

async function resultOf(api: Api, visitor: Visitor, method: string, params: Loose): Promise<object> {
  switch (method) {
    case "initialize": {
      const { platform } = await api.node.call(INSPECTOR).system()
      return {
        protocolVersion: VERSIONS.find((known) => known === params["protocolVersion"]) ?? VERSIONS[0],
        capabilities: { tools: {} },
        serverInfo: { name: "umbel-observer", title: `Umbel observer of ${api.node.name}`, version: platform.release },
        instructions: INSTRUCTIONS,
      }
    }
    case "ping":
      return {}
    case "tools/list":
      return { tools: toolsOf(api, visitor) }
    case "tools/call": {
      const { name, arguments: given } = params
      const result = typeof name === "string" ? await callTool(api, visitor, name, given) : undefined
      if (result === undefined) throw new Fault(INVALID_PARAMS, `There is no tool ${String(name)} for you.`)
      return result
    }
    default:
      throw new Fault(NO_METHOD, `There is no method ${method} here.`)
  }
}

/** Undefined when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > BODY_MAX) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

const isRecord = (value: unknown): value is Loose =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const failed = (id: string | number | null, code: number, message: string): object => ({
  jsonrpc: "2.0",
  id,
  error: { code, message },
})

function told(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, safeHeaders({ "content-type": "application/json; charset=utf-8", "cache-control": "no-store" }))
    .end(JSON.stringify(body))
}
