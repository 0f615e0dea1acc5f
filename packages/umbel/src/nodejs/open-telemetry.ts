/**
 * OpenTelemetry's context as what travels with messages: a span that is begun in a handler has the span of whoever asked as its parent, on this node and on others.
 *
 * ```ts
 * import { context, propagation } from "@opentelemetry/api"
 * await boot({ name: "a@127.0.0.1", traceContext: openTelemetry({ context, propagation }) })
 * ```
 *
 * What travels is what the propagators that were set up write for an HTTP request (`traceparent`, `baggage`): a map of texts. The library is handed in, as it
 * keeps its set-up in itself: it must be the copy that the program uses.
 */
import type { TraceContext } from "../runtime/index.ts"

/** Of `@opentelemetry/api`, what is used here. */
export interface OpenTelemetry<Context> {
  readonly context: {
    active(): Context
    with<T>(context: Context, run: () => T): T
  }
  readonly propagation: {
    inject(context: Context, carrier: Record<string, string>): void
    extract(context: Context, carrier: Record<string, string>): Context
  }
}

export function openTelemetry<Context>({ context, propagation }: OpenTelemetry<Context>): TraceContext {
  return {
    capture() {
      const carrier: Record<string, string> = {}
      propagation.inject(context.active(), carrier)
      return Object.keys(carrier).length === 0 ? undefined : carrier
    },
    run: (carrier, handle) => context.with(propagation.extract(context.active(), textsOf(carrier)), handle),
  }
}

/** From another node it may be anything. */
function textsOf(carrier: unknown): Record<string, string> {
  if (typeof carrier !== "object" || carrier === null) return {}
  return Object.fromEntries(Object.entries(carrier).filter((entry) => typeof entry[1] === "string"))
}
