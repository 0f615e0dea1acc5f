/**
 * The observer as an application: its page, and the processes behind it.
 *
 * ```
 * umbel.observer            rest_for_one
 * ├─ cluster                what is known of every node
 * ├─ http                   the page, and the WebSocket that starts viewers
 * └─ viewers                dynamic: one process per open page
 * ```
 */
import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { endpoint } from "@umbel/web"
import { type Application, application, child, dynamicSupervisor, local, type Node, name, supervisor } from "umbel"
import { type WebSocket, WebSocketServer } from "ws"
import { Access, isRefusal, type Refusal } from "./access.ts"
import { ACTIONS } from "./actions/index.ts"
import { loadAssets } from "./assets.ts"
import { Audit } from "./audit.ts"
import { CLUSTER, cluster } from "./cluster.ts"
import { checkConfig, DEFAULTS, type ObserverConfig } from "./config.ts"
import { Costs } from "./cost.ts"
import { pageListener } from "./listener.ts"
import { FRAME_MAX } from "./protocol.ts"
import { RateLimit } from "./rate-limit.ts"
import type { Visitor } from "./view.ts"
import { type ViewerOptions, viewer } from "./viewer.ts"
import { VIEWS } from "./views/index.ts"

const viewers = dynamicSupervisor("umbel.observer.viewers", { intensity: 20, period: 5_000 })
const VIEWERS = name<typeof viewers>("umbel_observer_viewers")

/** The observer's HTTP server: `node.call(OBSERVER).address()` tells where its page is. */
export const OBSERVER = name<typeof endpoint>("umbel_observer")

/**
 * The web observer. Start it with a node's other applications and open its page; it shows every node that this one is connected to.
 *
 * It refuses to start (ObserverRefused) where others could reach it without a token.
 */
export const observer: Application<ObserverConfig> = application<ObserverConfig>({
  name: "observer",
  description: "See, understand and change the running cluster from a web page.",
  config: DEFAULTS,
  start(config, node) {
    checkConfig(config)
    const { host, port, refreshMs, sourceLink, requestsPerSecond, mcp } = config
    if (!isEnabled(config)) {
      node.reports.note("info", "observer", "off in production: set observer.enabled to true to have it")
      return supervisor("umbel.observer", { children: [] })
    }
    const access = new Access(config)
    const audit = new Audit(node)
    const costs = new Costs(node)
    const api = { node, refreshMs, sourceLink, views: VIEWS, actions: ACTIONS, audit, confirmByName: confirms(config) }
    const clusterArg = { home: node.name, refreshMs, connected: () => node.nodes }
    const http = {
      host,
      port,
      drainMs: 0,
      listener: pageListener({
        access,
        assets: loadAssets(),
        api,
        mcp,
        limit: new RateLimit(requestsPerSecond, () => node.platform.clock.now()),
      }),
      upgrade: upgrade(node, config, access, (socket, visitor) => ({ ...api, socket, visitor, costs })),
    }
    return supervisor("umbel.observer", {
      strategy: "rest_for_one",
      children: [
        child(cluster, { arg: local(clusterArg), name: CLUSTER, id: "cluster" }),
        // Before the viewers, so that they and their WebSockets are gone when it stops: it waits for its connections to close.
        child(endpoint, { arg: local(http), name: OBSERVER, id: "http" }),
        child(viewers, { name: VIEWERS, id: "viewers" }),
      ],
    })
  },
})

const confirms = ({ confirmByName }: ObserverConfig): boolean =>
  confirmByName ?? process.env["NODE_ENV"] === "production"
const isEnabled = ({ enabled }: ObserverConfig): boolean => enabled ?? process.env["NODE_ENV"] !== "production"

/** Where the page of the observer on this node is: `http://127.0.0.1:4040/`. Rejects with a CallExit when it does not run. */
export async function observerAddress(node: Node): Promise<string> {
  const { host, port } = await node.call(OBSERVER).address()
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/`
}

function upgrade(
  node: Node,
  { viewersMax }: ObserverConfig,
  access: Access,
  options: (socket: WebSocket, visitor: Visitor) => ViewerOptions,
) {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: FRAME_MAX,
    perMessageDeflate: false,
  })
  let open = 0
  const refusal = (request: IncomingMessage): Visitor | Refusal => {
    if (request.url?.split("?")[0] !== "/live") return { status: 404, text: "There is nothing here.\n" }
    const visitor = access.ownVisitor(request)
    if (isRefusal(visitor) || open < viewersMax) return visitor
    return { status: 503, text: "Too many pages are open.\n" }
  }
  return (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    // Node takes its own handler off at an upgrade: a peer that resets the connection must not end the program.
    stream.on("error", () => stream.destroy())
    const visitor = refusal(request)
    if (isRefusal(visitor)) return refuse(stream, visitor)
    server.handleUpgrade(request, stream, head, (socket) => {
      open++
      // Until its viewer listens, as what a page says at once would be heard by nobody.
      socket.pause()
      socket.once("close", () => open--)
      const spec = child(viewer, { arg: local(options(socket, visitor)), restart: "temporary" })
      node
        .call(VIEWERS)
        .startChild(spec)
        .catch((error: Error) => {
          node.reports.note("warning", "observer", `a page could not be served: ${error.message}`)
          socket.close(1011, "the observer cannot serve you")
        })
    })
  }
}

function refuse(stream: Duplex, { status, text }: Refusal): void {
  stream.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  )
}
