/**
 * In which order applications start: what one needs before it, otherwise as they were listed. Pure.
 *
 * ```ts
 * bootOrder([shop])   // [telemetry, shop], as shop needs telemetry
 * ```
 */

export interface Needing {
  readonly name: string
  readonly needs: readonly Needing[]
}

/** Applications need each other in a circle, so none can be first. */
export class DependencyCycle extends Error {
  override readonly name = "DependencyCycle"
  readonly cycle: readonly string[]
  constructor(cycle: readonly string[]) {
    super(`applications need each other in a circle: ${cycle.join(" needs ")}; take one of these needs away`)
    this.cycle = cycle
  }
}

/**
 * Each application once, after all it needs. Where the same name is listed and needed, the listed one counts: it may bring configuration.
 * @throws DependencyCycle
 */
export function bootOrder<A extends Needing>(listed: readonly A[]): A[] {
  const chosen = new Map(listed.map((application) => [application.name, application]))
  const order: A[] = []
  const done = new Set<string>()
  const visit = (application: A, path: readonly string[]): void => {
    const { name } = application
    if (done.has(name)) return
    if (path.includes(name)) throw new DependencyCycle([...path.slice(path.indexOf(name)), name])
    for (const needed of application.needs) visit(chosen.get(needed.name) ?? (needed as A), [...path, name])
    done.add(name)
    order.push(application)
  }
  for (const application of listed) visit(application, [])
  return order
}
