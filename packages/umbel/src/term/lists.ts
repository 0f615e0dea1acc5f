/**
 * Lists that are no plain arrays: text as a list of its characters, and lists whose tail is no list.
 *
 * ```ts
 * charlist("abc")            // [97, 98, 99], Erlang's "abc"
 * improper([1, 2], "rest")   // [1, 2 | <<"rest">>]
 * ```
 */

/** `[a, b | tail]`, where the tail is no list. Made by {@link improper} only. */
export class ImproperList<Element = unknown, Tail = unknown> {
  declare readonly brand: "improper list"
  /** At least one. */
  readonly elements: readonly Element[]
  readonly tail: Tail

  private constructor(elements: readonly Element[], tail: Tail) {
    this.elements = elements
    this.tail = tail
  }
}

const Class = ImproperList as unknown as new <E, T>(elements: readonly E[], tail: T) => ImproperList<E, T>

/**
 * The list of these elements that ends in `tail`.
 * @throws RangeError when there is no element or the tail is a list: that is a term with a plainer form.
 */
export function improper<Element, Tail>(elements: readonly Element[], tail: Tail): ImproperList<Element, Tail> {
  if (elements.length === 0) throw new RangeError("an improper list has at least one element before its tail")
  if (Array.isArray(tail) || tail instanceof ImproperList) {
    throw new RangeError("the tail of an improper list is no list; a list that ends in a list is one list")
  }
  return new Class(Object.freeze([...elements]), tail)
}

/** The improper list over `elements`, which it then owns. For codecs, which have checked both. @internal */
export const improperOver = <E, T>(elements: readonly E[], tail: T): ImproperList<E, T> => new Class(elements, tail)

/** The code points of `text`, as Erlang writes strings. */
export function charlist(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!)
}
