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
