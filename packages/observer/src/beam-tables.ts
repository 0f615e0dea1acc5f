/**
 * The ETS tables and ports of a BEAM node, for the views `tables`, `table` and `ports`.
 *
 * Lists come from `ets:info/1` and `erlang:port_info/1`, which copy no content. Content is read only when it is asked for, at most {@link OBJECTS_MAX} objects of a
 * table and about {@link BYTES_MAX} bytes: `ets:select/3` with a limit, so a table of millions is not gone through.
 */
import { atom, exported, inspect, isAtom, Pid, RpcFailed, tuple } from "umbel"
import { redact } from "umbel/otp"
import { charsOf, elementsOf, fieldsOf, listOf, moduleText, nameOf, numberOf } from "./beam-terms.ts"
import { type Context, Unavailable } from "./view.ts"
import type { PortRow, SocketRow } from "./views/ports.ts"
import { linkOf } from "./views/process.ts"
import type { TableContent, TableRow } from "./views/tables.ts"

/** Tables, and ports, looked at. */
const LISTED_MAX = 2_000
const OBJECTS_MAX = 50
const BYTES_MAX = 1_000_000
const LIMITS = { limit: 40, text: 300, size: 2_000 }

/** A function of `module` over the first so many of a list that the node makes itself. */
async function over(context: Context, node: string, items: readonly unknown[], module: string, name: string) {
  const some = items.slice(0, LISTED_MAX)
  return listOf(await context.rpc(node, "lists", "map", [exported(module, name, 1), some]))
}

const ids = async (context: Context, node: string): Promise<readonly unknown[]> =>
  listOf(await context.rpc(node, "ets", "all", []))
/** How a table is named to and fro: an atom's text, or `#Ref<…>`. */
const idText = (id: unknown): string => (isAtom(id) ? id.text : inspect(id))

async function wordBytes(context: Context, node: string): Promise<number> {
  return numberOf(await context.rpc(node, "erlang", "system_info", [atom("wordsize")])) || 8
}

export async function beamTables(
  context: Context,
  node: string,
): Promise<{ rows: readonly TableRow[]; total: number }> {
  const [all, word] = await Promise.all([ids(context, node), wordBytes(context, node)])
  // One that was deleted meanwhile is `undefined`, and no list.
  const infos = (await over(context, node, all, "ets", "info")).filter(Array.isArray)
  return { rows: infos.map((info) => rowOf(context, fieldsOf(info), word)), total: all.length }
}

function rowOf(context: Context, info: ReadonlyMap<string, unknown>, word: number): TableRow {
  // `ets:all/0` has a named one by its name, and `ets:info/1` by its reference.
  const named = info.get("named_table") === true
  const id = idText(info.get(named ? "name" : "id"))
  const owner = info.get("owner")
  const heir = info.get("heir")
  return {
    key: id,
    name: moduleText(info.get("name")),
    named,
    type: nameOf(info.get("type")),
    protection: nameOf(info.get("protection")),
    objects: numberOf(info.get("size")),
    bytes: numberOf(info.get("memory")) * word,
    owner: owner instanceof Pid ? linkOf(context, owner) : null,
    heir: heir instanceof Pid ? linkOf(context, heir) : null,
    compressed: info.get("compressed") === true,
  }
}

/** Some objects of one table, printed, with what sounds like a secret covered. @throws Unavailable */
export async function beamTable(context: Context, node: string, table: string): Promise<TableContent> {
  const id = (await ids(context, node)).find((one) => idText(one) === table)
  const [answer, word] = await Promise.all([
    id === undefined ? undefined : context.rpc(node, "ets", "info", [id]),
    wordBytes(context, node),
  ])
  if (!Array.isArray(answer)) throw new Unavailable("gone", `There is no table ${table} on ${node} any more.`)
  const row = rowOf(context, fieldsOf(answer), word)
  if (row.protection === "private")
    throw new Unavailable("denied", `${row.name} is private: only its owner can read it, whoever asks.`)
  const average = row.objects === 0 ? 0 : row.bytes / row.objects
  const most = Math.min(OBJECTS_MAX, Math.floor(BYTES_MAX / Math.max(1, average)))
  if (most === 0)
    throw new Unavailable(
      "denied",
      `An object of ${row.name} takes ${Math.round(average)} bytes: too much to be shown.`,
    )
  // Every object whole: [{'$1', [], ['$1']}].
  const all = tuple(atom("$1"), [], [atom("$1")])
  const objects = listOf(elementsOf(await selected(context, node, id, all, most))[0])
  return {
    table,
    objects: objects.map((object, index) => ({ key: String(index), text: inspect(redact(object), LIMITS) })),
    more: Math.max(0, row.objects - objects.length),
  }
}

async function selected(context: Context, node: string, id: unknown, pattern: unknown, most: number): Promise<unknown> {
  try {
    return await context.rpc(node, "ets", "select", [id, [pattern], most])
  } catch (thrown) {
    if (!(thrown instanceof RpcFailed)) throw thrown
    throw new Unavailable("gone", "The table was deleted while it was read.")
  }
}

export async function beamPorts(context: Context, node: string): Promise<{ rows: readonly PortRow[]; total: number }> {
  const all = listOf(await context.rpc(node, "erlang", "ports", []))
  const infos = await over(context, node, all, "erlang", "port_info")
  const rows = infos.flatMap((info, index): PortRow[] => {
    // One that was closed meanwhile is `undefined`.
    if (!Array.isArray(info)) return []
    const fields = fieldsOf(info)
    const connected = fields.get("connected")
    const osPid = fields.get("os_pid")
    return [
      {
        key: inspect(all[index]),
        name: charsOf(fields.get("name")),
        owner: connected instanceof Pid ? linkOf(context, connected) : null,
        input: numberOf(fields.get("input")),
        output: numberOf(fields.get("output")),
        links: listOf(fields.get("links")).length,
        process: typeof osPid === "number" ? osPid : null,
      },
    ]
  })
  return { rows, total: all.length }
}

/** Those of the `socket` module; null where the node cannot list them, as one of them was closed meanwhile, or its OTP is older than they are. */
export async function beamSockets(context: Context, node: string): Promise<readonly SocketRow[] | null> {
  try {
    const all = listOf(await context.rpc(node, "socket", "which_sockets", [])).slice(0, LISTED_MAX)
    const infos = await over(context, node, all, "socket", "info")
    return all.map((socket, index) => {
      // A map by atoms, which is an object here.
      const info = (infos[index] ?? {}) as Readonly<Record<string, unknown>>
      const { owner, domain, type, protocol } = info
      return {
        key: inspect(elementsOf(socket)[1]),
        owner: owner instanceof Pid ? linkOf(context, owner) : null,
        kind: [domain, type, protocol].map(nameOf).join(" "),
        state: [...listOf(info["rstates"]), ...listOf(info["wstates"])].map(nameOf).join(", "),
      }
    })
  } catch (thrown) {
    if (thrown instanceof RpcFailed) return null
    throw thrown
  }
}
