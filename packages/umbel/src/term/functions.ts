/**
 * Functions of the BEAM: data that can be kept, compared and sent back, never run here.
 *
 * ```ts
 * exported("lists", "map", 2)   // fun lists:map/2
 * ```
 */

/** `fun module:name/arity`. Made by {@link exported} only. */
export class Export {
  declare readonly brand: "export"
  readonly module: string
  readonly name: string
  /** 0 to 255. */
  readonly arity: number

  private constructor(module: string, name: string, arity: number) {
    this.module = module
    this.name = name
    this.arity = arity
  }

  get key(): string {
    return `${this.module}:${this.name}/${this.arity}`
  }
}

/** A closure of a BEAM node, kept as the bytes it came in. Only codecs make it. */
export class Fun {
  declare readonly brand: "fun"
  readonly module: string
  /** 0 to 255. */
  readonly arity: number
  /** NEW_FUN_EXT from behind its tag. @internal */
  readonly external: Uint8Array

  private constructor(module: string, arity: number, external: Uint8Array) {
    this.module = module
    this.arity = arity
    this.external = external
  }

  /** Equal for closures that came in the same bytes. */
  get key(): string {
    let text = `${this.module}/${this.arity}/`
    for (const byte of this.external) text += String.fromCharCode(byte)
    return text
  }
}

const ExportClass = Export as unknown as new (module: string, name: string, arity: number) => Export
const FunClass = Fun as unknown as new (module: string, arity: number, external: Uint8Array) => Fun

/**
 * The function of that module and name.
 * @throws RangeError unless the arity is 0 to 255: others end the virtual machine of some peers.
 */
export function exported(module: string, name: string, arity: number): Export {
  if (!Number.isInteger(arity) || arity < 0 || arity > 255) {
    throw new RangeError(`the arity of a function is 0 to 255, not ${arity}`)
  }
  return new ExportClass(module, name, arity)
}

/** For codecs, which have checked the bytes. @internal */
export const makeFun = (module: string, arity: number, external: Uint8Array): Fun =>
  new FunClass(module, arity, external)
