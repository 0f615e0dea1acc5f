/**
 * ETS tables, ports and sockets of a BEAM node, for the view `tables` and `ports`.
 *
 * Lists are read by functions of `ets` and `erlang`, which message nobody. What is in a table is read only when that is asked for, and only its first rows: so many as
 * are expected to stay below {@link PREVIEW_BYTES}.
 */
import { atom, exported, inspect, Pid, RpcFailed } from "umbel"
import { redact } from "umbel/otp"
import { atoms, charsOf, elementsOf, fieldsOf, listOf, nameOf, numberOf } from "./beam-terms.ts"
import { type Context, Unavailable } from "./view.ts"
import type { PortRow, SocketRow } from "./views/ports.ts"
import type { TableContent, TableRow } from "./views/tables.ts"

const TABLES_MAX = 2_000
const PORTS_MAX = 2_000
const ROWS_MAX = 50
const PREVIEW_BYTES = 1_000_000
const ROW_LIMITS = { limit: 20, text: 200, size: 1_000 }

export async function beamTables(context: Context, node: string): Promise<readonly TableRow[]> {
  const ids = listOf(await context.rpc(node, "ets", "all", [])).slice(0, TABLES_MAX)
  const [word, infos] = await Promise.all([
    context.rpc(node, "erlang", "system_info", atoms("wordsize")),
    context.rpc(node, "lists", "map", [exported("ets", "info", 1), ids]),
  ])
  return ids.flatMap((id, index) => {
    const info = fieldsOf(listOf(infos)[index])
    // It has gone between the two looks.
    if (info.size === 0) return []
    const owner = info.get("owner")
    const named = info.get("named_table") === true
    return {
      key: nameOf(id),
      name: nameOf(info.get("name")),
      named,
      kind: `${nameOf(info.get("type"))}, ${nameOf(info.get("protection"))}`,
      size: numberOf(info.get("size")),
      bytes: numberOf(info.get("memory")) * numberOf(word),
      owner: owner instanceof Pid ? { process: context.key(owner), title: String(owner) } : null,
      readable: nameOf(info.get("protection")) !== "private",
    }
  })
}

/** The first rows of a table. @throws Unavailable */
export async function beamTable(context: Context, node: string, table: string): Promise<TableContent> {
  const all = await beamTables(context, node)
  const row = all.find(({ key }) => key === table)
  if (row === undefined) throw new Unavailable("gone", "There is no such table any more.")
  if (!row.readable) throw new Unavailable("unsupported", "The table is private: only its owner can read it.")
  const each = row.size === 0 ? 0 : (row.bytes ?? 0) / row.size
  if (each > PREVIEW_BYTES * 8) throw new Unavailable("unsupported", "Its rows are too large to be looked at.")
  const count = Math.max(1, Math.min(ROWS_MAX, Math.floor(PREVIEW_BYTES / Math.max(1, each))))
  const id = listOf(await context.rpc(node, "ets", "all", [])).find((one) => nameOf(one) === table)
  const answer = await context.rpc(node, "ets", "match_object", [id, atom("_"), count])
  const objects = listOf(elementsOf(answer)[0])
  return {
    rows: objects.slice(0, count).map((object, index) => ({
      key: String(index),
      text: inspect(redact(object), ROW_LIMITS),
    })),
    more: Math.max(0, row.size - objects.length),
  }
}

export async function beamPorts(context: Context, node: string): Promise<readonly PortRow[]> {
  const ids = listOf(await context.rpc(node, "erlang", "ports", [])).slice(0, PORTS_MAX)
  const infos = await context.rpc(node, "lists", "map", [exported("erlang", "port_info", 1), ids])
  return ids.flatMap((id, index) => {
    const info = fieldsOf(listOf(infos)[index])
    if (info.size === 0) return []
    const connected = info.get("connected")
    const program = info.get("os_pid")
    return {
      key: nameOf(id),
      name: charsOf(info.get("name")),
      owner: connected instanceof Pid ? { process: context.key(connected), title: String(connected) } : null,
      input: numberOf(info.get("input")),
      output: numberOf(info.get("output")),
      program: typeof program === "number" ? program : null,
    }
  })
}

/** Those of the `socket` module; undefined where the node cannot list them: one of them was closed meanwhile, or its OTP is older than they are. */
export async function beamSockets(context: Context, node: string): Promise<readonly SocketRow[] | undefined> {
  try {
    const all = listOf(await context.rpc(node, "socket", "which_sockets", [])).slice(0, PORTS_MAX)
    const infos = listOf(await context.rpc(node, "lists", "map", [exported("socket", "info", 1), all]))
    return all.map((socket, index) => {
      // A map by atoms, which is an object here.
      const info = (infos[index] ?? {}) as Readonly<Record<string, unknown>>
      const { owner, domain, type, protocol } = info
      const id = inspect(elementsOf(socket)[1])
      return {
        key: id,
        id,
        owner: owner instanceof Pid ? { process: context.key(owner), title: String(owner) } : null,
        kind: [domain, type, protocol].map(nameOf).join(" "),
        state: [...listOf(info["rstates"]), ...listOf(info["wstates"])].map(nameOf).join(", "),
      }
    })
  } catch (thrown) {
    if (thrown instanceof RpcFailed) return undefined
    throw thrown
  }
}
