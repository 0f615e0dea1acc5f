/** The counter behind HTTP and JSON: Fastify as its guide has it, with schemas, which make it faster. */
import Fastify from "fastify"

/** @returns {Promise<import("../worker.mjs").Job>} */
export async function start() {
  let count = 0
  const app = Fastify({ logger: false })
  const reply = { 200: { type: "object", properties: { count: { type: "integer" } } } }
  const body = { type: "object", required: ["by"], properties: { by: { type: "integer" } } }
  app.post("/increment", { schema: { body, response: reply } }, async (request) => {
    count += /** @type {{ by: number }} */ (request.body).by
    return { count }
  })
  app.get("/count", { schema: { response: reply } }, async () => ({ count }))
  const origin = await app.listen({ host: "127.0.0.1", port: 0 })
  return { run: () => Promise.reject(new Error("a server runs nothing")), info: { origin } }
}
