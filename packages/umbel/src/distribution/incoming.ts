/**
 * What arrives from a peer, as signals of the runtime.
 *
 * A signal for a process that is not there is answered where Erlang answers it (a link, a monitor, a spawn request) and otherwise dropped.
 */
import { Message, type Node, type Process } from "../runtime/index.ts"
import { atomValue, ImproperList, isAtom, type Pid, Ref, Tuple } from "../term/index.ts"
import type { Control } from "../wire/index.ts"
import { FarMessage } from "./backlog.ts"
import { serve } from "./functions.ts"
import { GOODBYE, type Peer } from "./peer.ts"
import { contextIn } from "./sequence-token.ts"

/** The one thing done with a control message. Never throws for what a peer may send. */
export function receiveSignal(node: Node, peer: Peer, control: Control, payload: unknown): void {
  switch (control.op) {
    case "send":
      return deliver(node, peer, node.find(control.to), payload, control.from, control.token)
    case "regSend":
      if (control.name === GOODBYE) return peer.leaves()
      return deliver(node, peer, node.names.get(control.name), payload, control.from, control.token)
    case "aliasSend":
      return receiveReply(node, peer, control.to, payload, control.token)
    case "altact":
      return receiveAltact(node, peer, control, payload)
    case "link":
      return peer.linked(control.from, control.to, node.find(control.to))
    case "unlinkId":
      return peer.unlinked(control.from, control.to, control.id, node.find(control.to))
    case "unlinkIdAck":
      return peer.unlinkAcked(control.from, control.to, control.id)
    case "exit":
      return peer.farEnded(control.from, control.to, control.reason)
    case "exit2":
      return node.signals.exit(control.from, node.canonical(control.to), control.reason)
    case "monitor":
      return peer.watched(control.from, control.to, control.ref, findMonitored(node, control.to))
    case "demonitor":
      node.calls.cancellations.abandoned(control.ref)
      return peer.unwatched(control.ref)
    case "monitorExit":
      return peer.monitorExit(control.ref, control.reason)
    case "spawnRequest":
      return receiveSpawn(node, peer, control, payload)
    case "spawnReply":
      return typeof control.result === "string" ? peer.monitorExit(control.ref, atomValue(control.result)) : undefined
    case "groupLeader":
      return
  }
}

/** Whoever asks is told of the process before anything else of it, and bound to it as it wished. */
function receiveSpawn(
  node: Node,
  peer: Peer,
  control: Extract<Control, { op: "spawnRequest" }>,
  payload: unknown,
): void {
  const { ref, from, module, options } = control
  const reply = (result: Pid | string, linked: boolean, monitored: boolean): void =>
    peer.write({ op: "spawnReply", ref, to: from, linked, monitored, result })
  if (!Array.isArray(payload) || payload.length !== control.arity || !Array.isArray(options)) {
    return reply("badarg", false, false)
  }
  const wants = (option: string): boolean => options.some((given) => isAtom(given) && given.text === option)
  const service = serve(node, { from, module, function: control.function, args: payload })
  const linked = wants("link")
  const monitored = wants("monitor")
  reply(service.pid, linked, monitored)
  if (linked) peer.linked(from, service.pid, service)
  if (monitored) peer.watched(from, service.pid, ref, service)
}

function deliver(
  node: Node,
  peer: Peer,
  process: Process | undefined,
  message: unknown,
  from?: Pid,
  token?: unknown,
): void {
  // A reply to one of our calls by a peer that knows no aliases (C, Java): it comes to the caller's pid, with the call's tag.
  if (message instanceof Tuple && message.elements[0] instanceof ImproperList && message.elements.length === 2) {
    const call = node.calls.findByTag(message.elements[0])
    if (call !== undefined) return node.calls.answer(call, message.elements[1])
    const { tail } = message.elements[0]
    // Too late: nobody waits for it, and in the process's mailbox it would stay for ever.
    if (tail instanceof Ref && tail.node === node.name && !node.aliases.has(tail.key)) return
  }
  if (process === undefined) return
  const { link } = peer
  const trace = token === undefined ? undefined : contextIn(node, token)
  if (node.spy !== undefined) node.spy.received(from, process, message, trace)
  node.deliver(
    process,
    link === undefined ? new Message(message, false, trace) : new FarMessage(message, link, link.frameBytes, trace),
  )
}

/** `{[alias|Ref], Reply}`. One that comes too late finds no call, and is dropped: that is what aliases are for. */
function receiveReply(node: Node, peer: Peer, alias: Ref, message: unknown, token?: unknown): void {
  const call = node.calls.find(alias)
  if (call === undefined) return deliver(node, peer, node.aliases.get(alias.key), message, undefined, token)
  if (message instanceof Tuple && message.elements.length === 2) {
    node.calls.answer(call, message.elements[1])
  }
}

function receiveAltact(node: Node, peer: Peer, control: Extract<Control, { op: "altact" }>, payload: unknown): void {
  const { to } = control
  if (to instanceof Ref) return receiveReply(node, peer, to, payload, control.token)
  const process = typeof to === "string" ? node.names.get(to) : node.find(to)
  if (!control.exit) return deliver(node, peer, process, payload, control.from, control.token)
  if (process !== undefined) node.signals.exit(control.from, process.pid, payload)
}

function findMonitored(node: Node, to: Pid | string): Process | undefined {
  return typeof to === "string" ? node.names.get(to) : node.find(to)
}
