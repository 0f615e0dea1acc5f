/**
 * Calling functions of a node: `rpc`, as a client sees it, and what a node exposes to be called.
 *
 * ```ts
 * await node.rpc("elixir@127.0.0.1").lists.reverse([1, 2])          // [2, 1]
 * await node.rpc<Billing>("elixir@127.0.0.1")["Elixir.Billing"].total("ann")
 * await boot({ …, expose: { metrics: { uptime: () => process.uptime() } } })   // rpc:call(Node, metrics, uptime, [])
 * ```
 *
 * A BEAM node runs any exported function; an Umbel node only what it {@link Exposed exposes}.
 */
import { inspect } from "../term/index.ts"
import type { Running } from "./capability.ts"

/** Modules of functions that may be called from anywhere in the cluster. Each runs in a process of its own, which is its `self`. */
export type Exposed = Readonly<Record<string, Readonly<Record<string, ExposedFunction>>>>
// Functions of any arguments: they come from other nodes, and are what they are.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type ExposedFunction = (self: Running, ...args: any[]) => unknown

/** What may be called, by module; an interface of one's own makes it typed. */
// biome-ignore lint/suspicious/noExplicitAny: parameters are contravariant
export type Modules = Readonly<Record<string, Readonly<Record<string, (...args: any[]) => unknown>>>>
export type RpcClient<M> = {
  readonly [K in keyof M]: {
    readonly [F in keyof M[K]]: M[K][F] extends (...args: infer Args) => infer Result
      ? (...args: Args) => Promise<Awaited<Result>>
      : never
  }
}
/** Without an interface: any module, any function, and the result is for the caller to look at. */
export interface AnyModules {
  readonly [module: string]: { readonly [name: string]: (...args: unknown[]) => unknown }
}

export interface RpcOptions {
  /** Milliseconds; 5,000 unless told. */
  readonly timeout?: number | "infinity" | undefined
}

/** The function was called and did not return: it threw, exited, or is not there. */
export class RpcFailed extends Error {
  override readonly name = "RpcFailed"
  /** Erlang's class: `error` (a fault, `undef` among them), `exit` or `throw`. */
  readonly kind: "error" | "exit" | "throw"
  readonly reason: unknown
  /** Where on the other node, innermost first, as it tells. */
  readonly remoteStack: unknown

  constructor(call: string, kind: RpcFailed["kind"], reason: unknown, remoteStack: unknown) {
    super(`${call} failed with ${kind} ${inspect(reason, { limit: 20 })}`)
    this.kind = kind
    this.reason = reason
    this.remoteStack = remoteStack
  }
}

/** A client whose properties are modules, whose properties are functions. */
export function rpcClient(
  call: (module: string, name: string, args: readonly unknown[]) => Promise<unknown>,
): RpcClient<AnyModules> {
  const named = (get: (name: string) => unknown): object =>
    new Proxy(Object.create(null) as object, {
      // Neither a client nor a module is a promise.
      get: (_, name) => (typeof name === "string" && name !== "then" ? get(name) : undefined),
    })
  return named((module) =>
    named(
      (name) =>
        (...args: readonly unknown[]) =>
          call(module, name, args),
    ),
  ) as RpcClient<AnyModules>
}
