/**
 * What a plain object is: `{}`, `Object.create(null)`, and the `{}` of another realm (a `vm` context), but no instance of a class.
 */

/** Whether `value` is one. */
export function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === null || prototype === Object.prototype) return true
  // Another realm's Object.prototype: it has no prototype, and only such a one has this method for its own.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf")
}

/** Whether `value` is an array and of no subclass, of this realm or another. */
export function isPlainArray(value: object): value is unknown[] {
  if (!Array.isArray(value)) return false
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === Array.prototype) return true
  // The prototype of another realm's arrays is an array, and no prototype of a subclass is.
  return Array.isArray(prototype)
}

/**
 * Whether somebody added to `Object.prototype` what `for … in` would then show of every object. Asked once a term, so that the keys of its
 * objects need not be asked one by one whether they are its own.
 */
export function isPrototypePolluted(): boolean {
  for (const _ in Object.prototype) return true
  return false
}
