/**
 * The group leader of what we start on other nodes: their output comes here, by Erlang's io protocol, and becomes reports.
 *
 * Without one that answers, a function that prints would wait for ever. Input there is none.
 */
import { define } from "../otp/index.ts"
import type { Node } from "../runtime/index.ts"
import { atom, isAtom, ok, Pid, Tuple, textOf, tuple } from "../term/index.ts"

const ioRequest = atom("io_request")
const ioReply = atom("io_reply")
const noInput = tuple(atom("error"), atom("enotsup"))
const TEXT_MAX = 4_000

/** Registered nowhere: its pid goes along with what we start. */
export const groupLeader = define("umbel.group_leader", {
  init: () => ({}),
  info(self, message) {
    if (!(message instanceof Tuple) || message.elements.length !== 4 || message.elements[0] !== ioRequest) return
    const [, from, replyAs, request] = message.elements
    if (!(from instanceof Pid)) return
    const text = written(request)
    if (text !== undefined) self.node.reports.note("info", from.node, text.slice(0, TEXT_MAX).trimEnd())
    self.send(from, tuple(ioReply, replyAs, text === undefined ? noInput : ok))
  },
})

/** What a `put_chars` request writes; undefined for any other request. */
function written(request: unknown): string | undefined {
  if (!(request instanceof Tuple) || !isAtom(request.elements[0]) || request.elements[0].text !== "put_chars")
    return undefined
  const last = request.elements.at(-1)
  if (request.elements.length <= 3) return characters(last)
  // {put_chars, Encoding, Module, Function, Args}: the text is made by `io_lib:format(Format, Args)` there, which is not here.
  return Array.isArray(last) ? last.map(characters).join(" ") : ""
}

function characters(data: unknown): string {
  if (typeof data === "string") return data
  if (typeof data === "number") return String.fromCodePoint(data)
  if (data instanceof Uint8Array) return textOf(data) ?? ""
  return Array.isArray(data) ? data.map(characters).join("") : ""
}

/** Starts the leader of a node and gives its pid. */
export function startGroupLeader(node: Node): Promise<Pid> {
  return node.startFor(node.root, groupLeader as never, undefined)
}
