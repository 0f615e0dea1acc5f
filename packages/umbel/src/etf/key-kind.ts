/** What is to be minded of the key of an object that is read. */

/** Nothing. */
export const PLAIN = 0
/** It may look like an array's index, which JavaScript would move to the front. */
export const INDEX = 1
/** `__struct__`: the object stands for an instance. */
export const STRUCT = 2
/** `__proto__`: it must be defined, not set. */
export const PROTO = 3

export type KeyKind = typeof PLAIN | typeof INDEX | typeof STRUCT | typeof PROTO

const DIGIT_9 = 57

/** The kind of a key. */
export function kindOf(key: string): KeyKind {
  if (key === "__struct__") return STRUCT
  if (key === "__proto__") return PROTO
  return key.charCodeAt(0) <= DIGIT_9 ? INDEX : PLAIN
}
