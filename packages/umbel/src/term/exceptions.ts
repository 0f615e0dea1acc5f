/**
 * Errors travel as Elixir exceptions.
 *
 * ```ts
 * copy(new TypeError("no"))   // an Error named "TypeError"; to Elixir %RuntimeError{message: "no", name: "TypeError"}
 * ```
 *
 * An `Error` becomes a `RuntimeError` with the name of its class beside the message, unless that is "Error", and with those of its own
 * properties that are plain values (`code`, `errno`, …). Whatever else it holds stays behind: an error must always be deliverable, since it
 * is the reason why something ended. The stack stays too: crash reports carry it.
 *
 * An exception of another module comes back as an {@link ElixirError} with all its fields.
 */
import { atom, isAtom } from "./atom.ts"
import type { Fields } from "./structs.ts"
import { define } from "./structs.ts"
import { isWellFormed, toWellFormed } from "./well-formed.ts"

const RUNTIME_ERROR = atom("Elixir.RuntimeError")
const OWN: ReadonlySet<string> = new Set(["__struct__", "__exception__", "message", "name", "stack"])

/** An exception that an Elixir module defined. `name` is the module (`KeyError`), `fields` everything it holds. */
export class ElixirError extends Error {
  declare readonly fields: Readonly<Fields>

  constructor(fields: Fields) {
    const module = isAtom(fields["__struct__"]) ? fields["__struct__"].text : "exception"
    const name = module.startsWith("Elixir.") ? module.slice("Elixir.".length) : module
    super(typeof fields["message"] === "string" ? fields["message"] : `an exception of ${name}`)
    hide(this, "fields", fields)
    hide(this, "name", name)
    this.stack = `${name}: ${this.message}`
  }
}

/** The exception an error travels as. @internal */
export function exceptionFields(error: Error): Fields {
  if (error instanceof ElixirError) return error.fields
  const fields: Fields = { __struct__: RUNTIME_ERROR, __exception__: true, message: readable(error.message) }
  if (error.name !== "Error") fields["name"] = readable(error.name)
  for (const key of Object.keys(error)) {
    if (OWN.has(key) || key.length > 255 || !isWellFormed(key)) continue
    const value = (error as unknown as Fields)[key]
    if (isPlainValue(value)) define(fields, key, value)
  }
  return fields
}

/** The error that a map with `__exception__: true` stands for. @internal */
export function exceptionFrom(fields: Fields): Error {
  if (fields["__struct__"] !== RUNTIME_ERROR || typeof fields["message"] !== "string") return new ElixirError(fields)
  const error = new Error(fields["message"])
  const name = typeof fields["name"] === "string" ? fields["name"] : "Error"
  if (name !== "Error") hide(error, "name", name)
  // The stack of the place that read it would mislead. It is set, not defined: to define it, the engine would first write out the old one.
  error.stack = `${name}: ${error.message}`
  for (const key of Object.keys(fields)) if (!OWN.has(key)) define(error, key, fields[key])
  return error
}

const hide = (error: Error, key: string, value: unknown): void => {
  Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true })
}

const readable = (text: unknown): string => toWellFormed(typeof text === "string" ? text : String(text))

function isPlainValue(value: unknown): boolean {
  switch (typeof value) {
    case "string":
      return isWellFormed(value)
    case "number":
      return Number.isFinite(value)
    case "boolean":
    case "undefined":
      return true
    default:
      return value === null || isAtom(value)
  }
}
