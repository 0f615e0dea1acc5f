/**
 * Arguments checked by a schema before a handler sees them, for requests that come from where types do not reach.
 *
 * ```ts
 * import * as v from "valibot"
 * calls: {
 *   rename: checked([v.pipe(v.string(), v.maxLength(80))], (self, title) => { self.state.title = title }),
 * }
 * ```
 *
 * Any Standard Schema library will do. What does not fit is refused, `{invalid_argument, Path, Message}`, and the server lives: a bad request is its sender's fault.
 */
import { type Atom, atom, type Tuple, tuple } from "../term/index.ts"
import { ConfigError, type StandardSchema, validate } from "./config.ts"
import type { Self } from "./gen-server.ts"
import { type Refused, refuse } from "./replies.ts"

type Outputs<Schemas extends readonly StandardSchema<unknown>[]> = {
  -readonly [K in keyof Schemas]: Schemas[K] extends StandardSchema<infer Output> ? Output : never
}
type InvalidArgument = Tuple<readonly [tag: Atom<"invalid_argument">, path: string, problem: string]>

const invalidArgument = atom("invalid_argument")

const no = (path: string, problem: string): Refused<InvalidArgument> =>
  refuse(tuple(invalidArgument, path, problem)) as Refused<InvalidArgument>

/** A handler that runs with the schemas' outputs, or refuses. Holds the server while a schema is asynchronous. */
export function checked<const Schemas extends readonly StandardSchema<unknown>[], State extends object, Reply>(
  schemas: Schemas,
  handler: (self: Self<State>, ...args: Outputs<Schemas>) => Reply,
): (self: Self<State>, ...args: Outputs<Schemas>) => Promise<Awaited<Reply> | Refused<InvalidArgument>> {
  return async (self, ...args): Promise<Awaited<Reply> | Refused<InvalidArgument>> => {
    const given = args as readonly unknown[]
    if (given.length > schemas.length) return no("", `expected ${schemas.length} arguments, got ${given.length}`)
    const outputs: unknown[] = []
    for (const [i, schema] of schemas.entries()) {
      try {
        outputs.push(await validate(schema, given[i], `argument ${i + 1}`))
      } catch (thrown) {
        if (!(thrown instanceof ConfigError)) throw thrown
        return no(thrown.path, thrown.problem)
      }
    }
    return await handler(self, ...(outputs as Outputs<Schemas>))
  }
}
