/**
 * Agent: a process that holds a state, and nothing else.
 *
 * ```ts
 * export const cache = agent("shop.cache", (limit: number) => ({ limit, seen: new Set<string>() }))
 * const pid = await self.startLink(cache, { arg: 100 })
 * await Agent.update(self, pid, (state) => ({ ...state, limit: 200 }))
 * await Agent.get(self, pid, (state) => state.seen.size)
 * ```
 *
 * The functions run in the agent, one after the other: one that is slow, or awaits, holds the others up, and one that throws crashes the agent. They are handed
 * over as they are, so they reach agents of their own node only. `Agent.get({:cache, :"a@host"}, :shop, :plus, [1])` of Elixir runs what the node exposes. What they return to the caller is copied. The state they are given is the agent's own: keep
 * nothing of it elsewhere, and put nothing into it that somebody else goes on using. Rules: Elixir's `Agent`.
 */
import { type Api, CallExit, type CallOptions, type Node, type ProcessCapability } from "../runtime/index.ts"
import { equal, inspect, Local, local, normal, ok, type Target, Tuple } from "../term/index.ts"
import { exposedCall } from "./elixir-requests.ts"
import { define, type GenServer } from "./gen-server.ts"
import { nodeOf, processOf } from "./node-of.ts"
import { type Ignore, Ignored } from "./replies.ts"
import type { Server } from "./server.ts"
import { Sys } from "./sys.ts"
import type { CodeChanging } from "./upgrade.ts"

declare const holds: unique symbol

/** What an agent is asked goes through {@link Agent}. */
export interface AgentApi<State> extends Api {
  calls: {}
  casts: {}
  readonly [holds]: (state: State) => State
}

/** The state of a server is an object, of an agent any value. */
interface Held {
  value: unknown
}
type Change = (state: unknown) => unknown

export interface AgentOptions<State> {
  /** Which edition of the definition this is; the next one's `codeChange` is told. */
  readonly version?: string | number
  /** Makes the state of this definition from that of an older one, for agents that run: see `changeCode`. */
  readonly codeChange?: (state: unknown, change: CodeChanging) => NoInfer<State> | Promise<NoInfer<State>>
}

/** Defines an agent; `init` makes its first state. Nothing runs until it is started. */
export function agent<State, Arg = void>(
  module: string,
  init: (arg: Arg) => State | Ignore | Promise<State | Ignore>,
  options: AgentOptions<State> = {},
): GenServer<Arg, AgentApi<State>> {
  const { version, codeChange } = options
  const hold = (value: unknown): object => (value instanceof Ignored ? value : ({ value } satisfies Held))
  const getAndUpdate = (self: Server, f: unknown): unknown =>
    settled(change(self, f), (result) => {
      const [reply, next] = pair(module, result)
      put(self.state, next)
      return reply
    })
  const update = (self: Server, f: unknown): unknown => settled(change(self, f), (next) => put(self.state, next))
  const made = define(module, {
    kind: "agent",
    init: (arg) => settled(init(arg as Arg), hold) as object,
    ...(version !== undefined && { version }),
    ...(codeChange && {
      codeChange: (held, change) => settled(codeChange((held as Held).value, change), hold) as object,
    }),
    // By Elixir's names as well, for agents that are asked from there.
    calls: {
      get: change,
      update: (self, f) => settled(update(self, f), () => ok),
      getAndUpdate,
      get_and_update: getAndUpdate,
    },
    casts: { update, cast: update },
    formatStatus: (state) => (state as Held).value,
  })
  return made as unknown as GenServer<Arg, AgentApi<State>>
}

/** What the function makes of the state: one that was handed over on this node, or one that the node exposes, as `{Module, Function, Args}`. */
function change(self: Server, handed: unknown): unknown {
  const { value } = self.state as Held
  if (handed instanceof Local) return (handed.value as Change)(value)
  return exposedCall(self.node, handed)(self, value)
}

function put(state: object, value: unknown): void {
  ;(state as Held).value = value
}

