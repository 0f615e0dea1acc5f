/** States through the `formatStatus` of their servers. */
import { inspect } from "../term/index.ts"

/**
 * Who asks, a crash report or a tool, must not fail because of it. What it threw is shown, and not the state: to hide that may be what it is there for.
 */
export function formatted<Args extends unknown[]>(format: (...args: Args) => unknown, ...args: Args): unknown {
  try {
    return format(...args)
  } catch (thrown) {
    return `(formatStatus threw ${inspect(String(thrown))})`
  }
}
