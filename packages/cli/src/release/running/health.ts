/** How a running release is: for `bin/NAME health`, probes over HTTP, and `--verify`. */
import { createServer, type Server } from "node:http"
import { applicationsOf, type Node } from "umbel"
import type { ReleaseParts } from "../parts.ts"

export interface Status {
  readonly name: string
  readonly release: string
  readonly version: string
  readonly pid: number
  /** Whether it wants work: it has started, and neither drains nor stops. */
  readonly ready: boolean
  readonly state: "starting" | "running" | "draining" | "stopping"
  readonly uptimeMs: number
  readonly processes: number
  /** Processes that wait for a turn. */
  readonly runQueue: number
  readonly connected: readonly string[]
  readonly applications: readonly { readonly name: string; readonly type: string; readonly running: boolean }[]
  /** A daemon has nobody above it that would start it again. */
  readonly daemon: boolean
}

export function statusOf(parts: ReleaseParts, node: Node | undefined, state: Status["state"], daemon: boolean): Status {
  const running = node === undefined ? [] : applicationsOf(node)
  return {
    name: node?.name ?? "",
    release: parts.name,
    version: parts.version,
    pid: process.pid,
    ready: state === "running",
    state,
    uptimeMs: Math.round(process.uptime() * 1_000),
    processes: node?.count ?? 0,
    runQueue: node?.scheduler.ready ?? 0,
    connected: node?.nodes ?? [],
    applications: parts.applications.map(({ name, type }) => ({
      name,
      type,
      running: running.some((one) => one.name === name),
    })),
    daemon,
  }
}

/** `GET /health`: 200 as long as the node answers; `GET /ready`: 503 while it does not want work. */
export function serveHealth(
  at: { readonly host: string; readonly port: number },
  status: () => Status,
): Promise<Server> {
  const server = createServer((request, response) => {
    const now = status()
    const path = request.url?.split("?")[0]
    const code = path === "/health" ? 200 : path === "/ready" ? (now.ready ? 200 : 503) : 404
    const { state, ready, version, uptimeMs, applications } = now
    const body =
      code === 404 ? { error: "there are /health and /ready" } : { state, ready, version, uptimeMs, applications }
    response.writeHead(code, { "content-type": "application/json", "cache-control": "no-store" })
    response.end(`${JSON.stringify(body)}\n`)
  })
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(at.port, at.host, () => {
      server.unref()
      resolve(server)
    })
  })
}
