/**
 * A visible Umbel node in an operating-system process of its own, to be stopped and killed: `umbel-node.ts name cookie epmd-port tick-milliseconds`.
 *
 * It does what each line of its input says, `1 connect b@host` for one, and answers `answer 1 true`.
 */
import { createInterface } from "node:readline"
import { atom, type Pid } from "umbel"
import { Global, nameServerOf } from "umbel/global"
import { boot } from "umbel/nodejs"

const [name = "", cookie = "", epmdPort = "", tickMs = ""] = process.argv.slice(2)
const node = await boot({ name, cookie, epmdPort: Number(epmdPort), tickMs: Number(tickMs), hidden: false })

const sleeper = (): Pid =>
  node.spawn(async (self) => {
    await self.receive()
  })
const verbs: Readonly<Record<string, (word: string) => unknown>> = {
  connect: (other) => node.connect(other),
  nodes: () => [...node.nodes].sort().join(" "),
  known: () => [...(nameServerOf(node)?.known ?? [])].sort().join(" "),
  register: (word) => Global.register(node, atom(word), { pid: sleeper() }),
  whereis: (word) => Global.whereis(node, atom(word))?.node ?? "undefined",
  names: () => Global.names(node).map(String).sort().join(" "),
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  const [number, verb = "", word = ""] = line.split(" ")
  const done = await verbs[verb]?.(word)
  process.stdout.write(`answer ${number} ${String(done)}\n`)
})
process.stdout.write("ready\n")
