/**
 * Patterns: what a test expects a message to be, and where one that is not differs.
 *
 * ```ts
 * difference(tuple(ok, 2), tuple(ok, 3))              // "message[1] is 3, expected 2"
 * difference(like({ kind: "down" }), down)            // undefined: it fits
 * difference(tuple(ok, isNumber), tuple(ok, "three")) // 'message[1] is "three", which isNumber refuses'
 * ```
 *
 * A value is expected as a term, as `equal` compares them. Anywhere in it may stand a guard (a function that says true), a `like(…)`, or one of the
 * asymmetric matchers of vitest and jest (`expect.any(Number)`).
 */
import { equal, inspect, NotATerm, Tuple } from "../term/index.ts"

/** A type guard, or a value that may have guards in it. */
export type Pattern<M = unknown> = ((message: unknown) => message is M) | ((message: unknown) => boolean) | unknown

/** Made by {@link like}. */
class Like {
  readonly part: unknown
  constructor(part: unknown) {
    this.part = part
  }
}

/** Fits every object that has these keys, with values that fit, whatever others it has. Objects within are taken the same way. */
export function like(part: object): unknown {
  return new Like(part)
}

/** Fits every message. */
export function anything(_message: unknown): _message is unknown {
  return true
}

/** Where `message` differs from the pattern, in words; undefined where it fits. */
export function difference(pattern: unknown, message: unknown, path = "message", partly = false): string | undefined {
  const is = `${path} is ${inspect(message, SHORT)}`
  if (pattern instanceof Like) return difference(pattern.part, message, path, true)
  if (typeof pattern === "function") {
    return (pattern as (message: unknown) => unknown)(message) === true
      ? undefined
      : `${is}, which ${named(pattern)} refuses`
  }
  if (isMatcher(pattern)) {
    return pattern.asymmetricMatch(message) ? undefined : `${is}, which ${matcherName(pattern)} refuses`
  }
  if (pattern instanceof Tuple && message instanceof Tuple) {
    return inElements(pattern.elements, message.elements, path, partly)
  }
  if (Array.isArray(pattern) && Array.isArray(message)) return inElements(pattern, message, path, partly)
  if (isPlain(pattern) && isPlain(message)) return inKeys(pattern, message, path, partly)
  return same(pattern, message) ? undefined : `${is}, expected ${inspect(pattern, SHORT)}`
}

const SHORT = { limit: 10, size: 200 }

function inElements(
  expected: readonly unknown[],
  given: readonly unknown[],
  path: string,
  partly: boolean,
): string | undefined {
  if (expected.length !== given.length) return `${path} has ${given.length} elements, expected ${expected.length}`
  for (const [i, one] of expected.entries()) {
    const found = difference(one, given[i], `${path}[${i}]`, partly)
    if (found !== undefined) return found
  }
  return undefined
}

type Plain = Readonly<Record<string, unknown>>

function inKeys(expected: Plain, given: Plain, path: string, partly: boolean): string | undefined {
  for (const key of Object.keys(expected)) {
    if (!Object.hasOwn(given, key)) return `${path}.${key} is missing, expected ${inspect(expected[key], SHORT)}`
    const found = difference(expected[key], given[key], `${path}.${key}`, partly)
    if (found !== undefined) return found
  }
  const more = partly ? undefined : Object.keys(given).find((key) => !Object.hasOwn(expected, key))
  return more === undefined ? undefined : `${path}.${more} is ${inspect(given[more], SHORT)}, expected no such key`
}

/** What is no term (a function in a `local`, say) is equal to itself only. */
function same(a: unknown, b: unknown): boolean {
  try {
    return equal(a, b)
  } catch (thrown) {
    if (thrown instanceof NotATerm) return Object.is(a, b)
    throw thrown
  }
}

const isPlain = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype

interface Matcher {
  asymmetricMatch(other: unknown): boolean
  /** `Any<Number>`, where the matcher can say it. */
  toAsymmetricMatcher?(): string
}
const isMatcher = (value: unknown): value is Matcher =>
  typeof value === "object" &&
  value !== null &&
  "asymmetricMatch" in value &&
  typeof value.asymmetricMatch === "function"

const matcherName = (matcher: Matcher): string => matcher.toAsymmetricMatcher?.() ?? String(matcher)

/** The pattern as a failure shows it. */
export function printedPattern(pattern: unknown): string {
  if (pattern instanceof Like) return `like ${inspect(pattern.part)}`
  if (typeof pattern === "function") return named(pattern)
  return isMatcher(pattern) ? matcherName(pattern) : inspect(pattern)
}

/** A guard by its name, one without by what it does. */
function named(guard: { readonly name: string }): string {
  if (guard.name !== "") return guard.name
  const source = String(guard).replace(/\s+/g, " ")
  return source.length > 80 ? `${source.slice(0, 80)}…` : source
}
