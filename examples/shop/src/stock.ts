/** What is left of each thing, by tenant. "Sold out" is an answer and no crash. */
import { genServer, name, refuse } from "umbel"
import { tenant } from "./tenant.ts"

export const stock = genServer("shop.stock", {
  init: (initial: number) => ({ initial, left: new Map<string, number>() }),
  calls: {
    reserve: ({ state }, item: string, count: number) => {
      const key = `${tenant()}/${item}`
      const left = state.left.get(key) ?? state.initial
      if (left < count) return refuse({ sold_out: item, left })
      state.left.set(key, left - count)
      return left - count
    },
  },
})
export const STOCK = name<typeof stock>("stock")
