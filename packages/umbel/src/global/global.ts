/**
 * Names and locks of the whole cluster, Erlang's `global`: a name has one process on all nodes, a lock one holder.
 *
 * ```ts
 * await Global.register(self, atom("leader"))                       // true, or false when another has it
 * await self.call(global<typeof leader>("leader")).status()         // wherever it runs
 * child(leader, { name: global<typeof leader>("leader") })          // registers as it starts, on one node of all
 *
 * const total = await Global.trans(self, "accounts", async () => move(10))   // nobody else in the cluster is at it
 * ```
 *
 * The names are those of Erlang and Elixir nodes as well: `global:whereis_name(leader)`, `{:global, :leader}`. A name is any term, and there a string is a binary: what
 * Erlang knows as `leader` is `atom("leader")` here, which is what `global("leader")` means too.
 *
 * Reading is local and asks nobody. A change is made on all nodes under a lock, so it waits for the slowest, and for a silent node until it is given up. It needs a visible node:
 * a hidden one has no part in it. When two partitions meet that both have a name, a {@link Resolver} decides. Names go with their processes and nodes.
 */
import type { ApiFor, GenServer } from "../otp/index.ts"
import { type Api, Node, Process, type ProcessCapability } from "../runtime/index.ts"
import {
  atom,
  copy,
  defaultStructs,
  inspect,
  isAtom,
  keyText,
  makeViaName,
  type Name,
  type NameKey,
  type Pid,
  tuple,
} from "../term/index.ts"
import { deleteLock, type LockId, setLock } from "./locking.ts"
import { GLOBAL, type NameServer, nameServerOf } from "./name-server.ts"
import { NAME_SERVER } from "./protocol.ts"
import type { NameChange } from "./registrar.ts"
import { changeTerm } from "./requests.ts"
import { type Resolver, randomExitName } from "./resolvers.ts"

/** This node takes no part in `global`. */
export class NoGlobal extends Error {
  override readonly name = "NoGlobal"
  constructor(node: string) {
    super(`${node} has no global names and locks: it is hidden, or alone; boot it with a cookie and without \`hidden\``)
  }
}

/** The lock could not be had within the retries. */
export class Aborted extends Error {
  override readonly name = "Aborted"
  constructor(resource: unknown, retries: number) {
    super(`the lock on ${inspect(resource, { limit: 8, text: 80, size: 160 })} was another's, ${retries + 1} times`)
  }
}

type Self = ProcessCapability | Node

export interface RegisterOptions {
  /** `self` unless told; may be of another node. */
  readonly pid?: Pid | undefined
  /** Who decides when two partitions meet that both have the name; {@link randomExitName} unless told. */
  readonly resolve?: Resolver | undefined
}

export interface LockOptions {
  /** Who share the lock: `self` unless told; `trans` asks for each call in a name of its own. Any term. */
  readonly requester?: unknown
  /** This one and all visible ones unless told. */
  readonly nodes?: readonly string[] | undefined
  /** How often it is tried again when it is another's: for ever unless told. */
  readonly retries?: number | undefined
}

/** Each function but those that only read throws {@link NoGlobal} on a node without `global`. */
export interface GlobalFunctions {
  /** Whether the name is the process's now, on all nodes. Not when another has it, nor when the process has a global name already. */
  register(self: Self, name: unknown, options?: RegisterOptions): Promise<boolean>
  /** As `register`, but takes the name from whoever has it. */
  reRegister(self: Self, name: unknown, options?: RegisterOptions): Promise<void>
  unregister(self: Self, name: unknown): Promise<void>
  /** The process of that name, wherever it runs. Asks nobody. */
  whereis(self: Self, name: unknown): Pid | undefined
  /** All names. Asks nobody. */
  names(self: Self): readonly unknown[]
  /** Whether the lock on `resource` is the requester's now, on all nodes. It is given back by `delLock`, or by the end of the process. */
  setLock(self: Self, resource: unknown, options?: LockOptions): Promise<boolean>
  delLock(self: Self, resource: unknown, options?: Pick<LockOptions, "requester" | "nodes">): Promise<void>
  /** Runs `work` while nobody else in the cluster holds the lock on `resource`, and gives its outcome. @throws Aborted */
  trans<T>(self: Self, resource: unknown, work: () => T | Promise<T>, options?: LockOptions): Promise<T>
  /** Resolves once this node shares the names of those nodes, of all visible ones unless told; a node that goes is not waited for. */
  sync(self: Self, nodes?: readonly string[]): Promise<void>
  /** Leaves all visible nodes, none of which loses another by it. Those that were left. */
  disconnect(self: Self): Promise<readonly string[]>
}

const nodeOf = (self: Self): Node => (self instanceof Node ? self : processOf(self).node)

function processOf(self: Self): Process {
  if (self instanceof Process) return self
  if (self instanceof Node) return self.root
  throw new TypeError("expected a node or the `self` of a process")
}

