/** The mark of what {@link share} froze: a hidden property, so that no table of shared terms is needed. */
const mark = Symbol.for("umbel.shared/1")

/** Whether `term` was frozen by `share`, with all it holds. The caller has seen that it is a plain object or an array. @internal */
export function isShared(term: object): boolean {
  return (term as { [mark]?: unknown })[mark] === true
}

/** Freezes and marks an object whose parts are all immutable. @internal */
export function markShared(term: object): void {
  Object.defineProperty(term, mark, { value: true })
  Object.freeze(term)
}
