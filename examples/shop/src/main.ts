/** `DATABASE_URL=postgres://… npm start` in this folder: the shop on port 4000, for `x-tenant: whoever`. */
import { boot } from "umbel/nodejs"
import shop from "./application.ts"
import { tenantContext } from "./tenant.ts"

const database = process.env["DATABASE_URL"]
const node = await boot({
  name: "shop@127.0.0.1",
  applications: [database === undefined ? shop : shop.with({ database })],
  traceContext: tenantContext,
})
process.once("SIGINT", () => void node.stop())
