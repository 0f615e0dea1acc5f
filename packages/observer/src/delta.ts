/**
 * What has changed between two values of JSON, and the change done: `apply(before, diff(before, after))` equals `after`.
 *
 * ```ts
 * diff({ up: 1, rows: [{ key: "a", n: 1 }, { key: "b", n: 2 }] }, { up: 2, rows: [{ key: "b", n: 2 }] })
 * // [1, { up: [0, 2], rows: [2, [1], []] }, []]
 * ```
 *
 * Lists whose items are objects with a `key` of their own are compared by it, so that a row that moves is not sent again. What has not changed is the very
 * same object afterwards. Both sides import this file, so it depends on nothing.
 */

/** `null`: no change. Else an operation and what it needs. */
export type Delta = null | Replace | Fields | Rows | Items
/** The whole value anew. */
type Replace = readonly [0, unknown]
/** An object: the changes of its fields, and the names of those that went. */
type Fields = readonly [1, Readonly<Record<string, Delta>>, readonly string[]]
/**
 * A list by keys: the items in their new order, each as its place in the old list, or `[item]` for a new one (null when nothing came, went or moved); and
 * changes by place in the new list.
 */
type Rows = readonly [2, readonly (number | readonly [unknown])[] | null, readonly (readonly [number, Delta])[]]
/** A list by places: how many of the old items stay, the changes among them, and what follows. */
type Items = readonly [3, number, readonly (readonly [number, Delta])[], readonly unknown[]]

type Loose = Readonly<Record<string, unknown>>

export function diff(before: unknown, after: unknown): Delta {
  if (Object.is(before, after)) return null
  if (Array.isArray(before) && Array.isArray(after)) return listDiff(before, after)
  if (isObject(before) && isObject(after)) return fieldsDiff(before, after)
  return [0, after]
}

function fieldsDiff(before: Loose, after: Loose): Delta {
  const changes: [string, Delta][] = []
  for (const [name, value] of Object.entries(after)) {
    const change: Delta = Object.hasOwn(before, name) ? diff(before[name], value) : [0, value]
    if (change !== null) changes.push([name, change])
  }
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name))
  // `fromEntries`, here and below, since it makes a field of any name, `__proto__` too.
  return changes.length === 0 && gone.length === 0 ? null : [1, Object.fromEntries(changes), gone]
}

function listDiff(before: readonly unknown[], after: readonly unknown[]): Delta {
  const old = placesByKey(before)
  if (old !== undefined && placesByKey(after) !== undefined && before.length > 0) return rowsDiff(before, old, after)
  const kept = Math.min(before.length, after.length)
  const changes: [number, Delta][] = []
  for (let place = 0; place < kept; place++) {
    const change = diff(before[place], after[place])
    if (change !== null) changes.push([place, change])
  }
  return changes.length === 0 && before.length === after.length ? null : [3, kept, changes, after.slice(kept)]
}

function rowsDiff(before: readonly unknown[], old: ReadonlyMap<string, number>, after: readonly unknown[]): Delta {
  const order: (number | readonly [unknown])[] = []
  const changes: [number, Delta][] = []
  let moved = before.length !== after.length
  for (const [place, item] of after.entries()) {
    const was = old.get((item as { key: string }).key)
    moved ||= was !== place
    order.push(was ?? [item])
    const change = was === undefined ? null : diff(before[was], item)
    if (change !== null) changes.push([place, change])
  }
  return moved || changes.length > 0 ? [2, moved ? order : null, changes] : null
}

/** Where each key stands; undefined unless every item is an object with a key that no other has. */
function placesByKey(list: readonly unknown[]): ReadonlyMap<string, number> | undefined {
  const places = new Map<string, number>()
  for (const [place, item] of list.entries()) {
    if (!isObject(item) || typeof item["key"] !== "string" || places.has(item["key"])) return undefined
    places.set(item["key"], place)
  }
  return places
}

/** @throws TypeError when the change is not one of this value: something was lost, and all must be sent anew */
export function apply(before: unknown, delta: Delta): unknown {
  if (delta === null) return before
  switch (delta[0]) {
    case 0:
      return delta[1]
    case 1:
      return fieldsApplied(object(before), delta)
    case 2: {
      const list = array(before)
      const [, order, changes] = delta
      const next =
        order === null ? [...list] : order.map((item) => (typeof item === "number" ? at(list, item) : item[0]))
      for (const [place, change] of changes) next[place] = apply(at(next, place), change)
      return next
    }
    case 3: {
      const [, kept, changes, more] = delta
      const next = array(before).slice(0, kept)
      for (const [place, change] of changes) next[place] = apply(at(next, place), change)
      return [...next, ...more]
    }
  }
}

function fieldsApplied(before: Loose, [, changes, gone]: Fields): unknown {
  const without = new Set(gone)
  const left = Object.entries(before).filter(([name]) => !without.has(name))
  const next = new Map<string, unknown>(left)
  for (const [name, change] of Object.entries(changes)) next.set(name, apply(next.get(name), change))
  return Object.fromEntries(next)
}

const isObject = (value: unknown): value is Loose =>
  typeof value === "object" && value !== null && !Array.isArray(value)
function object(value: unknown): Loose {
  if (!isObject(value)) throw new TypeError("a change of fields, and no object to change")
  return value
}
function array(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError("a change of a list, and no list to change")
  return value
}
function at(list: readonly unknown[], place: number): unknown {
  if (place >= list.length) throw new TypeError(`a change of item ${place}, and only ${list.length} items`)
  return list[place]
}
