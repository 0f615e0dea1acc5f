/**
 * Atoms: names that are equal when they are the same object.
 *
 * ```ts
 * const ok = atom("ok")
 * ok === atom("ok")   // true, in every copy of this library
 * ok.text             // "ok"
 * ```
 *
 * Four atoms have a JavaScript value of their own and are written as that: `true`, `false`, `null` (Elixir's `nil`) and
 * `undefined`. `atom` refuses their names, so that no term can be written in two ways.
 *
 * The table of atoms is the only state the library keeps at module level. It hangs on `globalThis`, so two copies of
 * the library (a bundled one and an installed one, say) share it. It only grows, as on the BEAM: text that
 * comes from outside belongs in strings. Decoders bound how many new atoms a peer may bring.
 */

const printedAs: unique symbol = Symbol.for("nodejs.util.inspect.custom")

/** An interned atom: `atom("ok") === atom("ok")`. Made by {@link atom} only. */
export class Atom<Text extends string = string> {
  declare readonly brand: "atom"
  /** The atom's name, at most 255 code points. */
  readonly text: Text
  /** Its external form, packed and kept by the codec once it was needed. @internal */
  encoded: Int32Array | undefined

  private constructor(text: Text) {
    this.text = text
    this.encoded = undefined
  }

  toString(): string {
    return this.text
  }
  /** As `console.log` prints it. @internal */
  [printedAs](): string {
    return /^[A-Za-z_][\w@]*[?!]?$/.test(this.text) ? `:${this.text}` : `:${JSON.stringify(this.text)}`
  }
}

const key = Symbol.for("umbel.atoms/1")
type Interned = { readonly Atom: typeof Atom; readonly table: Map<string, Atom>; readonly slots: unknown[] }
const shared = globalThis as unknown as Record<symbol, Interned | undefined>
const interned: Interned = (shared[key] ??= { Atom, table: new Map(), slots: new Array(4096).fill(undefined) })

/**
 * The codec's way from an atom's bytes to its text, part of the table: slots by hash, each overwritten by the next atom
 * of that hash, so that it holds no more than it has slots. @internal
 */
export const atomSlots: unknown[] = interned.slots

/** How many atoms there are. */
export const atomCount = (): number => interned.table.size

/** The atoms that are JavaScript values, and how they are written. */
const VALUES: ReadonlyMap<string, string> = new Map([
  ["true", "true"],
  ["false", "false"],
  ["nil", "null"],
  ["undefined", "undefined"],
])

/** Erlang's limit, in characters (`MAX_ATOM_CHARACTERS`). */
export const ATOM_CHARACTERS_MAX = 255

/**
 * The atom of that name.
 * @throws RangeError when the text is longer than 255 characters or holds a lone surrogate, which no peer could read; or is
 *   one of the four that JavaScript has a value for.
 */
export function atom<const Text extends string>(text: Text): Atom<Text> {
  const known = interned.table.get(text)
  if (known !== undefined) return known as Atom<Text>
  return intern(text)
}

/** Whether `value` is an atom, of whichever copy of the library. */
export function isAtom(value: unknown): value is Atom {
  return value instanceof interned.Atom
}

/** The atom of that name if anything has made it yet. For decoders that count new ones. */
export function existingAtom(text: string): Atom | undefined {
  return interned.table.get(text)
}

function intern<Text extends string>(text: Text): Atom<Text> {
  const value = VALUES.get(text)
  if (value !== undefined) throw new RangeError(`the atom ${text} is written ${value} here, not atom("${text}")`)
  if (text.length > ATOM_CHARACTERS_MAX && [...text].length > ATOM_CHARACTERS_MAX) {
    throw new RangeError(
      `an atom has at most ${ATOM_CHARACTERS_MAX} characters, this one ${[...text].length}: ${text.slice(0, 40)}…`,
    )
  }
  if (/[\ud800-\udfff]/.test(text) && !wellFormed(text))
    throw new RangeError(`no atom holds a lone surrogate: ${JSON.stringify(text)}`)
  const Class = interned.Atom as unknown as new (text: Text) => Atom<Text>
  const made = new Class(text)
  interned.table.set(text, made)
  return made
}

function wellFormed(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code >= 0xd800 && code <= 0xdfff) return false
  }
  return true
}
