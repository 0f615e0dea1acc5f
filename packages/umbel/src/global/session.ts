/**
 * One attempt of two nodes to become known to each other, from the `up` of the connection until they are, or it is gone.
 *
 * Each side has a tag for it, and sends the other's with everything that belongs to it: so what is left over from an earlier attempt is told apart.
 */
import { tuple } from "../term/index.ts"
import {
  externalTerm,
  type NodeVersion,
  nodeAtom,
  nodesTerm,
  type Op,
  opTerm,
  PREVENT_VERSION,
  type Said,
  VERSION,
  words,
} from "./protocol.ts"
import { GLOBAL_RESOURCE, type GlobalName } from "./tables.ts"

export type Resolved = Extract<Said, { kind: "resolved" }>

export interface Session {
  readonly tag: number
  his: { readonly tag: number | bigint; readonly version: number } | undefined
  /** Who asked for the lock of both partitions, once it is set. */
  requester: unknown
  locked: boolean
  /** His names, which may come before the lock is ours. */
  names: readonly GlobalName[] | undefined
  /** Our part of the outcome and his, of which either may come first. */
  ops: readonly Op[] | undefined
  resolved: Resolved | undefined
}

export const newSession = (tag: number): Session => ({
  tag,
  his: undefined,
  requester: undefined,
  locked: false,
  names: undefined,
  ops: undefined,
  resolved: undefined,
})

/** Messages that our locker sends before it gives the lock back. */
export type LastWords = readonly { readonly nodes: readonly string[]; readonly message: unknown }[]

/** What those that were known before are told once two partitions are one: in their two forms, since old nodes do not know of versions. */
export function newNodes(
  me: string,
  session: Session,
  outcome: { readonly ops: readonly Op[]; readonly come: readonly NodeVersion[] },
  before: readonly NodeVersion[],
): LastWords {
  const external = session.resolved?.external ?? []
  const extra = [
    tuple(words.vsn, session.his?.version ?? VERSION),
    tuple(words.lock, tuple(GLOBAL_RESOURCE, session.requester)),
  ]
  return [true, false].map((versioned) => ({
    nodes: before.filter(({ version }) => version >= PREVENT_VERSION === versioned).map(({ node }) => node),
    message: tuple(
      words.newNodes,
      nodeAtom(me),
      outcome.ops.map(opTerm),
      external.map(externalTerm),
      nodesTerm(outcome.come, versioned),
      extra,
    ),
  }))
}
