/** The application `web`: the search page, and JSON for programs. */
import { getRequestListener } from "@hono/node-server"
import { endpoint } from "@umbel/web"
import { application, child, local, name, supervisor } from "umbel"
import { searchServer } from "./server.ts"

const SEARCH_PAGE = name<typeof endpoint>("search_page")

export default application({
  name: "web",
  description: "The search page",
  config: {
    port: 4000,
    /** Where the observer is, for a link at the bottom of the page. */
    observer: "http://127.0.0.1:4040",
  },
  start({ port, observer }, node) {
    const listener = getRequestListener(searchServer(node, observer).fetch)
    return supervisor("search.web.supervisor", {
      children: [child(endpoint, { arg: local({ port, listener }), name: SEARCH_PAGE })],
    })
  },
})
