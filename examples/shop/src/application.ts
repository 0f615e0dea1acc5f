/** The shop: stock, sales and HTTP, each a supervised process. */
import { endpoint } from "@umbel/web"
import { application, child, local, supervisor } from "umbel"
import { listener } from "./http.ts"
import { SALES, sales } from "./sales.ts"
import { STOCK, stock } from "./stock.ts"

export default application({
  name: "shop",
  description: "Orders of several tenants",
  config: { port: 4000, database: "postgres://localhost/shop", stock: 10 },
  start: async (config, node) =>
    supervisor("shop.supervisor", {
      children: [
        child(stock, { arg: config.stock, name: STOCK }),
        child(sales, { arg: config.database, name: SALES }),
        child(endpoint, { id: "http", arg: local({ port: config.port, listener: await listener(node) }) }),
      ],
    }),
})
