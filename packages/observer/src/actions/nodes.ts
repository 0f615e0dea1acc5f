/** Actions on a node: log level, garbage collection, disconnecting another node. */
import { atom, exported } from "umbel"
import type { InspectorAction } from "umbel/otp"
import { type Action, type AnyAction, bad, calm, warn } from "../action.ts"
import { atoms, nameOf } from "../beam-terms.ts"
import { type Context, oneOf, type ProcessParams, processParams, textOf } from "../view.ts"
import { isBeam, Refused, umbelPerform, umbelPreview } from "./perform.ts"

const LEVELS = ["info", "debug", "warning", "error"] as const
interface LevelParams {
  readonly node: string
  readonly level: (typeof LEVELS)[number]
  readonly application: string
  readonly named: ProcessParams | undefined
}

const logLevel: Action<LevelParams> = {
  name: "log-level",
  about: `Sets the log \`level\` (${LEVELS.join(", ")}) of a \`node\`, or of an \`application\` or \`process\` of it.`,
  params: (loose) =>
    loose["node"] === undefined || !LEVELS.some((level) => level === loose["level"])
      ? undefined
      : {
          node: textOf(loose["node"]),
          level: oneOf(loose["level"], LEVELS),
          application: textOf(loose["application"]),
          named: loose["process"] === undefined ? undefined : processParams(loose),
        },
  async preview(context, params) {
    if (await isBeam(context, params.node))
      return [calm(`Lines of ${params.level} and above are written on ${params.node} from now on.`)]
    return umbelPreview(context, params.node, await levelAction(context, params))
  },
  async run(context, params) {
    const { node, level } = params
    if (!(await isBeam(context, node))) return umbelPerform(context, node, await levelAction(context, params))
    await context.rpc(node, "logger", "set_primary_config", [atom("level"), atom(level)])
    return `The log level of ${node} is ${level}.`
  },
}

async function levelAction(context: Context, { level, application, named }: LevelParams): Promise<InspectorAction> {
  return {
    kind: "set_log_level",
    level,
    ...(application === "" ? {} : { application }),
    ...(named === undefined ? {} : { pid: await context.process(named) }),
  }
}

const collectGarbage: Action<{ readonly node: string }> = {
  name: "collect-garbage",
  about: "Collects the garbage of a `node`: all of its processes.",
  params: ({ node }) => (node === undefined ? undefined : { node: textOf(node) }),
  async preview(context, { node }) {
    if (await isBeam(context, node)) return [calm("Each process is collected in turn; they stop for that long.")]
    return umbelPreview(context, node, { kind: "collect_garbage" })
  },
  async run(context, { node }) {
    if (!(await isBeam(context, node))) return umbelPerform(context, node, { kind: "collect_garbage" })
    const pids = await context.rpc(node, "erlang", "processes", [])
    await context.rpc(node, "lists", "foreach", [exported("erlang", "garbage_collect", 1), pids], 30_000)
    return `The garbage of all processes of ${node} was collected.`
  },
}

const disconnect: Action<{ readonly node: string; readonly other: string }> = {
  name: "disconnect",
  about: "Cuts the connection of a `node` to an `other`.",
  params: ({ node, other }) =>
    node === undefined || other === undefined ? undefined : { node: textOf(node), other: textOf(other) },
  confirmName: (_, { other }) => Promise.resolve(other),
  async preview(context, { node, other }) {
    const known = await context.known(node)
    if (known.kind !== "beam") return umbelPreview(context, node, { kind: "disconnect", node: other })
    return [
      bad(
        `Links and monitors between ${node} and ${other} break: processes linked across end, unless they trap exits.`,
      ),
      warn("They connect again as soon as one sends to the other."),
    ]
  },
  async run(context, { node, other }) {
    if (!(await isBeam(context, node))) return umbelPerform(context, node, { kind: "disconnect", node: other })
    const [name] = atoms(other)
    const cut = await context.rpc(node, "erlang", "disconnect_node", [name])
    if (nameOf(cut) !== "true") throw new Refused(`${node} is not connected to ${other}.`)
    return `${node} was disconnected from ${other}.`
  },
}

const drainage = (kind: "drain" | "undrain", about: string): Action<{ readonly node: string }> => ({
  name: kind,
  about,
  params: ({ node }) => (node === undefined ? undefined : { node: textOf(node) }),
  async preview(context, { node }) {
    if (await isBeam(context, node)) throw new Refused(NO_DRAIN)
    return umbelPreview(context, node, { kind })
  },
  async run(context, { node }) {
    if (await isBeam(context, node)) throw new Refused(NO_DRAIN)
    return umbelPerform(context, node, { kind })
  },
})
const NO_DRAIN = "Of a BEAM node nobody knows how it is drained: its own load balancer does."

export const NODE_ACTIONS: readonly AnyAction[] = [
  logLevel,
  collectGarbage,
  disconnect,
  drainage("drain", "Lets a `node` want no more work: `/ready` of a release answers 503, what runs goes on."),
  drainage("undrain", "Lets a `node` that drains want work again."),
]
