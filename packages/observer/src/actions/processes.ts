/** Actions on one process: kill, stop with a reason, suspend, resume, send. They work on processes of both kinds of nodes. */
import { atom, inspect, type Pid } from "umbel"
import type { InspectorAction } from "umbel/otp"
import { type Action, type AnyAction, bad, calm, warn } from "../action.ts"
import { atoms, fieldsOf, nameOf, pidsOf } from "../beam-terms.ts"
import type { Consequence, Params } from "../protocol.ts"
import { parseTerm } from "../term-text.ts"
import { type Context, type ProcessParams, processParams, textOf } from "../view.ts"
import { isBeam, Refused, umbelPerform, umbelPreview } from "./perform.ts"

interface Named {
  readonly named: ProcessParams
  /** The term that an action needs, as a text. */
  readonly term: string
}

interface Verb {
  readonly name: string
  readonly about: string
  /** The parameter with a term, for those that need one. */
  readonly term?: string
  /** Whether it ends the process. */
  readonly ends?: true
  umbel(pid: Pid, term: unknown): InspectorAction
  beamPreview(context: Context, pid: Pid, term: unknown): Promise<readonly Consequence[]>
  beamRun(context: Context, pid: Pid, term: unknown): Promise<string>
}

const SYS_MS = 1_000
const UMBEL_ONLY = "Whole trees are frozen on Umbel nodes; of a BEAM node each process is suspended by itself."

const VERBS: readonly Verb[] = [
  {
    name: "kill",
    about: "Ends a process at once; it cannot clean up.",
    ends: true,
    umbel: (pid) => ({ kind: "kill", pid }),
    beamPreview: (context, pid) => beamDeath(context, pid, "kill"),
    async beamRun(context, pid) {
      await checkedBeam(context, pid)
      await context.rpc(pid.node, "erlang", "exit", [pid, atom("kill")])
      return `${pid} on ${pid.node} was killed.`
    },
  },
  {
    name: "exit",
    about: "Sends a process an exit signal with a `reason`, such as :shutdown.",
    term: "reason",
    ends: true,
    umbel: (pid, reason) => ({ kind: "exit", pid, reason }),
    beamPreview: (context, pid, reason) => beamDeath(context, pid, inspect(reason, { size: 200 })),
    async beamRun(context, pid, reason) {
      await checkedBeam(context, pid)
      await context.rpc(pid.node, "erlang", "exit", [pid, reason])
      return `${pid} on ${pid.node} was sent an exit signal with ${inspect(reason, { size: 200 })}.`
    },
  },
  {
    name: "suspend",
    about: "Lets a process handle nothing but system messages until it is resumed.",
    umbel: (pid) => ({ kind: "suspend", pid }),
    beamPreview: () =>
      Promise.resolve([
        warn("It answers nothing until it is resumed; calls to it time out."),
        calm("It is asked by sys:suspend: a process that is no OTP process does not understand it."),
      ]),
    async beamRun(context, pid) {
      await checkedBeam(context, pid)
      await context.rpc(pid.node, "sys", "suspend", [pid, SYS_MS])
      return `${pid} on ${pid.node} was suspended.`
    },
  },
  {
    name: "resume",
    about: "Lets a suspended process go on.",
    umbel: (pid) => ({ kind: "resume", pid }),
    beamPreview: () => Promise.resolve([calm("It goes on with the messages that have come meanwhile.")]),
    async beamRun(context, pid) {
      await context.rpc(pid.node, "sys", "resume", [pid, SYS_MS])
      return `${pid} on ${pid.node} was resumed.`
    },
  },
  {
    name: "collect-process",
    about: "Collects the garbage of one process of a BEAM node.",
    umbel: () => {
      throw new Refused("V8 has one heap for all processes of a node: collect the garbage of the node.")
    },
    beamPreview: () => Promise.resolve([calm("It stops for that long, which a large heap makes longer.")]),
    async beamRun(context, pid) {
      const collected = await context.rpc(pid.node, "erlang", "garbage_collect", [pid])
      if (collected !== true) throw new Refused("It has ended already.")
      return `The garbage of ${pid} on ${pid.node} was collected.`
    },
  },
  {
    name: "step",
    about: "Lets a suspended process handle exactly one message, and suspends it again.",
    umbel: (pid) => ({ kind: "step", pid }),
    beamPreview: () => Promise.reject(new Refused("A BEAM process cannot be held after one message: resume it.")),
    beamRun: () => Promise.reject(new Refused("A BEAM process cannot be held after one message: resume it.")),
  },
  {
    name: "freeze",
    about: "Suspends a process and all below it.",
    umbel: (pid) => ({ kind: "freeze", pid }),
    beamPreview: () => Promise.reject(new Refused(UMBEL_ONLY)),
    beamRun: () => Promise.reject(new Refused(UMBEL_ONLY)),
  },
  {
    name: "thaw",
    about: "Resumes whatever is suspended of a process and all below it.",
    umbel: (pid) => ({ kind: "thaw", pid }),
    beamPreview: () => Promise.reject(new Refused(UMBEL_ONLY)),
    beamRun: () => Promise.reject(new Refused(UMBEL_ONLY)),
  },
  {
    name: "send",
    about: "Sends a process a `message`: a term, such as {:reload, 5}.",
    term: "message",
    umbel: (pid, message) => ({ kind: "send", pid, message }),
    beamPreview: (_, __, message) =>
      Promise.resolve([calm(`It receives ${inspect(message, { size: 300 })} as a plain message.`)]),
    beamRun(context, pid, message) {
      context.caller.send(pid, message)
      return Promise.resolve(`${pid} on ${pid.node} was sent ${inspect(message, { size: 200 })}.`)
    },
  },
]

