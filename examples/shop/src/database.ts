/**
 * The database, as a team with Prisma has it: one client for the whole program, which adds the tenant to every query by itself.
 *
 * ```ts
 * await database.orders.create({ item: "apple", count: 2 })
 * await database.orders.list()                              // those of this tenant
 * await database.orders.slowReport(2, { signal })           // cancelled in PostgreSQL as well when the signal fires
 * ```
 */
import pg from "pg"
import { tenant } from "./tenant.ts"

export interface Order {
  readonly id: number
  readonly item: string
  readonly count: number
}

export class Database {
  readonly #url: string
  readonly #pool: pg.Pool
  readonly #lost: (error: Error) => void

  /** @param lost Told of a connection that broke; the pool opens another when it needs one. */
  constructor(url: string, lost: (error: Error) => void) {
    this.#url = url
    this.#pool = new pg.Pool({ connectionString: url, max: 10 })
    this.#lost = lost
    this.#pool.on("error", lost)
  }

  async migrate(): Promise<void> {
    await this.#pool.query(
      "create table if not exists orders (id serial primary key, tenant text not null, item text not null, count int not null)",
    )
  }

  readonly orders = {
    create: async ({ item, count }: Omit<Order, "id">): Promise<Order> => {
      const { rows } = await this.#pool.query<Order>(
        "insert into orders (tenant, item, count) values ($1, $2, $3) returning id, item, count",
        [tenant(), item, count],
      )
      return rows[0]!
    },
    list: async (): Promise<readonly Order[]> => {
      const { rows } = await this.#pool.query<Order>(
        "select id, item, count from orders where tenant = $1 order by id",
        [tenant()],
      )
      return rows
    },
    /** How many were ordered of what, by a query that takes so many seconds. */
    slowReport: (seconds: number, options: { signal: AbortSignal }): Promise<Record<string, number>> =>
      this.#cancellable(options.signal, async (client) => {
        const { rows } = await client.query<{ item: string; count: string }>(
          "select item, sum(count) as count from orders, (select pg_sleep($2)) as slow where tenant = $1 group by item",
          [tenant(), seconds],
        )
        return Object.fromEntries(rows.map(({ item, count }) => [item, Number(count)]))
      }),
  }

  /** PostgreSQL goes on with a query that nobody waits for, unless it is told on another connection. */
  async #cancellable<T>(signal: AbortSignal, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect()
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid")
    const cancel = (): void => void this.#cancel(rows[0]!.pid)
    if (signal.aborted) cancel()
    else signal.addEventListener("abort", cancel, { once: true })
    try {
      return await work(client)
    } finally {
      signal.removeEventListener("abort", cancel)
      client.release()
    }
  }

  /** On a connection of its own: those of the pool may all be busy, or closed by now. */
  async #cancel(pid: number): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url })
    // What cannot be reached any more has nothing to cancel.
    client.on("error", this.#lost)
    try {
      await client.connect()
      await client.query("select pg_cancel_backend($1)", [pid])
      await client.end()
    } catch (error) {
      this.#lost(error as Error)
    }
  }

  /** Queries that run now, of all tenants. */
  async running(): Promise<number> {
    const { rows } = await this.#pool.query<{ count: string }>(
      "select count(*) from pg_stat_activity where state = 'active' and query like '%pg_sleep%' and pid <> pg_backend_pid()",
    )
    return Number(rows[0]!.count)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pool.end()
  }
}
