/**
 * The process behind a registry. It owns the table and the watches on who is registered; it is asked nothing, as everybody reads the table directly.
 *
 * When it ends, whoever is registered ends with it, as if linked: they would otherwise live on under names by which nobody finds them, since the registry's
 * next life begins with an empty table.
 */
import type { Creatable, Directory, Monitor, Node, Process } from "../runtime/index.ts"
import { create } from "../runtime/index.ts"
import { makeName, type Name, type NameKey } from "../term/index.ts"
import { define, type ServerDefinition } from "./gen-server.ts"
import { RegistryLocks } from "./registry-locks.ts"
import { type Entry, RegistryTable } from "./registry-table.ts"
import { Server } from "./server.ts"

/** What a registry's definition says, its types gone. @internal */
export interface RegistrySetup {
  readonly module: string
  readonly keys: "unique" | "duplicate"
  readonly listeners: readonly Name[]
  readonly meta: Readonly<Record<string, unknown>>
}

/** @internal */
export class RegistryServer extends Server implements Directory {
  readonly table: RegistryTable
  readonly locks: RegistryLocks
  readonly #setup: RegistrySetup

  constructor(node: Node, parent: Process, definition: ServerDefinition, setup: RegistrySetup) {
    super(node, parent, definition, undefined)
    this.#setup = setup
    const watch = (process: Process, onEnd: () => void): Monitor => node.signals.watch(this.pid, process.pid, onEnd)
    this.table = new RegistryTable(setup.keys === "unique", watch, (kind, entry) => this.#tell(kind, entry))
    this.locks = new RegistryLocks(watch)
    for (const [key, value] of Object.entries(setup.meta)) this.table.meta.set(key, value)
  }

  #tell(kind: "registered" | "unregistered", { key, process, value }: Entry): void {
    for (const listener of this.#setup.listeners) {
      this.node.dispatch(this.pid, listener, { kind, registry: this.#setup.module, key, pid: process.pid, value })
    }
  }

  get keys(): "unique" | "duplicate" {
    return this.#setup.keys
  }

  // ---- for via names -----------------------------------------------------------------------------------------------------
  override get directory(): Directory {
    return this
  }
  find(key: NameKey): Process | undefined {
    return this.table.holder(key.text)?.process
  }
  enter(key: NameKey, process: Process): Process | undefined {
    return this.table.enter(key.term, key.value, process)?.process
  }
  leave(key: NameKey, process: Process): void {
    for (const entry of [...this.table.under(key.text)]) if (entry.process === process) this.table.remove(entry)
  }

  override onEnd(reason: unknown): void {
    super.onEnd(reason)
    this.locks.close(this.#setup.module)
  }
  override tied(): readonly Process[] {
    return this.table.close()
  }
}

/** @internal */
export function registryDefinition(setup: RegistrySetup): ServerDefinition & Creatable {
  const { module, keys } = setup
  const definition: ServerDefinition = {
    ...define(module, {
      init(_arg, self) {
        self.register(makeName(module, undefined))
        return (self as RegistryServer).table
      },
      formatStatus: (table) => ({ keys, entries: (table as RegistryTable).size }),
    }),
    [create]: (node: Node, parent: Process) => new RegistryServer(node, parent, definition, setup),
  }
  return definition
}
