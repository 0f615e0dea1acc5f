/**
 * Arguments checked by schemas before a handler sees them, for requests that come from where types do not reach.
 *
 * ```ts
 * genServer("shop.title", {
 *   init: () => ({ title: "" }),
 *   calls: { rename: ({ state }, title: string) => { state.title = title } },
 *   checks: { rename: [v.pipe(v.string(), v.maxLength(80))] },   // valibot, zod, arktype, …
 * })
 * ```
 *
 * Any Standard Schema library will do. A bad request is its sender's fault: it is refused, and the server lives.
 */
import { atom, tuple } from "../term/index.ts"
import { firstIssue, type StandardSchema } from "./config.ts"
import { Refusal } from "./replies.ts"

/** One schema for each argument. */
export type Schemas = readonly StandardSchema<unknown>[]
export type Checks<Requests extends PropertyKey> = { readonly [K in Requests]?: Schemas }

const invalidArgument = atom("invalid_argument")

const no = (path: string, problem: string): Refusal => new Refusal(tuple(invalidArgument, path, problem))

/** The arguments as the schemas make them, or a refusal; a promise when a schema is asynchronous. @internal */
export function check(
  schemas: Schemas,
  args: readonly unknown[],
): readonly unknown[] | Refusal | Promise<readonly unknown[] | Refusal> {
  if (args.length > schemas.length) return no("", `expected ${schemas.length} arguments, got ${args.length}`)
  const results = schemas.map((schema, i) => schema["~standard"].validate(args[i]))
  return results.some(isPromise) ? Promise.all(results).then(outputs) : outputs(results)
}

function outputs(results: readonly unknown[]): readonly unknown[] | Refusal {
  const values: unknown[] = []
  for (const [i, result] of results.entries()) {
    const issue = firstIssue(result, `argument ${i + 1}`)
    if (issue !== undefined) return no(issue.path, issue.message)
    values.push((result as { value: unknown }).value)
  }
  return values
}

const isPromise = (value: unknown): boolean => typeof value === "object" && value !== null && "then" in value
