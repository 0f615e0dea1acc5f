/**
 * HTTP by Fastify, as its users write it: a hook puts the tenant into the AsyncLocalStorage, routes ask processes, and errors become status codes.
 *
 * Fastify is handed to the endpoint as a request listener, so what listens is a supervised process like any other.
 */
import type { RequestListener } from "node:http"
import Fastify, { type FastifyRequest } from "fastify"
import { CallExit, CallRefused, type Node } from "umbel"
import { SALES } from "./sales.ts"
import { STOCK } from "./stock.ts"
import { forTenant } from "./tenant.ts"

const order = {
  type: "object",
  required: ["item", "count"],
  properties: { item: { type: "string" }, count: { type: "integer", minimum: 1 } },
} as const

export async function listener(node: Node): Promise<RequestListener> {
  const app = Fastify()
  app.addHook("onRequest", (request, reply, next) => {
    const tenant = request.headers["x-tenant"]
    if (typeof tenant !== "string") return void reply.code(400).send({ error: "x-tenant is missing" })
    forTenant(tenant, next)
  })

  app.get("/orders", () => node.call(SALES).orders())
  app.post<{ Body: { item: string; count: number } }>("/orders", { schema: { body: order } }, async ({ body }) => {
    const left = await node.call(STOCK).reserve(body.item, body.count)
    return { ...(await node.call(SALES).order(body.item, body.count)), left }
  })
  app.get<{ Querystring: { seconds: string } }>("/report", (request) =>
    node.call(SALES, { timeout: 60_000, signal: leaving(request) }).report(Number(request.query.seconds)),
  )

  app.setErrorHandler((error, _request, reply) => {
    // What a server refuses is the client's matter; one that does not answer is ours.
    if (error instanceof CallRefused) return reply.code(409).send({ error: error.reason })
    if (error instanceof CallExit) return reply.code(503).send({ error: error.message })
    return reply.send(error)
  })
  await app.ready()
  return (request, response) => app.routing(request, response)
}

/** Fires when the client has left before it had its answer. */
function leaving({ raw }: FastifyRequest): AbortSignal {
  const controller = new AbortController()
  raw.socket.once("close", () => controller.abort())
  return controller.signal
}
