/**
 * Registered names of one node. A name has one owner; a process bears at most one.
 */
import { NameTaken } from "./exits.ts"
import type { Process } from "./process.ts"

export class Names {
  readonly #processes = new Map<string, Process>()

  get(name: string): Process | undefined {
    return this.#processes.get(name)
  }

  /** @throws NameTaken when another process bears it; TypeError when this one has a name already, or for the word undefined. */
  register(name: string, process: Process): void {
    if (name === "undefined" || name === "") throw new TypeError(`${JSON.stringify(name)} cannot be a registered name`)
    const holder = this.#processes.get(name)
    if (holder === process) return
    if (holder !== undefined) throw new NameTaken(name, holder.pid)
    if (process.registeredName !== undefined) {
      throw new TypeError(`process ${process.pid} is already registered as ${process.registeredName}`)
    }
    this.#processes.set(name, process)
    process.registeredName = name
  }

  unregister(name: string, process: Process): void {
    if (this.#processes.get(name) !== process) return
    this.#processes.delete(name)
    process.registeredName = undefined
  }

  all(): IterableIterator<[string, Process]> {
    return this.#processes.entries()
  }
}