/** `then` of what came of a function that may be async; at once where it is not. */
function settled(result: unknown, then: (value: unknown) => unknown): unknown {
  const later = typeof result === "object" && result !== null && "then" in result && typeof result.then === "function"
  return later ? (result as Promise<unknown>).then(then) : then(result)
}

function pair(module: string, result: unknown): readonly [reply: unknown, state: unknown] {
  if (Array.isArray(result) && result.length === 2) return [result[0], result[1]]
  if (result instanceof Tuple && result.elements.length === 2) return [result.elements[0], result.elements[1]]
  throw new TypeError(`${module}: the function of getAndUpdate returns [reply, state], not ${inspect(result)}`)
}

type Self = ProcessCapability | Node
type AgentTarget<State> = Target<AgentApi<State>>

/** All but `stop` reject with {@link CallExit} as any call does, when the agent is late for one: the function then runs all the same. */
export interface AgentFunctions {
  /** What `f` makes of the state, as a copy. */
  get<State, T>(
    self: Self,
    agent: AgentTarget<State>,
    f: (state: State) => T | Promise<T>,
    options?: CallOptions,
  ): Promise<T>
  /** The state is from now on what `f` makes of it. */
  update<State>(
    self: Self,
    agent: AgentTarget<State>,
    f: (state: State) => NoInfer<State> | Promise<NoInfer<State>>,
    options?: CallOptions,
  ): Promise<void>
  /** Both: `f` returns `[reply, state]`. */
  getAndUpdate<State, T>(
    self: Self,
    agent: AgentTarget<State>,
    f: (state: State) => readonly [T, NoInfer<State>] | Promise<readonly [T, NoInfer<State>]>,
    options?: CallOptions,
  ): Promise<T>
  /** Like `update`, and waits for nothing. @throws TypeError when the agent is on another node */
  cast<State>(
    self: Self,
    agent: AgentTarget<State>,
    f: (state: State) => NoInfer<State> | Promise<NoInfer<State>>,
  ): void
  /** Ends the agent and waits until it has ended. Rejects with {@link CallExit} when it ended otherwise, or is late (no bound unless told). */
  stop<State>(self: Self, agent: AgentTarget<State>, reason?: unknown, timeoutMs?: number): Promise<void>
}

function checkNear(self: Self, target: Target): void {
  if (!nodeOf(self).isFar(target)) return
  throw new TypeError(
    `the agent ${target} is on ${target.node}: functions are no terms and do not go there; ask a GenServer instead`,
  )
}

/** The requests of {@link agent}, as those see them who know that it is one. */
interface Requests extends Api {
  calls: { get(f: Local): unknown; update(f: Local): void; getAndUpdate(f: Local): unknown }
  casts: { update(f: Local): void }
}

async function ask(
  self: Self,
  target: Target,
  request: keyof Requests["calls"],
  f: unknown,
  options: CallOptions | undefined,
): Promise<never> {
  checkNear(self, target)
  return (await processOf(self)
    .call(target as Target<Requests>, options)
    [request](local(f))) as never
}

export const Agent: AgentFunctions = {
  get: (self, agent, f, options) => ask(self, agent, "get", f, options),
  update: async (self, agent, f, options) => void (await ask(self, agent, "update", f, options)),
  getAndUpdate: (self, agent, f, options) => ask(self, agent, "getAndUpdate", f, options),

  cast(self, agent, f) {
    checkNear(self, agent)
    processOf(self)
      .cast(agent as Target as Target<Requests>)
      .update(local(f))
  },

  async stop(self, agent, reason = normal, timeoutMs = Number.POSITIVE_INFINITY) {
    const { node, pid } = processOf(self)
    let tell: (reason: unknown) => void = () => {}
    const ended = new Promise<unknown>((resolve) => {
      tell = resolve
    })
    const watch = node.signals.watch(pid, agent, tell)
    try {
      await Sys.terminate(self, agent, reason, timeoutMs)
      const found = await ended
      // It has agreed to end so. One on another node may be lost in between.
      if (!equal(found, reason)) throw new CallExit(found, agent, "Agent.stop", timeoutMs)
    } finally {
      watch.cancel()
    }
  },
}
