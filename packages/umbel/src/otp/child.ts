/**
 * Child specifications: what a supervisor starts, and how it treats it.
 *
 * ```ts
 * child(counter, { arg: 0, name: COUNTER, restart: "transient", shutdown: 5_000 })
 * ```
 *
 * A child is a term, `{ id, start: [module, arg], … }`: it can be sent to a supervisor on another node, which starts the definition it
 * knows by that module. On this node the definition itself goes along, so nothing need be registered first.
 */
import type { Api, Creatable, Definition } from "../runtime/index.ts"
import { inspect, type Local, markShared, type Name, share } from "../term/index.ts"

/** `permanent` is always restarted, `transient` only after an abnormal end, `temporary` never. */
export type Restart = "permanent" | "transient" | "temporary"
/** Milliseconds to end by itself before it is killed; at once; or as long as it takes. */
export type Shutdown = number | "brutal_kill" | "infinity"

/** `local(…)` is for what is no term (a listener, a socket): such a child starts on this node only. */
type ArgOption<Arg> = [void] extends [Arg] ? { arg?: undefined } : { arg: Arg | Local<Arg> }
export type ChildOptions<Arg, A> = ArgOption<Arg> & {
  /** Unique within its supervisor; the name, or else the module, unless told. */
  id?: string | undefined
  name?: Name<A> | undefined
  restart?: Restart | undefined
  /** 5,000 milliseconds unless told; of a supervisor as long as its children take. */
  shutdown?: Shutdown | undefined
  /** Milliseconds its `init` may take; no bound unless told. One that is late is killed, and has failed to start. */
  startTimeoutMs?: number | undefined
  /**
   * Whether its next life may start while JavaScript that the former one awaited still runs (its end cannot stop that). No unless told: two lives never write
   * one file, at the price of waiting up to `shutdown`.
   */
  overlap?: boolean | undefined
  /** Its end by itself may end its supervisor: see `autoShutdown` there. Not for permanent children, which never end by themselves. */
  significant?: boolean | undefined
}

declare const childSpec: unique symbol
/** A child specification, made by {@link child}. */
export interface Child {
  readonly [childSpec]: true
  readonly id: string
}

/** What a child specification holds. @internal */
export interface ChildSpec {
  readonly id: string
  readonly start: readonly [module: string, arg: unknown]
  readonly name: Name | undefined
  readonly restart: Restart
  readonly shutdown: Shutdown
  readonly significant: boolean
  readonly startTimeoutMs?: number | undefined
  readonly overlap?: boolean | undefined
  readonly [definition]?: Creatable
}
/** Where a specification keeps the definition it was made from; no part of the term. @internal */
export const definition = Symbol.for("umbel.definition")

const KEYS: ReadonlySet<string> = new Set([
  "id",
  "arg",
  "name",
  "restart",
  "shutdown",
  "overlap",
  "significant",
  "startTimeoutMs",
])
const RESTARTS: ReadonlySet<unknown> = new Set(["permanent", "transient", "temporary"])

/** @throws TypeError for an unknown option or value; NotATerm for an `arg` that cannot be sent. */
export function child<Arg, A extends Api>(
  server: Definition<Arg, A>,
  ...[options]: [void] extends [Arg] ? [options?: ChildOptions<Arg, A>] : [options: ChildOptions<Arg, A>]
): Child {
  const given: {
    id?: string
    arg?: unknown
    name?: Name
    restart?: Restart
    shutdown?: Shutdown
    significant?: boolean
    startTimeoutMs?: number
    overlap?: boolean
  } = {
    ...(options as object),
  }
  if (typeof server?.module !== "string") {
    throw new TypeError(`child(…) is given a definition, made by genServer(…) and the like, not ${inspect(server)}`)
  }
  for (const key of Object.keys(given)) {
    if (!KEYS.has(key))
      throw new TypeError(`child(${server.module}): no option ${key}; there are ${[...KEYS].join(", ")}`)
  }
  const { restart = "permanent", significant = false, startTimeoutMs, overlap } = given
  const { shutdown = isSupervisor(server as object) ? "infinity" : 5_000 } = given
  if (significant && restart === "permanent") {
    throw new TypeError(
      `child(${server.module}): a permanent child cannot be significant; make it transient or temporary`,
    )
  }
  if (!RESTARTS.has(restart)) {
    throw new TypeError(`child(${server.module}): restart is permanent, transient or temporary, not ${String(restart)}`)
  }
  if (shutdown !== "brutal_kill" && shutdown !== "infinity" && !(typeof shutdown === "number" && shutdown >= 0)) {
    throw new TypeError(
      `child(${server.module}): shutdown is milliseconds, brutal_kill or infinity, not ${String(shutdown)}`,
    )
  }
  if (startTimeoutMs !== undefined && !(typeof startTimeoutMs === "number" && startTimeoutMs >= 0)) {
    throw new TypeError(`child(${server.module}): startTimeoutMs is milliseconds, not ${String(startTimeoutMs)}`)
  }
  if (overlap !== undefined && typeof overlap !== "boolean") {
    throw new TypeError(`child(${server.module}): overlap is true or false, not ${String(overlap)}`)
  }
  const id = given.id ?? idOf(given.name) ?? server.module
  const rest = { ...(startTimeoutMs !== undefined && { startTimeoutMs }), ...(overlap === true && { overlap }) }
  const start = [server.module, given.arg] as const
  const spec = share({ id, start, name: given.name, restart, shutdown, significant, ...rest }) as ChildSpec
  return changed(spec, {}, server as unknown as Creatable) as unknown as Child
}

/** A supervisor takes as long as its children do: to end it earlier would leave them without one. */
const isSupervisor = (made: { readonly spec?: { readonly supervision?: unknown } }): boolean =>
  made.spec?.supervision !== undefined

/** The specification with other values, and made from `made`. @internal */
export function changed(
  spec: ChildSpec,
  values: Partial<ChildSpec>,
  made: Creatable | undefined = spec[definition],
): ChildSpec {
  const own = { ...spec, ...values }
  if (made !== undefined) Object.defineProperty(own, definition, { value: made })
  markShared(own)
  return own
}

const idOf = (name: Name | undefined): string | undefined => (name?.key === undefined ? name?.name : String(name))
