/** The addresses a node serves: of every endpoint that runs on it. */
import { endpoint } from "@umbel/web"
import type { ApiFor, Node, Pid } from "umbel"
import { INSPECTOR } from "umbel/otp"
import type { Address } from "./messages.ts"

const ENDPOINTS_MAX = 200

export async function addressesOf(node: Node): Promise<readonly Address[]> {
  const { rows } = await node.call(INSPECTOR).list({ sort: "title", count: ENDPOINTS_MAX, filter: endpoint.module })
  const endpoints = rows.filter((row) => row.module === endpoint.module)
  return Promise.all(
    endpoints.map(async ({ title, pid }) => {
      const { host, port } = await node.call(pid as Pid<ApiFor<typeof endpoint>>).address()
      return { title, url: `http://${host}:${port}` }
    }),
  )
}
