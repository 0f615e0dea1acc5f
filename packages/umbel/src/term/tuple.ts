/**
 * Tuples: a fixed number of terms side by side.
 *
 * ```ts
 * const reply = tuple(atom("ok"), 42)   // {ok, 42}
 * const [tag, value] = reply.elements   // typed: Atom<"ok">, 42
 * ```
 *
 * A tuple is immutable. What it holds need not be, and is then copied with it when it is sent.
 */

const printedAs: unique symbol = Symbol.for("nodejs.util.inspect.custom")

/** An Erlang tuple. Made by {@link tuple} only. */
export class Tuple<Elements extends readonly unknown[] = readonly unknown[]> implements Iterable<Elements[number]> {
  declare readonly brand: "tuple"
  readonly elements: Elements
  // Private, so that two equal tuples look equal to whoever compares their properties.
  #immutable: boolean | undefined

  private constructor(elements: Elements) {
    this.elements = elements
    this.#immutable = undefined
  }

  /** Whether nothing in it can change, so that it need not be copied: undefined until somebody asked. @internal */
  get immutable(): boolean | undefined {
    return this.#immutable
  }
  set immutable(immutable: boolean | undefined) {
    this.#immutable = immutable
  }

  get length(): Elements["length"] {
    return this.elements.length
  }

  [Symbol.iterator](): Iterator<Elements[number]> {
    return this.elements[Symbol.iterator]()
  }

  /** As `console.log` prints it. @internal */
  [printedAs](_depth: number, options: object, print: (value: unknown, options: object) => string): string {
    return `{${this.elements.map((element) => print(element, options)).join(", ")}}`
  }
}

const Class = Tuple as unknown as new <Elements extends readonly unknown[]>(elements: Elements) => Tuple<Elements>

/** The tuple of these elements. */
export function tuple<const Elements extends readonly unknown[]>(...elements: Elements): Tuple<Elements> {
  return new Class(Object.freeze(elements))
}

/** The tuple over `elements`, which becomes the tuple's own: for codecs, where nobody else holds the array. @internal */
export function tupleOver<Elements extends readonly unknown[]>(elements: Elements): Tuple<Elements> {
  return new Class(elements)
}

/** Whether `value` is a tuple, of `length` elements if given. */
export function isTuple(value: unknown, length?: number): value is Tuple {
  return value instanceof Tuple && (length === undefined || value.elements.length === length)
}