function serverOf(self: Self): NameServer {
  const node = nodeOf(self)
  const server = nameServerOf(node)
  if (server === undefined) throw new NoGlobal(node.name)
  return server
}

const FOREVER = { timeout: "infinity" } as const

async function change(self: Self, wanted: NameChange): Promise<boolean> {
  serverOf(self)
  return (await processOf(self).ask(GLOBAL, changeTerm(wanted), FOREVER)) === true
}

function owner(
  self: Self,
  options: RegisterOptions | undefined,
): Pick<NameChange & { kind: "register" }, "pid" | "method"> {
  const process = processOf(self)
  const pid = options?.pid ?? process.pid
  if (options?.pid === undefined && process === process.node.root) {
    throw new TypeError("code outside processes has nothing to register; say which process: { pid }")
  }
  return { pid, method: options?.resolve ?? randomExitName }
}

/** All visible nodes and this one, now. */
function everywhere(self: Self): readonly string[] {
  const { node } = serverOf(self)
  // Not those that the name server knows: it hears of a connection a little later than whoever made it.
  const visible = node.remote.traffic().filter(({ flags }) => flags.includes("PUBLISHED"))
  return [node.name, ...visible.map((link) => link.node)]
}

const lockId = (self: Self, resource: unknown, requester: unknown): LockId => ({
  resource: copy(resource, { root: "resource" }),
  requester: copy(requester ?? processOf(self).pid, { root: "requester" }),
})

export const Global: GlobalFunctions = {
  register: async (self, name, options) => change(self, { kind: "register", name, ...owner(self, options) }),
  async reRegister(self, name, options) {
    await change(self, { kind: "reRegister", name, ...owner(self, options) })
  },
  async unregister(self, name) {
    if (Global.whereis(self, name) !== undefined) await change(self, { kind: "unregister", name })
  },
  whereis: (self, name) => nameServerOf(nodeOf(self))?.locate(name),
  names: (self) =>
    nameServerOf(nodeOf(self))
      ?.tables.names()
      .map(({ name }) => name) ?? [],

  async setLock(self, resource, options = {}) {
    const { nodes = everywhere(self), retries = Number.POSITIVE_INFINITY, requester } = options
    return setLock(processOf(self), serverOf(self), lockId(self, resource, requester), nodes, retries)
  },
  async delLock(self, resource, { nodes = everywhere(self), requester } = {}) {
    await deleteLock(processOf(self), nodeOf(self).name, lockId(self, resource, requester), nodes)
  },
  async trans(self, resource, work, options = {}) {
    const { nodes = everywhere(self), retries = Number.POSITIVE_INFINITY } = options
    // Two transactions of one process are two: what they have in common is only who waits.
    const requester = options.requester ?? tuple(processOf(self).pid, nodeOf(self).identities.ref())
    if (!(await Global.setLock(self, resource, { nodes, retries, requester }))) throw new Aborted(resource, retries)
    try {
      return await work()
    } finally {
      await Global.delLock(self, resource, { nodes, requester })
    }
  },
  async sync(self, nodes = everywhere(self)) {
    serverOf(self)
    await processOf(self).ask(GLOBAL, tuple(atom("sync"), nodes.map(atom)), FOREVER)
  },
  async disconnect(self) {
    serverOf(self)
    const left = (await processOf(self).ask(GLOBAL, atom("disconnect"), FOREVER)) as unknown[]
    return left.filter(isAtom).map(({ text }) => text)
  },
}

/** A global name as a target: see {@link global}. */
class GlobalKey implements NameKey {
  readonly term: unknown
  readonly text: string
  /** Its resolver. */
  readonly value: unknown
  constructor(term: unknown, resolve: Resolver | undefined) {
    this.term = copy(term, { root: "name" })
    this.text = keyText(this.term, defaultStructs)
    this.value = resolve
  }
  toString(): string {
    return inspect(this.term, { limit: 8, text: 80, size: 160 })
  }
}

/**
 * The name of whoever is registered so in the cluster: goes wherever a via name goes, and to processes of other nodes. A string means the atom of that text, as names do;
 * any other term means itself. A server that is started with it registers before its `init` runs; when the name is taken, its start fails with `already_started`.
 * @param resolve Who decides when two partitions meet that both have it; {@link randomExitName} unless told. @throws NotATerm
 */
// biome-ignore lint/suspicious/noExplicitAny: any Api is meant, and its methods are contravariant
export function global<Serves extends GenServer<never, any> | Api = Api>(
  name: unknown,
  resolve?: Resolver,
): Name<ApiFor<Serves>> {
  const term = typeof name === "string" ? atom(name) : name
  return makeViaName(NAME_SERVER, new GlobalKey(term, resolve)) as Name<ApiFor<Serves>>
}
