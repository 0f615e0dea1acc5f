/**
 * How a node's `sys` puts the answer to `get_state` and `replace_state`: `{ok, State}` since stdlib 5.1 (OTP 26.1), the state itself before.
 *
 * ```ts
 * await wrapsStates(node, "b@host")       // true for OTP 27, false for 25; asked once for as long as the two are connected
 * ```
 *
 * Neither understands the other's form: a caller of OTP 27 crashes on a bare state, and one of OTP 25 takes `{ok, State}` for the state. Nothing in the handshake tells the release,
 * so each peer is asked for it, the first time that it matters. Umbel nodes wrap.
 */
import type { Node } from "../runtime/index.ts"
import { atom, Tuple } from "../term/index.ts"

const askedKey = Symbol.for("umbel.sys.state_replies")
/** Milliseconds until a peer that does not say counts as one that does not wrap: it is none of the BEAM then, or an old one. */
const ANSWER_MS = 5_000

interface Asked {
  readonly creation: number
  readonly wraps: boolean | Promise<boolean>
}

/** Whether the node of that name wraps states. A promise only while it is being asked. */
export function wrapsStates(node: Node, peer: string): boolean | Promise<boolean> {
  if (peer === node.name) return true
  const link = node.remote.traffic().find((row) => row.node === peer)
  if (link === undefined) return false
  if (link.umbel) return true
  const asked = askedOf(node)
  const known = asked.get(peer)
  if (known?.creation === link.creation) return known.wraps
  const answer = ask(node, peer).then((wraps) => {
    asked.set(peer, { creation: link.creation, wraps })
    return wraps
  })
  asked.set(peer, { creation: link.creation, wraps: answer })
  return answer
}

function askedOf(node: Node): Map<string, Asked> {
  const known = node.attachments.get(askedKey) as Map<string, Asked> | undefined
  if (known !== undefined) return known
  const made = new Map<string, Asked>()
  node.attachments.set(askedKey, made)
  node.remote.onNodes((peer, up) => {
    if (!up) made.delete(peer)
  })
  return made
}

async function ask(node: Node, peer: string): Promise<boolean> {
  try {
    const answer = await node.rpc(peer, { timeout: ANSWER_MS }).application!.get_key!(atom("stdlib"), atom("vsn"))
    return answer instanceof Tuple && isWrapping(textOf(answer.elements[1]))
  } catch {
    // A C or Java node has no functions to call: it is as old as the protocol it speaks.
    return false
  }
}

function isWrapping(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major > 5 || (major === 5 && minor >= 1)
}

/** Of a list of characters, as Erlang has its texts. */
const textOf = (chars: unknown): string =>
  Array.isArray(chars) && chars.every((char) => typeof char === "number") ? String.fromCharCode(...chars) : ""
