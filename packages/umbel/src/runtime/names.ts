/**
 * Registered names of one node. A name has one owner; a process bears at most one.
 *
 * Via names are asked of the process that bears their first part: it keeps a {@link Directory} of its own, in which a process may have many keys.
 */
import type { Name, NameKey } from "../term/index.ts"
import { NameTaken } from "./exits.ts"
import type { Process } from "./process.ts"

/** What a process knows others by, for via names. */
export interface Directory {
  find(key: NameKey): Process | undefined
  /** Enters the process; gives the one that has the key, when it is taken. @throws TypeError when nobody can be entered here */
  enter(key: NameKey, process: Process): Process | undefined
  /** Takes the process out, if it is the one under that key. */
  leave(key: NameKey, process: Process): void
}

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

  /** The process of a plain or a via name. */
  find(name: Name): Process | undefined {
    const process = this.#processes.get(name.name)
    return name.key === undefined ? process : process?.directory?.find(name.key)
  }

  /** Registers under a plain or a via name. @throws as {@link register}; TypeError when there is no such registry */
  claim(name: Name, process: Process): void {
    if (name.key === undefined) return this.register(name.name, process)
    const directory = this.#processes.get(name.name)?.directory
    if (directory === undefined) throw new TypeError(`${name}: no registry ${name.name} runs on this node`)
    const holder = directory.enter(name.key, process)
    if (holder !== undefined) throw new NameTaken(String(name), holder.pid)
    process.cold.label ??= String(name)
  }

  release(name: Name, process: Process): void {
    if (name.key === undefined) return this.unregister(name.name, process)
    this.#processes.get(name.name)?.directory?.leave(name.key, process)
  }

  all(): IterableIterator<[string, Process]> {
    return this.#processes.entries()
  }
}
