/**
 * Structs: instances of a class that travel as Elixir structs, maps with a `__struct__` key.
 *
 * ```ts
 * class User { constructor(readonly name: string) {} }
 * const structs = new Structs([struct("Elixir.My.User", User)])
 * decode(encode(new User("Ann"), "umbel", { structs }), { structs })   // a User again
 * ```
 *
 * Without a registration an instance is refused where it is sent, and a struct that arrives stays a plain object whose
 * `__struct__` is an atom. A registry is a value: nothing changes it, and nodes may have different ones.
 */
import { atom, isAtom } from "./atom.ts"

/** The fields of a struct by name. */
export type Fields = Record<string, unknown>

/** How one class travels. Made by {@link struct}. */
export interface StructType<T extends object = object> {
  /** The module, `Elixir.My.User`. */
  readonly module: string
  readonly class: abstract new (...args: never[]) => T
  /** The fields to send, without `__struct__`. */
  to(value: T): Fields
  /** The instance of these fields, or undefined when they do not fit: the struct then stays a plain object. */
  from(fields: Fields): T | undefined
}

/** A type of whichever class. */
export type AnyStructType = Omit<StructType, "to"> & { to(value: never): Fields }

/**
 * Says that instances of `Class` travel as structs of `module`. By default with their own enumerable properties, and without a run of
 * the constructor on the way back; `convert` replaces that, and is the place for checks.
 * @throws RangeError when `module` can be no module's name.
 */
export function struct<T extends object>(
  module: string,
  Class: abstract new (...args: never[]) => T,
  convert?: { to(value: T): Fields; from(fields: Fields): T | undefined },
): StructType<T> {
  atom(module)
  return {
    module,
    class: Class,
    to: convert?.to ?? ((value) => ({ ...value }) as Fields),
    from:
      convert?.from ??
      ((fields) => {
        const made = Object.create(Class.prototype as object) as T
        for (const key of Object.keys(fields)) if (key !== "__struct__") define(made, key, fields[key])
        return made
      }),
  }
}

/** Which classes travel as which structs. */
export class Structs {
  private readonly byPrototype: ReadonlyMap<object, StructType>
  private readonly byModule: ReadonlyMap<string, StructType>

  /** @throws RangeError when two of them share a module or a class. */
  constructor(types: readonly AnyStructType[]) {
    const byPrototype = new Map<object, StructType>()
    const byModule = new Map<string, StructType>()
    for (const type of types as readonly StructType[]) {
      const prototype = type.class.prototype as object
      if (byModule.has(type.module)) throw new RangeError(`two classes are registered for the struct ${type.module}`)
      if (byPrototype.has(prototype))
        throw new RangeError(`the class of ${type.module} is registered for another struct`)
      byPrototype.set(prototype, type)
      byModule.set(type.module, type)
    }
    this.byPrototype = byPrototype
    this.byModule = byModule
  }

  /** The type of an instance, by its prototype: a subclass is another class. */
  typeOf(value: object): StructType | undefined {
    const prototype = Object.getPrototypeOf(value) as object | null
    return prototype === null ? undefined : this.byPrototype.get(prototype)
  }

  /** The type of that module. */
  typeNamed(module: string): StructType | undefined {
    return this.byModule.get(module)
  }
}

/** Sets an own property, whatever its name: `__proto__` is data. @internal */
export function define(object: object, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  } else {
    ;(object as Fields)[key] = value
  }
}

/** The module a plain object says it is a struct of. @internal */
export function moduleOf(object: Fields): string | undefined {
  const module = Object.hasOwn(object, "__struct__") ? object["__struct__"] : undefined
  return isAtom(module) ? module.text : undefined
}
