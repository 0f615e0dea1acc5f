/**
 * A machine that does what its test tells it, and logs what happens in which state.
 *
 * ```ts
 * const pid = await node.start(puppet({ go: (self) => self.next("b") }))
 * node.cast(pid).run("go")
 * await logOf(node, pid)   // ["a entered from a", "a go", "b entered from a"]
 * ```
 *
 * A script's keys are the lines of the log, with or without the state before them.
 */
import { type From, genStatem, type MachineInitialising, type MachineSelf } from "../../src/otp/index.ts"
import type { Api, Node } from "../../src/runtime/index.ts"
import type { Pid } from "../../src/term/index.ts"

export interface PuppetApi extends Api {
  calls: { run(what: string): string; log(): string[] }
  casts: { run(what: string): void }
}
type States = Record<"a" | "b" | "c", { log: string[]; kept: From<string>[] }>
export type Puppet = MachineSelf<States, "a" | "b" | "c">
export type Script = Readonly<Record<string, (self: Puppet) => unknown>>

/** `begin` runs in `init`. */
export function puppet(script: Script, begin: (self: MachineInitialising) => void = () => {}) {
  const act = (self: Puppet, what: string): unknown => {
    const line = `${self.state} ${what}`
    self.data.log.push(line)
    return (script[line] ?? script[what])?.(self)
  }
  const enter = (self: Puppet, from: string): unknown => act(self, `entered from ${from}`)
  return genStatem<PuppetApi, States>()("test.puppet", {
    init: (_arg: void, self) => {
      begin(self)
      return { state: "a", data: { log: [], kept: [] } }
    },
    states: { a: { enter }, b: { enter }, c: { enter } },
    any: {
      calls: {
        run: (self, what) => (act(self, what) ?? "done") as string,
        log: (self) => [...self.data.log],
      },
      casts: { run: act },
      info: (self, message) => act(self, `info ${String(message)}`),
      internal: (self, event) => act(self, `internal ${String(event)}`),
      timeout: (self, what, { kind, name = "" }) => act(self, `${`${kind} ${name}`.trim()} timeout ${String(what)}`),
    },
  })
}

export const logOf = (node: Node, pid: Pid<PuppetApi>): Promise<string[]> => node.call(pid).log()
