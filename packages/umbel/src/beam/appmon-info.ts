/**
 * The module `appmon_info` of OTP's runtime_tools: a process that tells the observer's Applications tab which applications run, and how the tree of
 * one looks, and tells it again whenever that has changed.
 *
 * One process serves all who look. It is linked to each of them, and ends when the last one has.
 */
import { isExit, type Node, type Running } from "../runtime/index.ts"
import {
  $gen_call,
  $gen_cast,
  atom,
  atomText,
  equal,
  isAtomValue,
  makeName,
  ok,
  Pid,
  Tuple,
  tuple,
} from "../term/index.ts"
import { type Functions, pidOf } from "./answers.ts"
import { applicationList, applicationTree } from "./applications.ts"

/** Milliseconds between two looks, unless the options say otherwise; as in OTP. */
const PERIOD_MS = 2_000
const PERIOD_MIN_MS = 50
/** Subscriptions of one client. */
const SUBSCRIPTIONS_MAX = 100

const NAME = makeName("appmon_info", undefined)
const delivery = atom("delivery")
const addClient = atom("add_client")
const look = atom("look")

export function appmonInfo(node: Node): Functions {
  return {
    start_link2: (_self, _starter: unknown, client: unknown, _options: unknown) => {
      const who = pidOf(client, "appmon_info:start_link2/3")
      const process = node.names.get(NAME.name) ?? start(node)
      node.deliverTerm(process, tuple(addClient, who))
      return tuple(ok, process.pid)
    },
  }
}

function start(node: Node) {
  const process = node.spawnUnder(node.root, function appmon_info(self) {
    return new Appmon(node, self).run()
  })
  process.trapping = true
  process.register(NAME)
  return process
}

interface Subscription {
  readonly command: string
  readonly about: unknown
  readonly periodMs: number
  last: unknown
  timer: { cancel(): void } | undefined
}
interface Client {
  readonly pid: Pid
  readonly subscriptions: Map<string, Subscription>
}

class Appmon {
  readonly #node: Node
  readonly #self: Running
  readonly #clients = new Map<string, Client>()

  constructor(node: Node, self: Running) {
    this.#node = node
    this.#self = self
  }

  async run(): Promise<void> {
    do this.#heard(await this.#self.receive())
    while (this.#clients.size > 0)
  }

  #heard(message: unknown): void {
    // A client has ended, or has told us to, by an exit signal: no difference is made.
    if (isExit(message)) return this.#remove(message.pid)
    if (!(message instanceof Tuple)) return
    const [label, what, request] = message.elements
    if (label === addClient && what instanceof Pid) this.#add(what)
    else if (label === look) this.#look(String(what), String(request))
    else if (label === $gen_cast && what instanceof Tuple) this.#cast(what.elements)
    else if (label === $gen_call && what instanceof Tuple) this.#call(what.elements, request)
  }

  #add(pid: Pid): void {
    if (this.#clients.has(pid.key)) return
    this.#clients.set(pid.key, { pid, subscriptions: new Map() })
    this.#self.link(pid)
  }

  #remove(pid: Pid): void {
    for (const { timer } of this.#clients.get(pid.key)?.subscriptions.values() ?? []) timer?.cancel()
    this.#clients.delete(pid.key)
  }

  /** `{register_client, Pid}` is all that is asked; anything else is answered ok too, as in OTP. */
  #call([pid, tag]: readonly unknown[], request: unknown): void {
    if (request instanceof Tuple && request.elements[1] instanceof Pid) this.#add(request.elements[1])
    if (pid instanceof Pid) this.#node.calls.reply(this.#self.pid, { pid, tag }, ok)
  }

  /** `{From, app_ctrl, Node, true|false, Options}` and `{From, app, Name, true|false, Options}`. */
  #cast([from, command, about, on, options]: readonly unknown[]): void {
    const client = from instanceof Pid ? this.#clients.get(from.key) : undefined
    if (client === undefined || !isAtomValue(command) || !isAtomValue(about)) return
    const name = atomText(command)
    if (name !== "app_ctrl" && name !== "app") return
    const key = `${name} ${atomText(about)}`
    client.subscriptions.get(key)?.timer?.cancel()
    client.subscriptions.delete(key)
    if (on !== true || client.subscriptions.size >= SUBSCRIPTIONS_MAX) return
    client.subscriptions.set(key, {
      command: name,
      about,
      periodMs: periodIn(options),
      last: undefined,
      timer: undefined,
    })
    this.#look(client.pid.key, key)
  }

  #look(clientKey: string, key: string): void {
    const client = this.#clients.get(clientKey)
    const subscription = client?.subscriptions.get(key)
    // It was taken back meanwhile.
    if (client === undefined || subscription === undefined) return
    const { command, about, periodMs, last } = subscription
    const found =
      command === "app" ? applicationTree(this.#node, atomText(about as never)) : applicationList(this.#node)
    if (last === undefined || !equal(found, last)) {
      subscription.last = found
      this.#self.send(client.pid, tuple(delivery, this.#self.pid, atom(command), about, found))
    }
    subscription.timer = this.#self.sendAfter(periodMs, tuple(look, clientKey, key))
  }
}

/** `[{timeout, Ms}]`. */
function periodIn(options: unknown): number {
  for (const option of Array.isArray(options) ? options : []) {
    if (!(option instanceof Tuple) || !isAtomValue(option.elements[0]) || atomText(option.elements[0]) !== "timeout")
      continue
    if (typeof option.elements[1] === "number") return Math.max(PERIOD_MIN_MS, option.elements[1])
  }
  return PERIOD_MS
}
