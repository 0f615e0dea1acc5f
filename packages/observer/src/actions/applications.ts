/** Actions on an application of a node: start it, stop it. */
import { atom, inspect } from "umbel"
import type { InspectorAction } from "umbel/otp"
import { type Action, type AnyAction, bad, calm } from "../action.ts"
import { elementsOf, nameOf } from "../beam-terms.ts"
import type { Params } from "../protocol.ts"
import { type Context, textOf } from "../view.ts"
import { isBeam, Refused, umbelPerform, umbelPreview } from "./perform.ts"

interface ApplicationParams {
  readonly node: string
  readonly application: string
}
const applicationParams = ({ node, application }: Params): ApplicationParams | undefined =>
  node === undefined || application === undefined ? undefined : { node: textOf(node), application: textOf(application) }

const PATIENCE_MS = 30_000
/** Without these there is no node. */
const KEPT: ReadonlySet<string> = new Set(["kernel", "stdlib"])

const applicationAction = (
  name: string,
  about: string,
  umbel: (application: string) => InspectorAction,
  beam: (context: Context, params: ApplicationParams) => Promise<string>,
): Action<ApplicationParams> => ({
  name,
  about,
  params: applicationParams,
  ...(name === "stop-application" ? { confirmName: (_, { application }) => Promise.resolve(application) } : {}),
  async preview(context, { node, application }) {
    if (!(await isBeam(context, node))) return umbelPreview(context, node, umbel(application))
    checked(application)
    return name === "start-application"
      ? [calm(`${application} starts, and before it what it needs.`)]
      : [
          bad(`All processes of ${application} end, in reverse order.`),
          calm("Applications that need it go on without."),
        ]
  },
  async run(context, params) {
    if (await isBeam(context, params.node)) return beam(context, params)
    return umbelPerform(context, params.node, umbel(params.application))
  },
})

function checked(application: string): void {
  if (KEPT.has(application)) throw new Refused(`${application} belongs to the node itself, which ends without it.`)
}

async function checkedToFreeze(context: Context, { node, application }: ApplicationParams): Promise<void> {
  // Frozen it could not be asked to thaw anything.
  if (application === "observer") throw new Refused("The observer cannot freeze itself: nobody could thaw it.")
  if (await isBeam(context, node)) throw new Refused("Whole applications are frozen on Umbel nodes.")
}

const freezing = (name: string, kind: "freeze" | "thaw", about: string): Action<ApplicationParams> => ({
  name,
  about,
  params: applicationParams,
  async preview(context, params) {
    await checkedToFreeze(context, params)
    return umbelPreview(context, params.node, { kind, application: params.application })
  },
  async run(context, params) {
    await checkedToFreeze(context, params)
    return umbelPerform(context, params.node, { kind, application: params.application })
  },
})

export const APPLICATION_ACTIONS: readonly AnyAction[] = [
  applicationAction(
    "start-application",
    "Starts an application that was stopped.",
    (application) => ({ kind: "start_application", application }),
    async (context, { node, application }) => {
      const answer = await context.rpc(node, "application", "ensure_all_started", [atom(application)], PATIENCE_MS)
      if (nameOf(elementsOf(answer)[0]) !== "ok")
        throw new Refused(`It did not start: ${inspect(answer, { size: 300 })}.`)
      return `${application} runs on ${node}.`
    },
  ),
  applicationAction(
    "stop-application",
    "Stops an application and all its processes.",
    (application) => ({ kind: "stop_application", application }),
    async (context, { node, application }) => {
      checked(application)
      const answer = await context.rpc(node, "application", "stop", [atom(application)], PATIENCE_MS)
      if (nameOf(answer) !== "ok") throw new Refused(`It did not stop: ${inspect(answer, { size: 300 })}.`)
      return `${application} was stopped on ${node}.`
    },
  ),
  freezing("freeze-application", "freeze", "Suspends all processes of an application."),
  freezing("thaw-application", "thaw", "Resumes whatever is suspended of an application."),
]
