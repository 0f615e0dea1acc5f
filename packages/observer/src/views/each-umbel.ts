/** The same question to every Umbel node of the cluster; who does not answer is left out, as the cluster page says so already. */
import type { InspectorApi } from "umbel/otp"
import type { Calls } from "umbel/runtime"
import type { Context } from "../view.ts"

const PATIENCE_MS = 3_000

export async function eachUmbel<T>(
  context: Context,
  ask: (node: string, inspector: Calls<InspectorApi>) => Promise<T>,
): Promise<T[]> {
  const names = await umbelNodes(context)
  const answers = await Promise.allSettled(names.map((name) => ask(name, context.umbel(name, PATIENCE_MS))))
  return answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []))
}

/** The Umbel nodes that are up. */
export async function umbelNodes(context: Context): Promise<string[]> {
  const { nodes } = await context.cluster()
  return nodes.flatMap(({ name, kind, status }) => (kind === "umbel" && status === "up" ? [name] : []))
}
