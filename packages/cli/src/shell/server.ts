/**
 * The application `umbel_shell`: lets people with the cookie type into this node. Only a node that starts it has a shell.
 *
 * ```ts
 * await boot({ name, cookie, applications: [shop, shell({ mode: "read-only" })] })
 * // $ umbel shell --remsh shop@10.0.0.7
 * ```
 *
 *     umbel_shell.supervisor
 *     └─ umbel_shell            the door: opens sessions, each of which is a process
 *
 * `umbel dev` and `umbel shell` start it, `umbel start --shell` where it is told to, nothing else does. Whatever is typed is reported, with who typed it.
 */
import {
  type Application,
  application,
  child,
  genServer,
  inspect,
  isDown,
  type Pid,
  type Ref,
  refuse,
  supervisor,
} from "umbel"
import { applicationsOf } from "umbel/otp"
import { importFrom } from "../reload/import-from.ts"
import type { Host } from "./helpers.ts"
import { nodeOf } from "./node-of.ts"
import type { Look } from "./print.ts"
import { type Answer, type Line, type Mode, type Opened, SHELL } from "./protocol.ts"
import { Session } from "./session.ts"

export interface ShellOptions extends Partial<Host> {
  /** The most that anybody may do; `read-only` unless told. */
  readonly mode?: Mode
}

const SESSIONS_MAX = 20
const AUDITED_MAX = 1_000

/** The application, for `boot`. */
export function shell(options: ShellOptions = {}): Application {
  const host: Host = {
    import: options.import ?? ((specifier) => importFrom(process.cwd(), specifier)),
    recompile: options.recompile,
  }
  const door = doorOf(options.mode ?? "read-only", host)
  return application({
    name: "umbel_shell",
    description: "Lets people type into this node",
    start: () => supervisor("umbel_shell.supervisor", { children: [child(door, { name: SHELL })] }),
  })
}

interface Entry {
  readonly who: string
  readonly session: Session
}

const doorOf = (most: Mode, host: Host) =>
  genServer("umbel_shell", {
    init: () => ({ sessions: new Map<number, Entry>(), clients: new Map<string, number>(), opened: 0 }),
    calls: {
      open(self, who: string, wanted: Mode, look: Look, client: Pid) {
        const { state, pid } = self
        if (state.sessions.size >= SESSIONS_MAX) return refuse("too_many_sessions")
        const node = nodeOf(self)
        const mode: Mode = most === "full" && wanted === "full" ? "full" : "read-only"
        const number = ++state.opened
        state.sessions.set(number, {
          who: String(who).slice(0, 200),
          session: new Session(node, mode, lookOf(look), host),
        })
        state.clients.set(self.monitor(client).key, number)
        node.reports.note("info", "shell", `${String(who).slice(0, 200)} opened session ${number} (${mode})`, pid)
        const applications = applicationsOf(node).map((one) => one.name)
        return { session: number, mode, applications, version: process.version } satisfies Opened
      },
      evaluate(self, number: number, line: Line) {
        const entry = self.state.sessions.get(number)
        if (entry === undefined) return refuse("no_such_session")
        const typed = String(line.typed)
        const shown = typed.length > AUDITED_MAX ? `${typed.slice(0, AUDITED_MAX)}…` : typed
        nodeOf(self).reports.note("info", "shell", `${entry.who}, session ${number}: ${shown}`, self.pid)
        return self.later<Answer>(entry.session.evaluate(line))
      },
      complete: ({ state }, number: number, text: string) =>
        state.sessions.get(number)?.session.complete(String(text)) ?? [],
    },
    casts: {
      interrupt: ({ state }, number: number) => state.sessions.get(number)?.session.interrupt(),
    },
    info(self, message) {
      if (!isDown(message)) return
      const number = self.state.clients.get((message.ref as Ref).key)
      if (number === undefined) return
      self.state.clients.delete(message.ref.key)
      const entry = self.state.sessions.get(number)
      self.state.sessions.delete(number)
      entry?.session.end("closed")
      nodeOf(self).reports.note(
        "info",
        "shell",
        `${entry?.who ?? "somebody"} left session ${number} (${inspect(message.reason, { limit: 5 })})`,
      )
    },
    terminate({ state }) {
      for (const { session } of state.sessions.values()) session.end("closed")
    },
    formatStatus: ({ sessions }) => ({ sessions: [...sessions].map(([number, { who }]) => ({ number, who })) }),
  })

const lookOf = ({ columns, colour }: Look): Look => ({
  columns: Number.isInteger(columns) ? Math.max(20, Math.min(columns, 500)) : 80,
  colour: colour === true,
})
