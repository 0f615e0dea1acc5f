/**
 * What `global_name_server`s of different nodes say to each other: version 8 of the protocol, as terms and as events.
 *
 * ```ts
 * readCast(tuple(atom("in_sync"), atom("b@host"), true))      // { kind: "inSync", node: "b@host" }
 * readCast(tuple(atom("in_sync"), 7))                         // undefined: it is none of the protocol
 * ```
 *
 * | message | when |
 * | --- | --- |
 * | cast `init_connect` | two nodes are connected, and neither knows the other: each tells its tag and its locker |
 * | `init_connect_ack`, `cancel_connect` | whether both are at the same attempt (since 8) |
 * | cast `lock_set` | a locker has locked its partition, and waits for the other's to have |
 * | cast `exchange` | both have: here are our names |
 * | cast `resolved` | what was decided for the names that both had, and whom we know |
 * | cast `new_nodes` | to those known already: these have come, and these names |
 * | cast `in_sync` | to those who have come: you are known here |
 * | `lost_connection`, `remove_connection` | so that no two partitions overlap (since 7) |
 *
 * Anything else, and anything malformed, is nothing: it is reported, and ignored, as OTP does.
 */
import { atom, isAtom, Pid, Tuple, tuple } from "../term/index.ts"
import type { GlobalName } from "./tables.ts"

export const VERSION = 8
/** Since when nodes tell whether they are at the same attempt. */
export const ACK_VERSION = 8
/** Since when versions are told of others, and overlapping partitions are prevented. */
export const PREVENT_VERSION = 7
/** The oldest that is spoken: that of OTP 24 and before. */
export const OLDEST_VERSION = 6

export const NAME_SERVER = "global_name_server"

export const words = {
  insert: atom("insert"),
  delete: atom("delete"),
  locker: atom("locker"),
  noPid: atom("no_longer_a_pid"),
  unused: atom("unused"),
  initConnect: atom("init_connect"),
  initConnectAck: atom("init_connect_ack"),
  cancelConnect: atom("cancel_connect"),
  lockSet: atom("lock_set"),
  exchange: atom("exchange"),
  resolved: atom("resolved"),
  newNodes: atom("new_nodes"),
  inSync: atom("in_sync"),
  lostConnection: atom("lost_connection"),
  removeConnection: atom("remove_connection"),
  register: atom("register"),
  unregister: atom("unregister"),
  setLock: atom("set_lock"),
  deleteLock: atom("del_lock"),
  vsn: atom("vsn"),
  lock: atom("lock"),
} as const

type Integer = number | bigint

/** A change of the name table. */
export type Op =
  | { readonly kind: "insert"; readonly name: unknown; readonly pid: Pid; readonly method: unknown }
  | { readonly kind: "delete"; readonly name: unknown }

export interface NodeVersion {
  readonly node: string
  /** 0 when unknown. */
  readonly version: number
}

/** What another node has said. */
export type Said =
  | {
      readonly kind: "initConnect"
      readonly node: string
      readonly version: number
      readonly tag: Integer
      readonly locker: Pid
    }
  | { readonly kind: "ack"; readonly node: string; readonly ourTag: Integer; readonly hisTag: Integer }
  | { readonly kind: "cancelConnect"; readonly node: string; readonly tag: Integer }
  | { readonly kind: "lockSet"; readonly locker: Pid; readonly set: boolean; readonly tag: Integer | undefined }
  | { readonly kind: "exchange"; readonly node: string; readonly names: readonly GlobalName[]; readonly tag: Integer }
  | {
      readonly kind: "resolved"
      readonly node: string
      readonly ops: readonly Op[]
      readonly known: readonly NodeVersion[]
      readonly external: readonly External[]
      readonly tag: Integer
    }
  | {
      readonly kind: "newNodes"
      readonly node: string
      readonly ops: readonly Op[]
      readonly external: readonly External[]
      readonly nodes: readonly NodeVersion[]
      /** Who asked for the lock under which this was decided. */
      readonly requester: unknown
    }
  | { readonly kind: "inSync"; readonly node: string }
  | {
      readonly kind: "lostConnection"
      /** Who has lost it. */
      readonly by: string
      readonly creation: Integer
      readonly id: Integer
      /** To whom. */
      readonly node: string
    }
  | { readonly kind: "removeConnection"; readonly node: string }

/** A name that a node registered for a process of a node that has no `global`. */
export interface External {
  readonly name: unknown
  readonly pid: Pid
  readonly registrar: string
}

// ---- reading -------------------------------------------------------------------------------------------------------------
const isInteger = (term: unknown): term is Integer => typeof term === "bigint" || Number.isSafeInteger(term)
const textOf = (term: unknown): string | undefined => (isAtom(term) ? term.text : undefined)

/** All of a list, read; undefined when one of them cannot be, or it is no list. */
function all<T>(list: unknown, read: (term: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(list)) return undefined
  const found: T[] = []
  for (const term of list) {
    const one = read(term)
    if (one === undefined) return undefined
    found.push(one)
  }
  return found
}

const elementsOf = (term: unknown, size: number): readonly unknown[] | undefined =>
  term instanceof Tuple && term.elements.length === size ? term.elements : undefined

