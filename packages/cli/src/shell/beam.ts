/**
 * A shell of a node that runs on the BEAM: what is typed is evaluated here, in a node of its own; the helpers ask over there, by `rpc`.
 *
 * ```
 * ex@127.0.0.1(1)> rpc["Elixir.Enum"].sum([1, 2, 3])
 * 6
 * ex@127.0.0.1(2)> tree("logger")
 * ```
 */
import { atom, charlist, inspect, isAtom, kill as killReason, type Node, Pid, Tuple } from "umbel"
import { type Functions, HELPERS, type Helper } from "./helpers.ts"
import { type Look, shownAs, table } from "./print.ts"

/** Processes asked about at a time, and at most. */
const AT_ONCE = 50
const PROCESSES_MAX = 2_000
const ROWS_MAX = 50
const DEPTH_MAX = 20

const missing = (name: string): Helper => ({ ...HELPERS[name]!, missing: true })

/** What `h()` says there. */
export const BEAM_HELP: Readonly<Record<string, Helper>> = {
  rpc: { usage: "rpc.MODULE.FUNCTION(…)", text: 'calls over there; rpc["Elixir.Enum"].sum([1, 2])', reads: false },
  ps: { usage: "ps(text?)", text: "processes, by reductions", reads: true },
  info: { usage: "info(process)", text: "what erlang:process_info tells of one process", reads: true },
  state: { usage: "state(process)", text: "what sys:get_state tells of an OTP process", reads: true },
  nodes: { usage: "nodes()", text: "that node and those it is connected to", reads: true },
  self: { usage: "self", text: "this shell's process, which is on a node of its own beside that one", reads: false },
  node: { usage: "node", text: 'the node beside it: node.call(name("x").at(remote))', reads: false },
  remote: { usage: "remote", text: "the name of the node over there", reads: true },
  trace: missing("trace"),
  recompile: missing("recompile"),
  observer: missing("observer"),
  connect: missing("connect"),
}

/** What the helpers of a shell are there. */
export function beamHelpers(node: Node, at: string): Functions {
  const rpc = node.rpc(at)
  const pidOf = async (target: unknown): Promise<Pid> => {
    if (target instanceof Pid) return target
    const text = String(target)
    const found = /^<\d/.test(text)
      ? await rpc["erlang"]!["list_to_pid"]!(charlist(text))
      : await rpc["erlang"]!["whereis"]!(atom(text))
    if (found instanceof Pid) return found
    throw new RangeError(`there is no process ${text} on ${at}; ps() shows those that are`)
  }
  const infoOf = async (pid: Pid): Promise<Record<string, unknown> | undefined> => {
    const facts = await rpc["erlang"]!["process_info"]!(pid)
    return Array.isArray(facts) ? recordOf(facts) : undefined
  }
  return {
    nodes: async () => [atom(at), ...((await rpc["erlang"]!["nodes"]!()) as unknown[])],
    whereis: (name: string) => rpc["erlang"]!["whereis"]!(atom(String(name))),
    pid: pidOf,
    async info(target: unknown) {
      const pid = await pidOf(target)
      const facts = await infoOf(pid)
      if (facts === undefined) throw new RangeError(`${pid} has ended`)
      return facts
    },
    state: async (target: unknown) => rpc["sys"]!["get_state"]!(await pidOf(target)),
    async kill(target: unknown, reason: unknown = killReason) {
      const pid = await pidOf(target)
      await rpc["erlang"]!["exit"]!(pid, reason)
      return pid
    },
    async ps(text = "") {
      const pids = ((await rpc["erlang"]!["processes"]!()) as Pid[]).slice(0, PROCESSES_MAX)
      const rows: { pid: Pid; title: string; mailbox: number; reductions: number }[] = []
      for (let i = 0; i < pids.length; i += AT_ONCE) {
        const chunk = await Promise.all(
          pids.slice(i, i + AT_ONCE).map(async (pid) => [pid, await infoOf(pid)] as const),
        )
        for (const [pid, facts] of chunk) {
          if (facts === undefined) continue
          const title = titleOf(facts)
          if (!title.includes(String(text))) continue
          rows.push({
            pid,
            title,
            mailbox: Number(facts["message_queue_len"]),
            reductions: Number(facts["reductions"]),
          })
        }
      }
      rows.sort((a, b) => b.reductions - a.reductions)
      return shown(rows, (look) => {
        const lines = rows
          .slice(0, ROWS_MAX)
          .map(({ pid, title, mailbox, reductions }) => [String(pid), title, String(mailbox), String(reductions)])
        const more = rows.length > ROWS_MAX ? `\n… and ${rows.length - ROWS_MAX} more` : ""
        return `${table([["PID", "NAME OR FIRST CALL", "MAILBOX", "REDUCTIONS"], ...lines], look)}${more}`
      })
    },
    async tree(application?: string) {
      const names =
        application === undefined
          ? ((await rpc["application"]!["which_applications"]!()) as Tuple[]).map((one) =>
              String(inspect(one.elements[0])).replace(/^:/, ""),
            )
          : [String(application)]
      const drawn: string[] = []
      for (const name of names) {
        const master = await rpc["application_controller"]!["get_master"]!(atom(name))
        if (!(master instanceof Pid)) {
          if (application !== undefined) throw new RangeError(`no application ${name} with a tree runs on ${at}`)
          continue
        }
        const child = await rpc["application_master"]!["get_child"]!(master)
        const top = child instanceof Tuple ? child.elements[0] : undefined
        if (top instanceof Pid) drawn.push(`${name} ${top}`, ...(await branches(top, "")))
      }
      return shown(drawn, () => drawn.join("\n"))
    },
    trace: () => refuse("trace"),
    recompile: () => refuse("recompile"),
    observer: () => refuse("observer"),
    connect: () => refuse("connect"),
  } as unknown as Functions

  async function branches(supervisor: Pid, indent: string): Promise<string[]> {
    const children = (await rpc["supervisor"]!["which_children"]!(supervisor)) as Tuple[]
    const lines: string[] = []
    for (const [i, row] of [...children].reverse().entries()) {
      const [id, pid, type] = row.elements
      const last = i === children.length - 1
      lines.push(`${indent}${last ? "└─ " : "├─ "}${inspect(id)} ${pid instanceof Pid ? pid : "(not running)"}`)
      if (pid instanceof Pid && isAtom(type) && type.text === "supervisor" && indent.length < DEPTH_MAX * 3) {
        lines.push(...(await branches(pid, `${indent}${last ? "   " : "│  "}`)))
      }
    }
    return lines
  }
  function refuse(name: string): never {
    throw new Error(`${name} is not there on a node of the BEAM; umbel observe shows one in the observer`)
  }
}

const recordOf = (facts: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(
    facts.flatMap((fact) =>
      fact instanceof Tuple && isAtom(fact.elements[0]) ? [[fact.elements[0].text, fact.elements[1]]] : [],
    ),
  )

function titleOf(facts: Readonly<Record<string, unknown>>): string {
  const name = facts["registered_name"]
  if (isAtom(name)) return name.text
  const dictionary = Array.isArray(facts["dictionary"]) ? recordOf(facts["dictionary"]) : {}
  return inspect(dictionary["$initial_call"] ?? facts["initial_call"])
}

function shown<T extends object>(value: T, text: (look: Look) => string): T {
  return Object.defineProperty(value, shownAs, { value: text })
}
