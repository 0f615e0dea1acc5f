/**
 * Erlang's maps in JavaScript's two forms.
 *
 * ```ts
 * json({ "any key": [1, { x: 2 }] })   // Maps all the way down: their keys are binaries to a BEAM, not atoms
 * mapOf({ a: 1 })                      // Map { atom("a") => 1 }
 * ```
 *
 * A map whose keys are all atoms is an object, any other a `Map`: so an empty one is an object, wherever it came from.
 */
import { atomValue } from "./atom-values.ts"
import { DEPTH_MAX, NotATerm, refusal, tooDeep } from "./not-a-term.ts"
import { isPlainObject } from "./plain-object.ts"

/**
 * The map as a `Map`, with atoms for the keys of an object; a `Map` as it is. For maps of which one cannot know in which form they come.
 * @throws NotATerm for anything else.
 */
export function mapOf(map: unknown): Map<unknown, unknown> {
  if (map instanceof Map) return map
  if (typeof map !== "object" || map === null || !isPlainObject(map)) throw new NotATerm("it is no map", "the argument")
  return new Map(Object.keys(map).map((key) => [atomValue(key), map[key]]))
}

/**
 * Parsed JSON, with a `Map` for each object, so that its keys are strings and no atoms are spent on them.
 * @throws NotATerm for what no JSON holds: functions, symbols, bigints, undefined, instances of classes, cycles.
 */
export function json(value: unknown): unknown {
  return jsonAt(value, 0)
}

function jsonAt(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value
    case "object":
      break
    default:
      throw refusal(value)
  }
  if (value === null) return null
  if (depth >= DEPTH_MAX) throw tooDeep()
  if (Array.isArray(value)) return value.map((each) => jsonAt(each, depth + 1))
  if (!isPlainObject(value)) throw refusal(value)
  return new Map(Object.keys(value).map((key) => [key, jsonAt(value[key], depth + 1)]))
}
