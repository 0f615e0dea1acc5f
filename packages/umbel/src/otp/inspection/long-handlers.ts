/**
 * Handlers that held the thread, grouped by module and request: on one thread, the question after "why is it slow".
 *
 * ```ts
 * handlers.held(report)
 * handlers.groups()[0]      // { module: "shop.prices", request: "recalculate", longestMs: 840, … }
 * ```
 */
import type { LongHandlerReport } from "../../runtime/index.ts"
import type { LongHandlerGroup } from "./says/crashes.ts"

const GROUPS_MAX = 100

type Group = { -readonly [K in keyof LongHandlerGroup]: LongHandlerGroup[K] }

export class LongHandlers {
  readonly #groups = new Map<string, Group>()

  held({ at, pid, title, ms, module = title, message }: LongHandlerReport): void {
    const request = requestOf(message)
    const key = `${module}\n${request ?? ""}`
    const latest = { pid, title, ms, message }
    const group = this.#groups.get(key)
    if (group === undefined) {
      if (this.#groups.size === GROUPS_MAX) this.#groups.delete(this.#shortest())
      this.#groups.set(key, { module, request, count: 1, longestMs: ms, totalMs: ms, firstAt: at, lastAt: at, latest })
    } else {
      group.count++
      group.longestMs = Math.max(group.longestMs, ms)
      group.totalMs += ms
      group.lastAt = at
      group.latest = latest
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

/** The request's word in `call {:increment, 2}`, `call :get` and `{:"$gen_cast", {:reset, 1}}`; the kind of `%{kind: "frame", …}`. */
function requestOf(message: string | undefined): string | undefined {
  if (message === undefined) return undefined
  const kind = /^%\{kind: "([^"]+)"/.exec(message)?.[1]
  if (kind !== undefined) return kind
  return /^(?:call )?(?:\{:"?\$gen_(?:cast|call)"?, )?(?:\{?:"?)([^",{}\s]+)/.exec(message)?.[1] ?? message.slice(0, 60)
}
