/**
 * Clients: what `call(target)` and `cast(target)` return, with a method for every request one can think of.
 *
 * `call(x).increment(2)` must cost no more than the call itself. A Proxy per client is slow, and so is a class per server. So each
 * node has one class of clients whose prototype chain ends in a Proxy: the first use of a request's name lands there, defines
 * a method on the class, and no later use does. The number of names remembered that way is bounded.
 */
import type { Target } from "../term/index.ts"
import type { CallOptions } from "./capability.ts"
import type { Process } from "./process.ts"

/** Names of requests remembered; further ones work too, more slowly. */
const NAMES_MAX = 10_000

/** What the clients ask and cast through. */
export interface Invoker {
  invoke(
    caller: Process,
    target: Target,
    request: string,
    args: unknown[],
    options: CallOptions | undefined,
  ): Promise<unknown>
  cast(caller: Process, target: Target, request: string, args: unknown[]): void
}

/** Any request name, as a method. */
export type AnyClient = { readonly [request: string]: (...args: unknown[]) => unknown }

class ClientBase {
  readonly $caller: Process
  readonly $target: Target
  readonly $options: CallOptions | undefined
  constructor(caller: Process, target: Target, options: CallOptions | undefined) {
    this.$caller = caller
    this.$target = target
    this.$options = options
  }
}

export class Clients {
  readonly #Call: typeof ClientBase
  readonly #Cast: typeof ClientBase

  constructor(calls: Invoker) {
    this.#Call = clientClass((client, request, args) =>
      calls.invoke(client.$caller, client.$target, request, args, client.$options),
    )
    this.#Cast = clientClass((client, request, args) => calls.cast(client.$caller, client.$target, request, args))
  }

  calls(caller: Process, target: Target, options: CallOptions | undefined): AnyClient {
    return new this.#Call(caller, target, options) as unknown as AnyClient
  }
  casts(caller: Process, target: Target): AnyClient {
    return new this.#Cast(caller, target, undefined) as unknown as AnyClient
  }
}

function clientClass(perform: (client: ClientBase, request: string, args: unknown[]) => unknown): typeof ClientBase {
  class Client extends ClientBase {}
  let remembered = 0
  const methodFor = (request: string) =>
    function method(this: ClientBase, ...args: unknown[]): unknown {
      return perform(this, request, args)
    }
  const anyRequest = new Proxy(Object.create(null) as object, {
    get(_, request) {
      // `then` would make a client look like a promise; symbols are asked for by the language itself.
      if (typeof request !== "string" || request === "then") return undefined
      const value = methodFor(request)
      if (remembered < NAMES_MAX) {
        remembered++
        Object.defineProperty(Client.prototype, request, { value, writable: true, configurable: true })
      }
      return value
    },
  })
  // ClientBase.prototype would put `constructor`, and Object.prototype `toString` and the like, before the Proxy.
  const prototype = Client.prototype as object
  for (const key of Object.getOwnPropertyNames(prototype)) Reflect.deleteProperty(prototype, key)
  Object.setPrototypeOf(prototype, anyRequest)
  return Client
}
