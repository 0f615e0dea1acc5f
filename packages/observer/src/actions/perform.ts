/**
 * How actions are done: on an Umbel node by its inspector, which knows what follows; on a BEAM node by functions of its own.
 *
 * ```ts
 * await umbelPreview(context, "b@h", { kind: "kill", pid })      // consequences
 * await umbelPerform(context, "b@h", { kind: "kill", pid })      // one sentence, or it throws why not
 * ```
 */
import type { InspectorAction } from "umbel/otp"
import { bad, calm, warn } from "../action.ts"
import type { Consequence } from "../protocol.ts"
import type { Context } from "../view.ts"

/** An application may take its time to stop. */
const PATIENCE_MS = 30_000

/** The action is not done, and this is why. */
export class Refused extends Error {
  override readonly name = "Refused"
}

export async function umbelPreview(
  context: Context,
  node: string,
  action: InspectorAction,
): Promise<readonly Consequence[]> {
  const { refused, summary, effects, more } = await context.umbel(node).preview(action)
  if (refused !== undefined) throw new Refused(refused)
  return [
    // What it is stands above: it is said again only where nothing follows.
    ...(effects.length === 0 ? [calm(summary)] : []),
    ...effects.map(({ title, pid, what, why }) => {
      const text = `${title}${pid === undefined || title === String(pid) ? "" : ` ${pid}`} ${what}: ${why}`
      return (
        what === "ends" || what === "is lost" ? bad : what === "restarts" || what === "is suspended" ? warn : calm
      )(text)
    }),
    ...(more > 0 ? [warn(`and ${more} more`)] : []),
  ]
}

export async function umbelPerform(context: Context, node: string, action: InspectorAction): Promise<string> {
  const { name, address } = context.visitor
  const { done, text } = await context.umbel(node, PATIENCE_MS).perform(action, `${name} (${address}) at the observer`)
  if (!done) throw new Refused(text)
  return text
}

export const isBeam = async (context: Context, node: string): Promise<boolean> =>
  (await context.known(node)).kind === "beam"
