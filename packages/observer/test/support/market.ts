/** What there is to see on pictures: work, crashes, slow handlers, names and groups, beside the shop. */
import { application, child, genServer, name, supervisor } from "umbel"

export const oven = genServer("bakery.oven", {
  init: () => ({ heat: 180, baked: 0, loaves: ["rye", "wheat", "oat"], password: "hunter2" }),
  calls: {
    bake: ({ state }, bread: string, degrees: number) => {
      if (degrees > 400) throw new RangeError(`too hot for ${bread}`)
      state.heat = degrees
      return ++state.baked
    },
  },
  casts: {
    knead: (_self, ms: number) => {
      const end = performance.now() + ms
      while (performance.now() < end);
    },
  },
})
export const OVEN = name<typeof oven>("oven")

/** Keeps the oven busy. */
const baker = genServer("bakery.baker", {
  init: (_arg, self) => {
    self.sendAfter(50, "go")
    return { loaves: 0 }
  },
  async info(self) {
    self.state.loaves = await self.call(OVEN).bake("rye", 200 + (self.state.loaves % 40))
    self.cast(OVEN).knead(1)
    self.sendAfter(50, "go")
  },
})

export const market = application({
  name: "market",
  description: "Bakes without a pause.",
  start: () =>
    supervisor("market.top", {
      intensity: 5,
      period: 60_000,
      children: [child(oven, { name: OVEN }), child(baker, { id: "baker" })],
    }),
})
export const idle = application({
  name: "festival",
  description: "Once a year.",
  start: () => supervisor("festival.top", { children: [] }),
})
