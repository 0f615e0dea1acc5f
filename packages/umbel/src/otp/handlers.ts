/**
 * How a server runs a handler: its arguments without an array in between, its result at once unless it is a promise.
 */
import { inspect } from "../term/index.ts"
import type { Handler } from "./gen-server.ts"
import type { Server } from "./server.ts"

/** A request stood in no table. The server crashes with it, as an OTP server does without a matching clause. */
export class UnknownRequest extends Error {
  override readonly name = "UnknownRequest"
  constructor(module: string, table: string, request: unknown, known: Iterable<string>) {
    const names = [...known]
    super(`${module} has no ${table} ${inspect(request)}; it has ${names.length === 0 ? "none" : names.join(", ")}`)
  }
}

/** The usual numbers of arguments without an array in between. @internal */
export function invoke(handler: Handler, self: Server, args: readonly unknown[]): unknown {
  switch (args.length) {
    case 0:
      return handler(self)
    case 1:
      return handler(self, args[0])
    case 2:
      return handler(self, args[0], args[1])
    default:
      return handler(self, ...args)
  }
}

/** @internal */
export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"
}

/** @internal */
export function promiseOf(value: unknown): Promise<unknown> | undefined {
  return isPromise(value) ? Promise.resolve(value) : undefined
}