export const PROCESS_ACTIONS: readonly AnyAction[] = VERBS.map(
  (verb): Action<Named> => ({
    name: verb.name,
    about: verb.about,
    params(loose: Params) {
      const named = processParams(loose)
      const term = verb.term === undefined ? "" : loose[verb.term]
      return named === undefined || term === undefined ? undefined : { named, term: textOf(term) }
    },
    ...(verb.ends === undefined ? {} : { confirmName: (context, { named }) => nameToType(context, named) }),
    async preview(context, { named, term }) {
      const pid = await context.process(named)
      const value = termOf(verb, term)
      if (await isBeam(context, pid.node)) return verb.beamPreview(context, pid, value)
      return umbelPreview(context, pid.node, verb.umbel(pid, value))
    },
    async run(context, { named, term }) {
      const pid = await context.process(named)
      const value = termOf(verb, term)
      if (await isBeam(context, pid.node)) return verb.beamRun(context, pid, value)
      return umbelPerform(context, pid.node, verb.umbel(pid, value))
    },
  }),
)

/** The name that it is registered under, else its pid. */
async function nameToType(context: Context, named: ProcessParams): Promise<string> {
  const pid = await context.process(named)
  if (!(await isBeam(context, pid.node)))
    return (await context.umbel(pid.node).process(pid))?.registeredName ?? String(pid)
  const answer = await context.rpc(pid.node, "erlang", "process_info", [pid, atoms("registered_name")])
  const name = Array.isArray(answer) ? fieldsOf(answer).get("registered_name") : []
  return Array.isArray(name) ? String(pid) : nameOf(name)
}

function termOf({ term }: Verb, text: string): unknown {
  if (term === undefined) return undefined
  try {
    return parseTerm(text)
  } catch (thrown) {
    throw new Refused(`That is no term, ${(thrown as Error).message}.`)
  }
}

/** Processes without which a BEAM node ends, or cannot be looked at any more. */
const KEPT: ReadonlySet<string> = new Set([
  "init",
  "erts_code_purger",
  "erl_prim_loader",
  "logger",
  "application_controller",
  "kernel_sup",
  "kernel_safe_sup",
  "code_server",
  "net_sup",
  "net_kernel",
  "auth",
  "erl_epmd",
  "rex",
  "erpc",
  "global_name_server",
  "file_server_2",
  "user",
  "user_drv",
])

/** @throws Refused for a process that has ended, or that the node cannot do without */
async function checkedBeam(context: Context, pid: Pid): Promise<ReadonlyMap<string, unknown>> {
  const answer = await context.rpc(pid.node, "erlang", "process_info", [
    pid,
    atoms("registered_name", "links", "monitored_by", "trap_exit"),
  ])
  if (!Array.isArray(answer)) throw new Refused("It has ended already.")
  const info = fieldsOf(answer)
  const name = info.get("registered_name")
  if (!Array.isArray(name) && KEPT.has(nameOf(name)))
    throw new Refused(`${nameOf(name)} belongs to the node itself, which ends without it.`)
  return info
}

/** What is linked to it, and whether that traps exits: one call for all of them. */
async function beamDeath(context: Context, pid: Pid, reason: string): Promise<readonly Consequence[]> {
  const info = await checkedBeam(context, pid)
  if (reason !== "kill" && info.get("trap_exit") === true)
    return [calm("It traps exits: it is told, and decides for itself.")]
  const links = pidsOf(info.get("links"))
  const watchers = pidsOf(info.get("monitored_by")).length
  const near = links.filter(({ node }) => node === pid.node)
  const linked = await Promise.all(
    near.slice(0, LINKS_SHOWN).map(async (link) => {
      const answer = await context.rpc(pid.node, "erlang", "process_info", [
        link,
        atoms("registered_name", "trap_exit"),
      ])
      const its = fieldsOf(answer)
      const name = its.get("registered_name")
      return {
        title: Array.isArray(name) ? String(link) : `${nameOf(name)} ${link}`,
        traps: its.get("trap_exit") === true,
      }
    }),
  )
  const falling = linked.filter(({ traps }) => !traps)
  const told = linked.filter(({ traps }) => traps)
  return [
    ...falling.map(({ title }) => bad(`${title} ends with it: it is linked and does not trap exits.`)),
    ...told.map(({ title }) =>
      calm(`${title} is told; a supervisor decides by its strategy whether to start it again.`),
    ),
    ...(near.length > LINKS_SHOWN ? [warn(`and ${near.length - LINKS_SHOWN} more linked processes`)] : []),
    ...(links.length > near.length ? [warn(`${links.length - near.length} linked processes are on other nodes.`)] : []),
    ...(watchers > 0 ? [calm(`${watchers} processes watch it and are told.`)] : []),
    ...(links.length === 0 && watchers === 0 ? [calm("Nothing is linked to it, and nobody watches it.")] : []),
  ]
}
const LINKS_SHOWN = 20
