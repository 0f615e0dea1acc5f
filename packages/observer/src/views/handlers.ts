/** The view `handlers`: the handlers of a server and where they are written; which of them works. */
import type { HandlerView } from "umbel/otp"
import { here, missing, type ProcessParams, processParams, type View } from "../view.ts"

export interface HandlersData {
  readonly handlers: readonly (HandlerView & { readonly key: string })[]
}

export const HANDLERS_VIEW: View<ProcessParams, HandlersData> = {
  name: "handlers",
  about: "The handlers of a process of an Umbel node, and the lines they are written in.",
  capability: "inspect",
  costs: true,
  params: processParams,
  async read(context, named) {
    const pid = await context.process(named)
    const { kind } = await context.known(pid.node)
    if (kind === "beam") return missing("unsupported", "Where handlers are written is known of Umbel nodes.")
    const handlers = await context.umbel(pid.node).handlers(pid)
    if (handlers === undefined) return missing("gone", "It has ended.")
    return here({ handlers: handlers.map((handler) => ({ key: `${handler.kind} ${handler.name}`, ...handler })) })
  },
}
