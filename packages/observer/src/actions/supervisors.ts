/** Actions on the child of a supervisor: start it again, stop it. The supervisor is named as processes are, the child by its `child` id. */
import { atom, inspect, type Pid, Tuple } from "umbel"
import type { InspectorAction } from "umbel/otp"
import { type Action, type AnyAction, calm, warn } from "../action.ts"
import { nameOf } from "../beam-terms.ts"
import { type Context, type ProcessParams, processParams, textOf } from "../view.ts"
import { isBeam, Refused, umbelPerform, umbelPreview } from "./perform.ts"

interface ChildParams {
  readonly named: ProcessParams
  readonly child: string
}

const childAction = (
  name: string,
  about: string,
  umbel: (supervisor: Pid, child: string) => InspectorAction,
  beam: (context: Context, supervisor: Pid, child: string) => Promise<string>,
): Action<ChildParams> => ({
  name,
  about,
  params(loose) {
    const named = processParams(loose)
    const { child } = loose
    return named === undefined || child === undefined ? undefined : { named, child: textOf(child) }
  },
  confirmName: (_, { child }) => Promise.resolve(child),
  async preview(context, { named, child }) {
    const pid = await context.process(named)
    if (!(await isBeam(context, pid.node))) return umbelPreview(context, pid.node, umbel(pid, child))
    return [
      warn(`${child} and all below it are stopped${name === "restart-child" ? ", and started again." : "."}`),
      calm("Its siblings are left alone, whatever the strategy: this counts as no failure."),
    ]
  },
  async run(context, { named, child }) {
    const pid = await context.process(named)
    if (await isBeam(context, pid.node)) return beam(context, pid, child)
    return umbelPerform(context, pid.node, umbel(pid, child))
  },
})

async function beamTerminate(context: Context, supervisor: Pid, child: string): Promise<string> {
  const answer = await context.rpc(supervisor.node, "supervisor", "terminate_child", [supervisor, atom(child)])
  if (nameOf(answer) !== "ok") throw new Refused(`The supervisor answered ${inspect(answer, { size: 300 })}.`)
  return `${child} was stopped.`
}

async function beamRestart(context: Context, supervisor: Pid, child: string): Promise<string> {
  await beamTerminate(context, supervisor, child)
  const answer = await context.rpc(supervisor.node, "supervisor", "restart_child", [supervisor, atom(child)])
  if (!(answer instanceof Tuple) || nameOf(answer.elements[0]) !== "ok")
    throw new Refused(`It was stopped, and did not start again: ${inspect(answer, { size: 300 })}.`)
  return `${child} was started again.`
}

export const SUPERVISOR_ACTIONS: readonly AnyAction[] = [
  childAction(
    "restart-child",
    "Stops a supervisor's child and starts it again.",
    (supervisor, child) => ({ kind: "restart_child", supervisor, child }),
    beamRestart,
  ),
  childAction(
    "terminate-child",
    "Stops a supervisor's child; it stays known, and can be started again.",
    (supervisor, child) => ({ kind: "terminate_child", supervisor, child }),
    beamTerminate,
  ),
]
