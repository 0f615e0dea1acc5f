/**
 * Names of applications and of what is generated in them: what may be one, why not, and what to write instead.
 *
 * ```ts
 * checkApplicationName("Bad-Name")  // UsageError: … begins with a small letter …; try bad_name
 * casesOf("room-server")            // { kebab: "room-server", camel: "roomServer", constant: "ROOM_SERVER", snake: "room_server" }
 * ```
 */
import { isBuiltin } from "node:module"
import { UsageError } from "../usage-error.ts"

const NAME = /^[a-z][a-z0-9_]*$/
const LENGTH_MAX = 64

const OTP = "kernel stdlib elixir erlang mix iex logger ssl crypto inets sasl os_mon compiler otp".split(" ")
const OURS = "umbel umbrella observer web_observer node_modules apps test src dist all mono".split(" ")
const WORDS = new Set(
  (
    "await break case catch class const continue debugger default delete do else enum export extends false finally for function if " +
    "implements import in instanceof interface let new null package private protected public return static super switch this throw " +
    "true try typeof var void while with yield undefined arguments eval any string number boolean symbol bigint object never unknown"
  ).split(" "),
)

const snake = (text: string): string =>
  text
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")

/** @throws UsageError with the rule that is broken and a name that keeps it */
export function checkApplicationName(name: string): void {
  const better = snake(name)
  if (!NAME.test(name)) {
    throw new UsageError(
      `an application cannot be called ${JSON.stringify(name)}: a name begins with a small letter, and only small letters, digits and _ follow`,
      better === "" ? "choose another name, as in my_app" : `try ${better}`,
    )
  }
  if (name.length > LENGTH_MAX)
    throw new UsageError(`the name ${name} has ${name.length} letters`, `choose one of at most ${LENGTH_MAX}`)
  const taken = OTP.includes(name)
    ? "Erlang/OTP or Elixir has an application of that name"
    : OURS.includes(name)
      ? "Umbel uses that name itself"
      : WORDS.has(name)
        ? "it is a word of TypeScript"
        : isBuiltin(name)
          ? "Node.js has a module of that name"
          : undefined
  if (taken !== undefined) throw new UsageError(`an application cannot be called ${name}: ${taken}`, `try my_${name}`)
}

export interface Cases {
  readonly kebab: string
  readonly camel: string
  readonly constant: string
  readonly snake: string
}

/** @throws UsageError */
export function casesOf(name: string): Cases {
  const underscored = snake(name)
  const camel = underscored.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const kebab = underscored.replaceAll("_", "-")
  if (!/^[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*$/.test(name) || name.length > LENGTH_MAX) {
    throw new UsageError(
      `nothing can be called ${JSON.stringify(name)}: letters and digits, with - between words`,
      kebab === "" ? "as in room-server" : `try ${kebab}`,
    )
  }
  if (WORDS.has(camel)) throw new UsageError(`${name} is a word of TypeScript`, `try my-${kebab}`)
  return { kebab, camel, constant: underscored.toUpperCase(), snake: underscored }
}
