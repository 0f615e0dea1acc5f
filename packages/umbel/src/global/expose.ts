/**
 * The module `global` as other nodes call it: `rpc:call(Node, global, whereis_name, [leader])`.
 *
 * `resolve_it/4` is what name servers call when two partitions meet; the others are what tests and tools of Erlang ask for. Locks are not among them: they would be the calling
 * function's, and go with it.
 */
import type { ExposedFunction, Node } from "../runtime/index.ts"
import { atom, Export, isAtom, ok, Pid } from "../term/index.ts"
import { Global } from "./global.ts"
import { predefined, randomExitName, resolveIt } from "./resolvers.ts"

const yes = atom("yes")
const no = atom("no")

const pidOf = (term: unknown): Pid => {
  if (term instanceof Pid) return term
  throw new TypeError("global: that is no process")
}
const resolverOf = (term: unknown): Export => (term instanceof Export ? term : randomExitName)

/** The functions of the module, by name. */
export function globalModule(node: Node): Readonly<Record<string, ExposedFunction>> {
  return {
    ...predefined,
    resolve_it: (self, method: unknown, name: unknown, one: unknown, other: unknown) =>
      resolveIt(self, node, method, name, pidOf(one), pidOf(other)),
    whereis_name: (_self, name: unknown) => Global.whereis(node, name),
    registered_names: () => Global.names(node),
    register_name: async (_self, name: unknown, pid: unknown, resolve: unknown) => {
      const made = await Global.register(node, name, { pid: pidOf(pid), resolve: resolverOf(resolve) })
      return made ? yes : no
    },
    re_register_name: async (_self, name: unknown, pid: unknown, resolve: unknown) => {
      await Global.reRegister(node, name, { pid: pidOf(pid), resolve: resolverOf(resolve) })
      return yes
    },
    unregister_name: async (_self, name: unknown) => {
      await Global.unregister(node, name)
      return ok
    },
    sync: async (_self, nodes: unknown) => {
      await Global.sync(node, Array.isArray(nodes) ? nodes.filter(isAtom).map(({ text }) => text) : undefined)
      return ok
    },
  }
}
