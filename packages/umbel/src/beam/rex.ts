/**
 * `rex`: the process by which functions were called before OTP 23, and still are by `erl_call`, by C and Java nodes, and by `rpc:block_call`
 * and `rpc:sbcast`.
 *
 * ```
 * erl_call -n a@host -c cookie -a 'erlang node []'
 * ```
 *
 * It runs what the node exposes and nothing else, each call in a process of its own.
 */
import { define } from "../otp/index.ts"
import { type Node, type ProcessCapability, RpcFailed } from "../runtime/index.ts"
import { atom, atomText, isAtomValue, makeName, noproc, Pid, rex as rexAtom, Tuple, tuple } from "../term/index.ts"
import { atomOf, sendable } from "./answers.ts"

const badrpc = atom("badrpc")
const exit = atom("EXIT")
const badarg = atom("badarg")
const featuresReply = atom("features_reply")
const nonexistingName = atom("nonexisting_name")

export const REX = makeName("rex", undefined)

/** To be started once on a node, under the name {@link REX}. */
export const rex = define("rex", {
  init: () => ({}),
  calls: {
    call: (self, module, name, args) => self.later(run(self.node, self.pid, module, name, args)),
    // The others wait meanwhile: that is what it is for.
    block_call: (self, module, name, args) => run(self.node, self.pid, module, name, args),
  },
  casts: {
    cast: (self, module, name, args) => void run(self.node, self.pid, module, name, args),
  },
  info(self, message) {
    if (!(message instanceof Tuple) || message.elements.length !== 2) return
    const [from, request] = message.elements
    if (!(from instanceof Pid)) return
    if (isAtomValue(request) && atomText(request) === "features_request") {
      self.send(from, tuple(featuresReply, atomOf(self.node.name), [atom("erpc")]))
    } else if (request instanceof Tuple) return asked(self, from, request.elements)
  },
})

/** The raw forms: `{call, M, F, A, GroupLeader}`, `{sbcast, Name, Message}` and `{send, Name, Message}`. */
function asked(self: ProcessCapability & { readonly node: Node }, from: Pid, request: readonly unknown[]): void {
  const [word, first, second, third] = request
  const { node } = self
  switch (isAtomValue(word) ? atomText(word) : "") {
    case "call":
      // Answers come when they are ready, and not in the order of the questions.
      return void answer(node, self.pid, from, run(node, self.pid, first, second, third))
    case "sbcast":
    case "send": {
      const process = isAtomValue(first) ? node.names.get(atomText(first)) : undefined
      const me = atomOf(node.name)
      if (process === undefined) self.send(from, tuple(rexAtom, me, tuple(nonexistingName, first)))
      else {
        self.send(process.pid, atomText(word as never) === "send" ? tuple(from, second) : second)
        if (atomText(word as never) === "sbcast") self.send(from, tuple(rexAtom, me, me))
      }
    }
  }
}

async function answer(node: Node, self: Pid, to: Pid, outcome: Promise<unknown>): Promise<void> {
  const value = await outcome
  try {
    node.dispatch(self, to, tuple(rexAtom, value))
  } catch (thrown) {
    // The link to whoever asked is full: so is what reads there.
    node.reports.note("warning", "rex", `an answer to ${to} on ${to.node} was dropped: ${String(thrown)}`, self)
  }
}

/** What a function came to, as `rpc` tells it: its value, or `{badrpc, {'EXIT', Reason}}`. Never rejects. */
async function run(node: Node, self: Pid, module: unknown, name: unknown, args: unknown): Promise<unknown> {
  if (!isAtomValue(module) || !isAtomValue(name) || !Array.isArray(args)) return failed(tuple(badarg, []))
  try {
    const value = await node.remote.rpc(
      self,
      node.name,
      atomText(module),
      atomText(name),
      args,
      Number.POSITIVE_INFINITY,
    )
    return sendable(value)
  } catch (thrown) {
    if (!(thrown instanceof RpcFailed)) return failed(sendable(noproc))
    if (thrown.kind === "throw") return sendable(thrown.reason)
    return failed(sendable(thrown.kind === "error" ? tuple(thrown.reason, thrown.remoteStack) : thrown.reason))
  }
}

const failed = (reason: unknown): unknown => tuple(badrpc, tuple(exit, reason))
