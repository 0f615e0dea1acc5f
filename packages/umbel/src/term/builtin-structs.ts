/**
 * The classes that travel as structs without being registered: `Date`, `Set` and `Error`, and names between Umbel nodes.
 *
 * ```ts
 * new Date(0)        // ~U[1970-01-01 00:00:00.000Z]
 * new Set([1, 2])    // MapSet.new([1, 2])
 * new Error("no")    // %RuntimeError{message: "no"}
 * ```
 *
 * Both directions are here, and both the local copier and the codec use them, so that a copy is what the wire would give.
 * A `%DateTime{}` keeps its instant: microseconds and the zone are lost. Years are 0 to 9999, as Elixir's calendar reads them.
 */
import { atom } from "./atom.ts"
import { atomText, atomValue, isAtomValue } from "./atom-values.ts"
import { exceptionFields, exceptionFrom } from "./exceptions.ts"
import { makeName, type Name } from "./name.ts"
import { NotATerm } from "./not-a-term.ts"
import { type Fields, moduleOf, Structs, struct } from "./structs.ts"
import { Tuple, tuple } from "./tuple.ts"

const ISO = atom("Elixir.Calendar.ISO")

const date = struct("Elixir.DateTime", Date, {
  to(value) {
    const year = value.getUTCFullYear()
    if (Number.isNaN(year)) throw new NotATerm("an invalid Date is no point in time")
    if (year < 0 || year > 9999)
      throw new NotATerm(`a Date of the year ${year} is beyond Elixir's calendar (0 to 9999)`)
    return {
      calendar: ISO,
      day: value.getUTCDate(),
      hour: value.getUTCHours(),
      microsecond: tuple(value.getUTCMilliseconds() * 1000, 3),
      minute: value.getUTCMinutes(),
      month: value.getUTCMonth() + 1,
      second: value.getUTCSeconds(),
      std_offset: 0,
      time_zone: "Etc/UTC",
      utc_offset: 0,
      year,
      zone_abbr: "UTC",
    }
  },
  from(fields) {
    if (fields["calendar"] !== ISO) return undefined
    const microsecond = fields["microsecond"]
    if (!(microsecond instanceof Tuple)) return undefined
    const year = within(fields["year"], 0, 9999)
    const month = within(fields["month"], 1, 12)
    const day = within(fields["day"], 1, 31)
    const hour = within(fields["hour"], 0, 23)
    const minute = within(fields["minute"], 0, 59)
    const second = within(fields["second"], 0, 59)
    const micro = within(microsecond.elements[0], 0, 999_999)
    const offset = within(fields["utc_offset"], -86_400, 86_400) + within(fields["std_offset"], -86_400, 86_400)
    const made = new Date(0)
    made.setUTCFullYear(year, month - 1, day)
    made.setUTCHours(hour, minute, second, Math.floor(micro / 1000))
    // The 31st of February would have become a day of March; anything missing is NaN and has made the date invalid.
    if (made.getUTCDate() !== day) return undefined
    made.setTime(made.getTime() - offset * 1000)
    return Number.isNaN(made.getTime()) || !withinYears(made) ? undefined : made
  },
})

const withinYears = (value: Date): boolean => value.getUTCFullYear() >= 0 && value.getUTCFullYear() <= 9999

const within = (value: unknown, least: number, most: number): number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most ? (value as number) : Number.NaN

const set = struct<Set<unknown>>("Elixir.MapSet", Set, {
  to(value) {
    const map = new Map<unknown, unknown>()
    for (const member of value) map.set(member, [])
    return { map, version: 2 }
  },
  from({ map }) {
    if (map instanceof Map) return new Set(map.keys())
    if (typeof map !== "object" || map === null || Object.getPrototypeOf(map) !== Object.prototype) return undefined
    return new Set(Object.keys(map).map(atomValue))
  },
})

/** `Date` and `Set`; `Error` and `Name` are known to every registry. */
const BUILT_IN = [date, set]

/** The registry that knows the built-in classes only. */
export const defaultStructs: Structs = new Structs(BUILT_IN)

/** A registry of these types and the built-in ones. @throws RangeError as the constructor does. */
export function withStructs(...types: ConstructorParameters<typeof Structs>[0]): Structs {
  return new Structs([...BUILT_IN, ...types])
}

/** The module of names, on the wire between Umbel nodes. */
const NAME = "Elixir.Umbel.Name"

/** A name as Umbel nodes write it: with a BEAM it is a tuple or an atom, and could not be told from one. @internal */
export function nameFields(name: Name): Fields {
  return {
    __struct__: atom(NAME),
    name: atomValue(name.name),
    node: name.node === undefined ? undefined : atomValue(name.node),
  }
}

/** The map that an instance travels as, or undefined when it is of no known class. @internal */
export function fieldsOf(value: object, structs: Structs): Fields | undefined {
  const type = structs.typeOf(value)
  if (type !== undefined) return { __struct__: atom(type.module), ...type.to(value) }
  return value instanceof Error ? exceptionFields(value) : undefined
}

/** What a map with a `__struct__` stands for; itself when that is unknown or does not fit. @internal */
export function revive(object: Fields, structs: Structs): unknown {
  const module = moduleOf(object)
  if (module === undefined) return object
  const type = structs.typeNamed(module)
  if (type !== undefined) return type.from(object) ?? object
  if (object["__exception__"] === true) return exceptionFrom(object)
  if (module === NAME && isAtomValue(object["name"]) && isAtomValue(object["node"])) {
    return makeName(atomText(object["name"]), object["node"] === undefined ? undefined : atomText(object["node"]))
  }
  return object
}