function readName(term: unknown): GlobalName | undefined {
  const [name, pid, method] = elementsOf(term, 3) ?? []
  return pid instanceof Pid ? { name, pid, method, registrar: undefined } : undefined
}
function readOp(term: unknown): Op | undefined {
  const [word, what] = elementsOf(term, 2) ?? []
  if (word === words.delete) return { kind: "delete", name: what }
  const entry = word === words.insert ? readName(what) : undefined
  return entry === undefined ? undefined : { kind: "insert", name: entry.name, pid: entry.pid, method: entry.method }
}
function readNode(term: unknown): NodeVersion | undefined {
  const plain = textOf(term)
  if (plain !== undefined) return { node: plain, version: 0 }
  const [name, version] = elementsOf(term, 2) ?? []
  const node = textOf(name)
  return node === undefined || typeof version !== "number" ? undefined : { node, version }
}
function readExternal(term: unknown): External | undefined {
  const [name, pid, node] = elementsOf(term, 3) ?? []
  const registrar = textOf(node)
  return pid instanceof Pid && registrar !== undefined ? { name, pid, registrar } : undefined
}
/** Of `[{vsn, V}, {lock, {global, Requester}}]`. */
function readRequester(extra: unknown): unknown {
  if (!Array.isArray(extra)) return undefined
  const pair = extra.find((one): one is Tuple => elementsOf(one, 2)?.[0] === words.lock)
  return elementsOf(pair?.elements[1], 2)?.[1]
}

/** What comes as `'$gen_cast'`. */
export function readCast(term: unknown): Said | undefined {
  if (!(term instanceof Tuple)) return undefined
  const [word, ...rest] = term.elements
  switch (word) {
    case words.initConnect:
      return readInitConnect(rest)
    case words.lockSet: {
      const [locker, set, , tag] = rest
      if (!(locker instanceof Pid) || typeof set !== "boolean" || rest.length < 3) return undefined
      if (tag !== undefined && !isInteger(tag)) return undefined
      return { kind: "lockSet", locker, set, tag }
    }
    case words.exchange: {
      const [node, names, tag] = [textOf(rest[0]), all(rest[1], readName), rest[3]]
      if (node === undefined || names === undefined || !isInteger(tag)) return undefined
      return { kind: "exchange", node, names, tag }
    }
    case words.resolved: {
      const [node, ops, known, external, tag] = [
        textOf(rest[0]),
        all(rest[1], readOp),
        all(rest[2], readNode),
        all(rest[4], readExternal),
        rest[5],
      ]
      if (node === undefined || ops === undefined || known === undefined || external === undefined || !isInteger(tag))
        return undefined
      return { kind: "resolved", node, ops, known, external, tag }
    }
    case words.newNodes: {
      const [node, ops, external, nodes] = [
        textOf(rest[0]),
        all(rest[1], readOp),
        all(rest[2], readExternal),
        all(rest[3], readNode),
      ]
      if (node === undefined || ops === undefined || external === undefined || nodes === undefined) return undefined
      return { kind: "newNodes", node, ops, external, nodes, requester: readRequester(rest[4]) }
    }
    case words.inSync: {
      const node = textOf(rest[0])
      return node === undefined ? undefined : { kind: "inSync", node }
    }
    default:
      return undefined
  }
}

/** `{init_connect, {Version, Tag, …}, Node, {locker, _, _, Locker}}`: of later versions the first two are to be understood. */
function readInitConnect([versions, from, locking]: readonly unknown[]): Said | undefined {
  const node = textOf(from)
  const [version, tag] = versions instanceof Tuple ? versions.elements : []
  const [word, , , locker] = elementsOf(locking, 4) ?? []
  if (node === undefined || typeof version !== "number" || !isInteger(tag)) return undefined
  if (word !== words.locker || !(locker instanceof Pid)) return undefined
  return { kind: "initConnect", node, version, tag, locker }
}

/** What comes as a bare message. */
export function readInfo(term: unknown): Said | undefined {
  if (!(term instanceof Tuple)) return undefined
  const [word, first, second, third, fourth] = term.elements
  const node = textOf(first)
  if (node === undefined) return undefined
  switch (word) {
    case words.initConnectAck:
      if (!isInteger(second) || !isInteger(third)) return undefined
      return { kind: "ack", node, ourTag: second, hisTag: third }
    case words.cancelConnect:
      return isInteger(second) ? { kind: "cancelConnect", node, tag: second } : undefined
    case words.lostConnection: {
      const lost = textOf(fourth)
      if (!isInteger(second) || !isInteger(third) || lost === undefined) return undefined
      return { kind: "lostConnection", by: node, creation: second, id: third, node: lost }
    }
    case words.removeConnection:
      return { kind: "removeConnection", node }
    default:
      return undefined
  }
}

// ---- writing -------------------------------------------------------------------------------------------------------------
export const nodeAtom = (node: string): unknown => atom(node)

export const opTerm = (op: Op): unknown =>
  op.kind === "delete" ? tuple(words.delete, op.name) : tuple(words.insert, tuple(op.name, op.pid, op.method))

/** `[{Node, Version}]`, or plain nodes for those that know no versions. */
export const nodesTerm = (nodes: readonly NodeVersion[], versioned: boolean): unknown[] =>
  nodes.map(({ node, version }) => (versioned ? tuple(nodeAtom(node), version) : nodeAtom(node)))

export const externalTerm = ({ name, pid, registrar }: External): unknown => tuple(name, pid, nodeAtom(registrar))

/** What `init_connect` says: `{Version, Tag}`, node, and the locker. */
export const initConnectTerm = (me: string, tag: number, locker: Pid): unknown =>
  tuple(words.initConnect, tuple(VERSION, tag), nodeAtom(me), tuple(words.locker, words.noPid, new Map(), locker))
