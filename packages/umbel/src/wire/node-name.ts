/**
 * Node names: `name@host`, the address of a node.
 *
 * ```ts
 * nodeName("back@10.0.0.7")   // { full: "back@10.0.0.7", name: "back", host: "10.0.0.7", long: true }
 * nodeName("back")            // throws RangeError, as there is no host
 * ```
 *
 * A handshake carries names as Latin-1 bytes, epmd carries the part before the `@` as UTF-8, terms carry the whole as an
 * atom. So a name is what all three can hold.
 */

/** A node name and its parts. */
export interface NodeName {
  readonly full: string
  /** The part before the `@`: what epmd knows the node by. */
  readonly name: string
  readonly host: string
  /** Whether the host is a full one (it has a dot or a colon). Erlang nodes with long and with short names refuse each other. */
  readonly long: boolean
}

/** Longest name, in characters: it is an atom. */
export const NODE_NAME_CHARACTERS_MAX = 255

/** Visible Latin-1 characters, exactly one `@`, something on either side of it. */
const PATTERN = /^([!-?A-~\u00a1-\u00ff]+)@([!-?A-~\u00a1-\u00ff]+)$/

/** The parts of a node name; undefined where it is none. For names that come from outside. */
export function parseNodeName(text: string): NodeName | undefined {
  if (text.length > NODE_NAME_CHARACTERS_MAX) return undefined
  const parts = PATTERN.exec(text)
  if (parts === null) return undefined
  const name = parts[1]!
  const host = parts[2]!
  return { full: text, name, host, long: host.includes(".") || host.includes(":") }
}

/**
 * The parts of a node name.
 * @throws RangeError saying what is wrong with it. For names that come from our own side.
 */
export function nodeName(text: string): NodeName {
  const parsed = parseNodeName(text)
  if (parsed !== undefined) return parsed
  throw new RangeError(
    `${JSON.stringify(text)} is no node name: expected name@host, of visible Latin-1 characters, at most 255`,
  )
}

/** The bytes of a text of which every character is Latin-1. @throws RangeError naming what the text is. */
export function latin1Bytes(text: string, what: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 255) throw new RangeError(`${what} may hold Latin-1 characters only, not ${JSON.stringify(text[i])}`)
    bytes[i] = code
  }
  return bytes
}

/** The text of Latin-1 bytes: one character for each. */
export function latin1Text(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  let text = ""
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!)
  return text
}
