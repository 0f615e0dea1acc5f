/**
 * Trace context: which piece of work (a web request, a job) some code is done for, carried from a process to those it asks.
 *
 * A handler never runs in its sender's async context: otherwise a second request would see the first one's tenant and trace. What is meant to
 * travel is told to the node, and then lies in every message as a term of its own:
 *
 * ```ts
 * const requests = new AsyncLocalStorage<string>()
 * await boot({
 *   name: "a@127.0.0.1",
 *   traceContext: { capture: () => requests.getStore(), run: (id, handle) => requests.run(id, handle) },
 * })
 * ```
 *
 * Then `requests.getStore()` in the handler of a call, a cast or a message is what it was where that was sent. Without a hook, and for a message sent
 * outside of any context, it costs one look at a field.
 */
export interface TraceContext<Context = unknown> {
  /** The context of the code that runs now, as a term; undefined where there is none. Must not throw. */
  capture(): Context | undefined
  /** Runs `handle` in a context that came with a message, and returns what it returns. A context from another node is anything at all. */
  run<T>(context: Context, handle: () => T): T
}

/** `version-traceid-parentid-flags`: https://www.w3.org/TR/trace-context/ */
const TRACE_PARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/
const ID_MAX = 64

/**
 * The id of the trace that a context is of, for people: the W3C trace id of a `traceparent` (alone, or in a map as `openTelemetry` makes it), else the text
 * that the context is; undefined where neither is there. A context from another node is anything at all.
 */
export function traceIdOf(context: unknown): string | undefined {
  if (context === undefined || context === null) return undefined
  if (typeof context === "object") {
    const { traceparent } = context as { traceparent?: unknown }
    return typeof traceparent === "string" ? TRACE_PARENT.exec(traceparent)?.[1] : undefined
  }
  if (typeof context !== "string") return undefined
  return TRACE_PARENT.exec(context)?.[1] ?? (context === "" ? undefined : context.slice(0, ID_MAX))
}
