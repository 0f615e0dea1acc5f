/**
 * HTTP and JSON before the index: `/`, `/api/search?q=…&limit=…` and `/api/status`.
 *
 * When the index does not answer, the answer is 503 with the reason, at once; the next request asks it again.
 */
import { INDEX } from "@search/index"
import { FEEDER, type Feed } from "@search/ingest"
import { Hono } from "hono"
import { CallExit, locate, type Node } from "umbel"
import { type SearchRefusal, type SearchReply, searchPage } from "./page.ts"

const SEARCH_MS = 3_000
const LIMIT_MAX = 100

export function searchServer(node: Node, observer: string | undefined): Hono {
  const index = () => node.call(locate(node, INDEX, "index"), { timeout: SEARCH_MS })
  const page = searchPage(observer === undefined ? {} : { observer })

  return new Hono()
    .get("/", (context) => context.html(page))
    .get("/api/search", async (context) => {
      const words = (context.req.query("q") ?? "").split(/\s+/).filter((word) => word !== "")
      const limit = Math.min(LIMIT_MAX, Math.max(1, Number(context.req.query("limit")) || 10))
      const started = performance.now()
      const [hits, indexed, feed] = await Promise.all([
        index().search(words, limit),
        index().documents(),
        feeding(node),
      ])
      const took_ms = Math.round((performance.now() - started) * 100) / 100
      return context.json({ hits, took_ms, indexed, indexing: feed.waiting > 0 } as SearchReply)
    })
    .get("/api/status", async (context) =>
      context.json({ indexed: await index().documents(), ...(await feeding(node)) }),
    )
    .onError((error, context) => {
      if (!(error instanceof CallExit)) throw error
      return context.json({ error: "the index does not answer", reason: error.message } satisfies SearchRefusal, 503)
    })
}

const NOTHING: Feed = { files: 0, waiting: 0, failed: 0 }

/** Where reading stands; it may run on no node at all. */
async function feeding(node: Node): Promise<Feed> {
  try {
    return await node.call(locate(node, FEEDER, "ingest"), { timeout: SEARCH_MS }).feed()
  } catch (error) {
    if (error instanceof CallExit || (error instanceof Error && error.name === "NotPlaced")) return NOTHING
    throw error
  }
}
