/**
 * Orders and reports. Every query is put off with `self.later`, so that one that takes seconds holds nobody but whoever asked; and a report whose reader
 * has left is cancelled.
 */
import { genServer, Logger, name } from "umbel"
import { Database } from "./database.ts"

export const sales = genServer("shop.sales", {
  async init(url: string, self) {
    const database = self.own(new Database(url, (error) => Logger.warning(self, `database: ${error.message}`)))
    await database.migrate()
    return { database, reports: 0, cancelled: 0 }
  },
  calls: {
    order: (self, item: string, count: number) => self.later(self.state.database.orders.create({ item, count })),
    orders: (self) => self.later(self.state.database.orders.list()),
    report: (self, seconds: number) => {
      const { state, cancelled } = self
      state.reports++
      const report = state.database.orders.slowReport(seconds, { signal: cancelled })
      // Cancelled on purpose is no crash: there is nobody left to be told.
      return self.later(
        report.catch((error: unknown) => {
          if (!cancelled.aborted) throw error
          state.cancelled++
          return {}
        }),
      )
    },
    counts: ({ state: { reports, cancelled } }) => ({ reports, cancelled }),
    /** Reports that PostgreSQL works on now. */
    running: (self) => self.later(self.state.database.running()),
  },
  formatStatus: ({ reports, cancelled }) => ({ reports, cancelled }),
})
export const SALES = name<typeof sales>("sales")
