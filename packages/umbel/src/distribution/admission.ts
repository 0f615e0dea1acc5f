/**
 * Whom a node talks to, and what those are called that come without a name.
 *
 * ```ts
 * allowing(["b@10.0.0.7", /^worker\d+@/, (peer) => peer.endsWith("@10.0.0.8")])("worker3@10.0.0.9")   // true
 * ```
 *
 * As `net_kernel:allow/1` it counts in both directions: a node that is not allowed is refused with `not_allowed`, and not dialed.
 */
import type { Random } from "../runtime/index.ts"

/** The full name of a node, a pattern of them, or a decision. */
export type AllowedNode = string | RegExp | ((node: string) => boolean)
/** Those that may talk to us: any of these. */
export type Allow = AllowedNode | readonly AllowedNode[]

/** @throws TypeError for a rule that is none; RangeError for a name without a host, which no node ever has */
export function allowing(allow: Allow | undefined): (node: string) => boolean {
  if (allow === undefined) return () => true
  const rules = (Array.isArray(allow) ? allow : [allow]) as readonly AllowedNode[]
  for (const rule of rules) {
    if (typeof rule === "string" && !rule.includes("@")) {
      throw new RangeError(
        `allow names ${JSON.stringify(rule)}, which is no node name: expected name@host, a pattern or a function`,
      )
    }
    if (typeof rule !== "string" && typeof rule !== "function" && !(rule instanceof RegExp)) {
      throw new TypeError(`allow is of node names, patterns and functions, not ${String(rule)}`)
    }
  }
  return (node) =>
    rules.some((rule) => {
      if (typeof rule === "string") return rule === node
      // Not `test`: a pattern with the flag g or y would remember where it found something the last time.
      return rule instanceof RegExp ? node.search(rule) >= 0 : rule(node)
    })
}

/** A name and an incarnation for a node of that host that asks for one (`erl -sname undefined`). */
export function freshName(host: string, random: Random): { readonly name: string; readonly creation: number } {
  const digits = random.uint32() * 2 ** 21 + (random.uint32() >>> 11)
  return { name: `${digits.toString(36).toUpperCase()}@${host}`, creation: (random.uint32() % 0xffff_fffe) + 1 }
}
