/** A small system to look at: two applications, with names and states that are hostile to a careless page. */
import { application, atom, child, dynamicSupervisor, genServer, name, supervisor, tuple } from "umbel"

export const HOSTILE = '<img src=x onerror="globalThis.hacked=1">'

export const till = genServer("shop.till", {
  init: () => ({ coins: { one: 12, two: 3 }, note: HOSTILE, password: "hunter2" }),
  info: () => {},
  casts: {
    jam: () => {
      throw new Error("the drawer is stuck")
    },
  },
})
export const TILL = name<typeof till>("till")

/** Not done with its first message until it ends, so that the others wait. */
export const mailer = genServer("shop.mailer", {
  init: () => ({}),
  info: (self) => new Promise<void>((resolve) => self.signal.addEventListener("abort", () => resolve())),
})
export const MAILER = name<typeof mailer>("mailer")
export const letter = (number: number) => tuple(atom("letter"), number, "to ann")

export const hostile = genServer(HOSTILE, { init: () => ({}) })
export const guest = genServer("shop.guest", { init: (number: number) => ({ number }) })
export const guests = dynamicSupervisor("shop.guests")
export const GUESTS = name<typeof guests>("guests")

const counterDesk = supervisor("shop.desk", {
  strategy: "rest_for_one",
  intensity: 3,
  period: 60_000,
  children: [child(till, { name: TILL, id: "till" }), child(mailer, { name: MAILER, shutdown: "brutal_kill" })],
})
export const shop = application({
  name: "shop",
  description: "Sells things.",
  start: () =>
    supervisor("shop.top", {
      children: [
        child(counterDesk, { id: "desk" }),
        child(guests, { name: GUESTS }),
        child(hostile, { id: "hostile" }),
      ],
    }),
})

export const router = genServer("index.router", { init: () => ({ partitions: 4 }) })
const ROUTER = name<typeof router>("router")
export const index = application({
  name: "index",
  start: () => supervisor("index.top", { strategy: "one_for_all", children: [child(router, { name: ROUTER })] }),
})
