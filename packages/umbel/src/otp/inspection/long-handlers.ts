/**
 * Handlers that held the thread, grouped by module and request: on one thread, the question after "why is it slow".
 *
 * ```ts
 * handlers.held(report)
 * handlers.groups()[0]      // { module: "shop.prices", request: "recalculate", longestMs: 840, … }
 * ```
 */
import type { HeldStack, LongHandlerReport } from "../../runtime/index.ts"
import { RUNTIME } from "./frames.ts"
import type { LongHandlerGroup } from "./says/crashes.ts"

const GROUPS_MAX = 100
/** Milliseconds by which a stack may seem to be from beside the turn it is of: clocks are rounded. */
const ROUNDED_MS = 5

export type LongGroup = { -readonly [K in keyof LongHandlerGroup]: LongHandlerGroup[K] }

export class LongHandlers {
  readonly #groups = new Map<string, LongGroup>()

  held({ at, pid, title, ms, module = title, message }: LongHandlerReport): LongGroup {
    const request = requestOf(message)
    const key = `${module}\n${request ?? ""}`
    const latest = { pid, title, ms, message }
    const group = this.#groups.get(key) ?? this.#begin(key, { module, request, firstAt: at, lastAt: at, latest })
    group.count++
    group.longestMs = Math.max(group.longestMs, ms)
    group.totalMs += ms
    group.lastAt = at
    group.latest = latest
    return group
  }
  #begin(key: string, seen: Pick<LongGroup, "module" | "request" | "firstAt" | "lastAt" | "latest">): LongGroup {
    if (this.#groups.size === GROUPS_MAX) this.#groups.delete(this.#shortest())
    const group = { ...seen, count: 0, longestMs: 0, totalMs: 0, handler: undefined, stack: undefined }
    this.#groups.set(key, group)
    return group
  }

  /** Where the thread was a moment ago: the stack of the handler that had it then, if that was a long one. */
  heldAt({ at, frames }: HeldStack): void {
    for (const group of this.#groups.values()) {
      if (at < group.lastAt - group.latest.ms - ROUNDED_MS || at > group.lastAt + ROUNDED_MS) continue
      const theirs = frames.filter(({ path }) => path !== "" && !path.startsWith("node:") && !RUNTIME.test(path))
      group.stack = { at, frames: theirs.length > 0 ? theirs : frames }
      return
    }
  }

  /** The one that matters least makes room. */
  #shortest(): string {
    let shortest = ""
    let least = Number.POSITIVE_INFINITY
    for (const [key, { totalMs }] of this.#groups) {
      if (totalMs >= least) continue
      least = totalMs
      shortest = key
    }
    return shortest
  }

  /** What has taken most first. */
  groups(): LongHandlerGroup[] {
    return [...this.#groups.values()].map((group) => ({ ...group })).sort((a, b) => b.totalMs - a.totalMs)
  }
}

/** The request's word in `call {:increment, 2}`, `cast :reset` and `{:"$gen_cast", {:reset, 1}}`; the kind of `%{kind: "frame", …}`. */
function requestOf(message: string | undefined): string | undefined {
  if (message === undefined) return undefined
  const kind = /^%\{kind: "([^"]+)"/.exec(message)?.[1]
  if (kind !== undefined) return kind
  return (
    /^(?:call |cast )?(?:\{:"?\$gen_(?:cast|call)"?, )?(?:\{?:"?)([^",{}\s]+)/.exec(message)?.[1] ??
    message.slice(0, 60)
  )
}
