/**
 * Reading a view and doing an action, by name: what may not be is refused, what goes wrong is said.
 *
 * ```ts
 * await readView(VIEWS, context, "tree", { node: "a@h", application: "shop" })                       // a Snapshot, always
 * await readView(VIEWS, context, "tree", { node: "a@h", application: "shop", at: 1764000000000 })    // of that moment
 * ```
 */
import { CallExit, inspect, RpcFailed } from "umbel"
import type { AnyAction } from "./action.ts"
import { failureOf } from "./cluster.ts"
import type { Capability, Outcome, Params, Snapshot } from "./protocol.ts"
import { pidOfKey } from "./shown.ts"
import { type AnyView, type Context, missing, Unavailable } from "./view.ts"

export type ViewTable = ReadonlyMap<string, AnyView>
export type ActionTable = ReadonlyMap<string, AnyAction>

/** Never rejects. */
export async function readView(views: ViewTable, context: Context, name: string, params: Params): Promise<Snapshot> {
  const view = views.get(name)
  if (view === undefined) return missing("unknown", `There is no view ${name}.`)
  const { capability } = view
  if (!context.visitor.capabilities.has(capability))
    return missing("denied", `You may not see this: it needs the capability ${capability}.`)
  const { at, ...present } = params
  const checked: unknown = view.params(present)
  if (checked === undefined) return missing("unknown", `The view ${name} cannot be asked with these parameters.`)
  try {
    return at === undefined ? await view.read(context, checked) : await readPast(view, context, checked, Number(at))
  } catch (thrown) {
    return failureSnapshot(thrown)
  }
}

function readPast(view: AnyView, context: Context, checked: unknown, at: number): Promise<Snapshot> | Snapshot {
  if (!Number.isFinite(at)) return missing("unknown", "A moment (`at`) is milliseconds since 1970.")
  if (view.past === undefined) return missing("unkept", view.unkept ?? "The flight recorder does not keep this.")
  return view.past(context, checked, at)
}

/** What was thrown while reading, in words. */
export function failureSnapshot(thrown: unknown): Snapshot<never> {
  if (thrown instanceof Unavailable) return missing(thrown.status, thrown.message)
  if (thrown instanceof RpcFailed) return missing("failed", thrown.message)
  if (thrown instanceof CallExit) {
    return failureOf(thrown) === "noproc"
      ? missing("unsupported", "That node has no inspector.")
      : missing("unreachable", `It was not answered: ${inspect(thrown.reason, { limit: 10, size: 300 })}.`)
  }
  return missing("failed", thrown instanceof Error ? thrown.message : inspect(thrown, { limit: 10, size: 300 }))
}

const MANAGE: Capability = "manage"
const refused = (text: string): Outcome => ({ done: false, text, consequences: [] })

/** What an action would take down. Never rejects. */
export async function previewAction(
  actions: ActionTable,
  context: Context,
  name: string,
  params: Params,
): Promise<Outcome> {
  const found = checkedAction(actions, context, name, params)
  if ("done" in found) return found
  try {
    const consequences = await found.action.preview(context, found.checked)
    const confirm = await confirmOf(found.action, context, found.checked)
    const command = commandOf(name, params, confirm)
    return { done: true, text: "", consequences, command, ...(confirm === undefined ? {} : { confirm }) }
  } catch (thrown) {
    return refused(failureSnapshot(thrown).text)
  }
}

/** What a terminal does the same with: the `umbel` command where there is one, else a request. */
function commandOf(name: string, { process, ...rest }: Params, confirm: string | undefined): string {
  const pid = typeof process === "string" ? pidOfKey(process) : undefined
  if (name === "kill" && pid !== undefined) return `umbel kill ${quoted(String(pid))} --node ${quoted(pid.node)}`
  const named = pid === undefined ? {} : { node: pid.node, pid: String(pid) }
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries({ ...named, ...rest })) query.set(key, String(value))
  // Nothing but what an address may have stands in it, so quotes hold it together.
  const typed = confirm === undefined ? "" : "&confirm=$NAME"
  return `curl -X POST -H "Authorization: Bearer $TOKEN" "$OBSERVER/api/act/${name}?${query}${typed}"`
}

/** One word for a shell, whatever is in it. */
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** Does it, and writes down that it was done or tried. Never rejects. */
export async function runAction(
  actions: ActionTable,
  context: Context,
  name: string,
  { confirm, ...params }: Params,
): Promise<Outcome> {
  const found = checkedAction(actions, context, name, params)
  const outcome = "done" in found ? found : await attempted(found.action, context, found.checked, confirm)
  const { name: who, address: from } = context.visitor
  const { done, text } = outcome
  context.audit.add({ at: context.node.platform.clock.wallTime(), who, from, action: name, params, done, text })
  return outcome
}

/** What is to be typed before; undefined where nothing is. */
const confirmOf = async (action: AnyAction, context: Context, checked: unknown): Promise<string | undefined> =>
  context.confirmByName ? action.confirmName?.(context, checked) : undefined

async function attempted(
  action: AnyAction,
  context: Context,
  checked: unknown,
  typed: Params[string] | undefined,
): Promise<Outcome> {
  try {
    const name = await confirmOf(action, context, checked)
    if (name !== undefined && typed !== name)
      return refused(`Nothing was done: in production this wants the name ${name} as its parameter confirm.`)
    return { done: true, text: await action.run(context, checked), consequences: [] }
  } catch (thrown) {
    return refused(failureSnapshot(thrown).text)
  }
}

function checkedAction(
  actions: ActionTable,
  context: Context,
  name: string,
  params: Params,
): Outcome | { readonly action: AnyAction; readonly checked: unknown } {
  const action = actions.get(name)
  if (action === undefined) return refused(`There is no action ${name}.`)
  if (!context.visitor.capabilities.has(MANAGE)) return refused("You may look only: this needs the capability manage.")
  const checked: unknown = action.params(params)
  return checked === undefined
    ? refused(`The action ${name} cannot be done with these parameters.`)
    : { action, checked }
}
