/**
 * What a name server is asked: by those of other nodes (`{register, …}`, `{set_lock, …}`), and by processes of its own node (`sync`, and changes of names, which
 * the registrar makes).
 */
import { type From, type Later, refuse } from "../otp/index.ts"
import { atom, isAtom, ok, Pid, Tuple, tuple } from "../term/index.ts"
import type { NameServer } from "./name-server.ts"
import { externalTerm, nodeAtom, VERSION, words } from "./protocol.ts"
import type { NameChange } from "./registrar.ts"

const yes = atom("yes")
const getKnown = atom("get_known")
const getSynced = atom("get_synced")
const getVersion = atom("get_protocol_version")
const getExternal = atom("get_names_ext")
const disconnect = atom("disconnect")
const sync = atom("sync")
const registerExternal = atom("register_ext")
const unknownRequest = atom("unknown_request")
const changeWord = atom("umbel.change")

/** A change of names, for the registrar. Only processes of the same node may ask for it so. */
export const changeTerm = (change: NameChange): unknown => tuple(changeWord, change)

/** The reply, or a refusal: nobody is left waiting for one. */
export function answer(server: NameServer, term: unknown, from: From<unknown>): unknown {
  const [word, ...rest] = term instanceof Tuple ? term.elements : [term]
  const reply = changed(server, word, rest, from) ?? looked(server, word) ?? own(server, word, rest, from)
  server.settle()
  return reply ?? refuse(tuple(unknownRequest, term))
}

/** What the name servers and lockers of all nodes ask of each other. */
function changed(server: NameServer, word: unknown, rest: readonly unknown[], { pid }: From<unknown>): unknown {
  const { tables } = server
  const [first, second, third, fourth] = rest
  switch (word) {
    case words.register:
    case registerExternal: {
      if (!(second instanceof Pid) || (word === registerExternal && !isAtom(fourth))) return undefined
      const registrar = isAtom(fourth) ? fourth.text : undefined
      if (sharesNames(server, pid))
        tables.insert({ name: first, pid: second, method: third, registrar }, { holder: pid })
      return yes
    }
    case words.unregister:
      if (sharesNames(server, pid)) tables.remove(first)
      return ok
    case words.setLock:
    case words.deleteLock: {
      if (!(first instanceof Tuple) || first.elements.length !== 2) return undefined
      const [resource, requester] = first.elements
      if (word === words.setLock) return tables.setLock(resource, requester, pid)
      tables.deleteLock(resource, requester, pid)
      return true
    }
    default:
      return undefined
  }
}

/**
 * Whether the names of that process' node are ours. While two nodes are about to meet, again perhaps, they lock one another, but do not share their names yet: a
 * change of his would be one here and on no other node of ours. The meeting brings it. (OTP's `global` does not ask, and has two owners of a name then.)
 */
const sharesNames = ({ node, known }: NameServer, { node: his }: Pid): boolean =>
  his === node.name || known.includes(his)

function looked({ global }: NameServer, word: unknown): unknown {
  switch (word) {
    case getKnown:
      return global.known.map(nodeAtom)
    case getSynced:
      return global.synced.map(nodeAtom)
    case getVersion:
      return VERSION
    case getExternal:
      return global.tables.external().map(externalTerm)
    default:
      return undefined
  }
}

/** What takes its time. */
function own(
  server: NameServer,
  word: unknown,
  [first]: readonly unknown[],
  from: From<unknown>,
): Later<unknown> | readonly unknown[] | undefined {
  if (word === sync && Array.isArray(first)) {
    const nodes = first.filter(isAtom).map(({ text }) => text)
    return server.later((waiting) => server.sync(nodes, waiting))
  }
  if (server.node.isFar(from.pid)) return undefined
  if (word === changeWord) return server.later((waiting) => server.change(first as NameChange, waiting))
  return word === disconnect ? server.leaveAll().map(nodeAtom) : undefined
}
