/**
 * What cannot be sent, and where in a message it sits.
 *
 * ```ts
 * copy([1, 2, { socket: () => {} }])
 * // NotATerm: message[2].socket cannot be sent: a function is no term; hand it over with local(…)
 * ```
 *
 * The path is put together while the error travels up, so that finding no error costs nothing.
 */

import { ATOM_CHARACTERS_MAX } from "./atom.ts"
import { isWellFormed } from "./well-formed.ts"

/** One step from a term to a part of it. */
export type Step =
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "entry"; readonly key: unknown }
  | { readonly kind: "member"; readonly name: string }

/** Longer paths show their beginning and their end. */
const STEPS_SHOWN = 12

/** Thrown where something is sent that is no term. `path` names the culprit, `reason` says what is wrong with it. */
export class NotATerm extends Error {
  override readonly name = "NotATerm"
  /** A sentence's end: "a function is no term; …". */
  readonly reason: string
  private steps: Step[]
  private root: string

  constructor(reason: string, root = "message") {
    super(reason)
    this.reason = reason
    this.root = root
    this.steps = []
    this.message = this.describe()
  }

  /** Where the culprit is, as one would write it: `message[2].socket`. */
  get path(): string {
    const shown = this.steps.toReversed().map(write)
    if (shown.length > STEPS_SHOWN) shown.splice(STEPS_SHOWN - 4, shown.length - STEPS_SHOWN, "…")
    return this.root + shown.join("")
  }

  /** Adds a step at the front of the path. For those that walk a term, on the way up. @internal */
  within(step: Step): this {
    this.steps.push(step)
    return this
  }

  /** Ends the way up: the path is complete and the message is written. @internal */
  complete(root: string | undefined): this {
    if (root !== undefined) this.root = root
    this.message = this.describe()
    return this
  }

  private describe(): string {
    return `${this.path} cannot be sent: ${this.reason}`
  }
}

function write(step: Step): string {
  switch (step.kind) {
    case "index":
      return `[${step.index}]`
    case "key":
      return /^[A-Za-z_$][\w$]*$/.test(step.key) && step.key.length <= 60 ? `.${step.key}` : `[${quote(step.key)}]`
    case "entry":
      return `.get(${describeKey(step.key)})`
    case "member":
      return `.${step.name}`
  }
}

const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

function describeKey(key: unknown): string {
  if (typeof key === "string") return quote(key)
  if (typeof key === "object" && key !== null) {
    return "text" in key && typeof key.text === "string" ? `atom(${quote(key.text)})` : "…"
  }
  return String(key).slice(0, 60)
}

/** What to say of a value that is no term. */
export function refusal(value: unknown): NotATerm {
  return new NotATerm(reasonAgainst(value))
}

function reasonAgainst(value: unknown): string {
  switch (typeof value) {
    case "function":
      return "a function is no term; hand it over with local(…)"
    case "symbol":
      return "a symbol is no term"
    case "number":
      return `${value} is no Erlang number`
    case "object": {
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
        return `of binary data only a Uint8Array is a term, no ${className(value)}`
      }
      return `an instance of ${className(value)} is no term; send its data, register its class with struct(…), or hand it over with local(…)`
    }
    default:
      return `a ${typeof value} is no term`
  }
}

function className(value: object | null): string {
  const prototype =
    value === null ? null : (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)
  const name = prototype?.constructor?.name
  return typeof name === "string" && name !== "" ? name.slice(0, 60) : "an anonymous class"
}

/** Why a string is refused that no peer could read. */
export const loneSurrogate = (): NotATerm =>
  new NotATerm("a string with a lone surrogate has no UTF-8; send its bytes, or text.toWellFormed()")

/** How deep terms may be nested, here and in what is read: deeper ones, and cycles, are refused. */
export const DEPTH_MAX = 1000

export const tooDeep = (): NotATerm => new NotATerm(`it contains itself, or is nested deeper than ${DEPTH_MAX} levels`)

export const hole = (): NotATerm => new NotATerm("an array with a hole is no list; put undefined or null in its place")

export const equalKeys = (): NotATerm =>
  new NotATerm("two of its keys are equal as terms, and an Erlang map has each key once")

/** Integers of more bytes are neither sent nor read: 64 KiB are 157,000 digits. */
export const INTEGER_BYTES_MAX = 64 * 1024

export const tooLongInteger = (): NotATerm =>
  new NotATerm(`an integer of more than ${INTEGER_BYTES_MAX} bytes is refused`)

/** Why a name is refused that cannot be an atom, or undefined: the keys of plain objects are atoms. */
export function atomObjection(text: string): NotATerm | undefined {
  if (!isWellFormed(text)) return new NotATerm("a name with a lone surrogate has no UTF-8")
  if (text.length > ATOM_CHARACTERS_MAX && [...text].length > ATOM_CHARACTERS_MAX) {
    return new NotATerm(
      `its name has more than ${ATOM_CHARACTERS_MAX} characters, and the keys of an object are atoms; use a Map (see json)`,
    )
  }
  return undefined
}

/**
 * A term that is sent holds at most so many compound parts, each counted as often as it is met: sixty arrays, each of which holds the next one
 * twice, would be a term that never ends.
 */
export const PARTS_MAX = 4_000_000

export const tooManyParts = (): NotATerm => new NotATerm("with it the message has more parts than are allowed")
