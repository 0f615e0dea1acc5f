/**
 * An action: something that changes the cluster, with a word beforehand on what it will take down. Needs the capability `manage`.
 *
 * ```ts
 * export const collect: Action<{ node: string }> = {
 *   name: "collect-garbage",
 *   about: "…",
 *   params: ({ node }) => (typeof node === "string" ? { node } : undefined),
 *   preview: async (_, { node }) => [{ tone: "calm", text: `${node} stops for some milliseconds.` }],
 *   run: async (context, { node }) => { …; return `Garbage of ${node} was collected.` },
 * }
 * ```
 *
 * Every run is audited, whether it succeeded or not: as a note among the node's reports, and in the ring that the view `audit` shows. What `run`
 * throws is told to whoever asked.
 */
import type { Consequence, Params } from "./protocol.ts"
import type { Context } from "./view.ts"

export interface Action<P> {
  readonly name: string
  /** One sentence, for `GET /api`. */
  readonly about: string
  params(loose: Params): P | undefined
  /** Of those that end something: its name, to be typed in production before it is done. */
  confirmName?(context: Context, params: P): Promise<string>
  /** What it takes down and what follows, most important first. Changes nothing. */
  preview(context: Context, params: P): Promise<readonly Consequence[]>
  /** Does it, and says in one sentence what was done. @throws Error saying why not */
  run(context: Context, params: P): Promise<string>
}
// biome-ignore lint/suspicious/noExplicitAny: parameters are contravariant
export type AnyAction = Action<any>

export const calm = (text: string): Consequence => ({ tone: "calm", text })
export const warn = (text: string): Consequence => ({ tone: "warn", text })
export const bad = (text: string): Consequence => ({ tone: "bad", text })
