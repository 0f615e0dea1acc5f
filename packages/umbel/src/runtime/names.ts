/**
 * Registered names of one node. A name has one owner; a process bears at most one.
 *
 * Via names are asked of the process that bears their first part: it keeps a {@link Directory} of its own, in which a process may have many keys.
 */
import { Name, type NameKey, type Pid, type Ref, type Target } from "../term/index.ts"
import { NameTaken } from "./exits.ts"
import type { Process } from "./process.ts"

/** What a process knows others by, for via names. */
export interface Directory {
  find(key: NameKey): Process | undefined
  /** Enters the process; gives the one that has the key, when it is taken. @throws TypeError when nobody can be entered here */
  enter(key: NameKey, process: Process): Process | undefined
  /** The process of that key when it lives on another node. */
  far?(key: NameKey): Pid | undefined
  /** As `enter`, where others are to be asked: the process enters in its first turn. */
  enterLater?(key: NameKey, process: Process): Promise<Pid | undefined>
  /** Takes the process out, if it is the one under that key. */
  leave(key: NameKey, process: Process): void
}

export class Names {
  readonly #processes = new Map<string, Process>()

  get(name: string): Process | undefined {
    return this.#processes.get(name)
  }

  get size(): number {
    return this.#processes.size
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

  /** The process of another node that a via name means, of a directory that knows such. */
  far(name: Target | Ref): Pid | undefined {
    if (!(name instanceof Name) || name.key === undefined) return undefined
    return this.#processes.get(name.name)?.directory?.far?.(name.key)
  }

  /** Registers under a plain or a via name. @throws as {@link register}; TypeError when there is no such registry */
  claim(name: Name, process: Process): void {
    if (name.key === undefined) return this.register(name.name, process)
    const directory = this.#processes.get(name.name)?.directory
    if (directory === undefined) throw new TypeError(`${name}: no registry ${name.name} runs on this node`)
    const { key } = name
    if (directory.enterLater !== undefined && !process.begun) {
      process.cold.entering = () => directory.enterLater!(key, process)
    } else {
      const holder = directory.enter(key, process)
      if (holder !== undefined) throw new NameTaken(String(name), holder.pid)
    }
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
