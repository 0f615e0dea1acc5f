/**
 * One generation of an application's code: its script, run. When the next one takes over and nothing of this one is at work any more, it is collected.
 *
 * ```ts
 * const generation = await Generation.run(bundle, file, (other) => views.of(other))
 * generation.exportsOf("/abc/apps/b/src/index.ts")      // { B: … }
 * generation.definitions                                // the servers, supervisors, machines that it defines
 * ```
 */
import { mkdir, writeFile } from "node:fs/promises"
import Module from "node:module"
import { dirname } from "node:path"
import type { Api, Definition } from "umbel"
import { create } from "umbel/runtime"
import { type Bundle, OTHER } from "./bundle.ts"

export type Exports = Readonly<Record<string, unknown>>
/** @internal */
export type AnyDefinition = Definition<never, Api>

export class Generation {
  readonly #modules: ReadonlyMap<string, Exports>

  private constructor(modules: ReadonlyMap<string, Exports>) {
    this.#modules = modules
  }

  /**
   * `file` is where the script pretends to lie: beside it goes its source map, and stacks show the lines of the sources. What is outside is imported first, as
   * Node.js imports it, so that there is one copy of each package. Rejects with whatever the application's modules throw while they load.
   */
  static async run(bundle: Bundle, file: string, other: (file: string) => Exports): Promise<Generation> {
    const outside = new Map<string, Exports>()
    await Promise.all(
      bundle.packages.map(async (address) => void outside.set(address, (await import(address)) as Exports)),
    )
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.map`, bundle.map)
    const require = (address: string): Exports => {
      if (address.startsWith(OTHER)) return other(address.slice(OTHER.length))
      const found = outside.get(address)
      if (found === undefined) throw new Error(`only constant import()s work under umbel dev, not that of ${address}`)
      return found
    }
    const exports = run(bundle.code, file, require)
    return new Generation(new Map([...bundle.modules].map(([path, name]) => [path, exports[name]!])))
  }

  exportsOf(file: string): Exports | undefined {
    return this.#modules.get(file)
  }

  /** What its modules export and can be started. */
  get definitions(): ReadonlySet<AnyDefinition> {
    const found = new Set<AnyDefinition>()
    for (const exports of this.#modules.values()) {
      for (const value of Object.values(exports)) if (isDefinition(value)) found.add(value)
    }
    return found
  }
}

/**
 * As a CommonJS module that nothing keeps: Node.js maps the stacks of those, which it does not do for other scripts, and V8 keeps no copy of their
 * text, as it does of those for a while.
 */
function run(code: string, file: string, require: (address: string) => Exports): Readonly<Record<string, Exports>> {
  const module = new Module(file) as Module & { _compile(text: string, file: string): void }
  module._compile(`module.exports = (module, exports, require) => {${code}\n}\n//# sourceMappingURL=${file}.map`, file)
  const body = module.exports as (module: object, exports: object, require: (address: string) => Exports) => void
  const made = { exports: {} as Record<string, Exports> }
  body(made, made.exports, require)
  return made.exports
}

const isDefinition = (value: unknown): value is AnyDefinition =>
  typeof value === "object" && value !== null && create in value

/** What others see of a module: always the current generation's exports, looked up at each use. */
export function view(current: () => Exports): Exports {
  return new Proxy(Object.create(null) as Exports, {
    get: (_, key) => current()[key as string],
    has: (_, key) => key in current(),
    ownKeys: () => Reflect.ownKeys(current()),
    getOwnPropertyDescriptor(_, key) {
      const exports = current()
      return key in exports
        ? { value: exports[key as string], enumerable: true, configurable: true, writable: true }
        : undefined
    },
  })
}
