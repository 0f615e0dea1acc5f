import { application, child, dynamicSupervisor, genServer, name, supervisor } from "umbel"
import { boot } from "umbel/nodejs"
import { describeReport } from "umbel/otp"
const cart = genServer("shop.cart", { init: (start: number) => ({ items: start, lines: new Map([["a", 1]]), password: "x" }), calls: { add: ({ state }, n: number) => (state.items += n), slow: async () => { await new Promise((r) => setTimeout(r, 5000)); return "ok" } } })
const prices = genServer("shop.prices", { init: () => ({ list: [1, 2, 3] }), info: () => {} })
const PRICES = name<typeof prices>("prices")
const stock = genServer("shop.stock", { init: (_: void, self) => { self.monitor(PRICES); return { count: 7 } } })
const carts = supervisor("shop.carts", { children: [1, 2, 3].map((n) => child(cart, { arg: n, id: `cart${n}` })) })
const top = supervisor("shop.supervisor", { children: [child(prices, { name: PRICES }), child(stock, { name: name("stock") }), child(carts, { name: name("carts") })] })
const shop = application({ name: "shop", description: "A shop", start: () => top })
const mailTop = supervisor("mail.supervisor", { children: [child(genServer("mail.sender", { init: () => ({ sent: 0 }) }), { name: name("mail_sender") })] })
const mail = application({ name: "mail", description: "Mail", start: () => mailTop })
const node = await boot({ name: process.argv[2]!, cookie: "demo", epmdPort: Number(process.argv[3]), applications: [shop, mail], report: (r) => console.log(describeReport(r)) })
const pid = node.whereis(name("carts"))!
void pid
setInterval(() => { for (const p of node.all()) void p; let x = 0; for (let i = 0; i < 1e6; i++) x += i; node.send(PRICES, "tick") }, 100)
console.log("up", node.name)
