/**
 * The near end of a shell: a process that opens a session at a node's {@link SHELL} and asks it. When it ends, so does the session over there.
 */
import { userInfo } from "node:os"
import { atom, CallExit, CallRefused, inspect, type Node, type Pid, type Tuple } from "umbel"
import { Unreachable, UsageError } from "../usage-error.ts"
import { BEAM_HELP, beamHelpers } from "./beam.ts"
import type { Host } from "./helpers.ts"
import type { Look } from "./print.ts"
import { type Answer, type Mode, type Opened, SHELL } from "./protocol.ts"
import { Session } from "./session.ts"
import type { Evaluator } from "./terminal.ts"

export interface Client extends Evaluator {
  readonly opened: Pick<Opened, "mode" | "applications" | "version">
  close(): void
}

/** Work may take as long as it takes; Ctrl-C ends it. */
const EVALUATE = { timeout: "infinity" } as const

/** Undefined when that node has no shell. @throws UsageError, Unreachable */
export async function openClient(node: Node, at: string, mode: Mode, look: Look): Promise<Client | undefined> {
  const target = SHELL.at(at)
  const pid: Pid = node.spawn(async (self) => {
    self.label("shell client")
    await self.receive((message): message is "close" => message === "close")
  })
  const close = (): void => node.send(pid, "close")
  let opened: Opened
  try {
    opened = await node.call(target).open(`${userInfo().username} (${node.name})`, mode, look, pid)
  } catch (error) {
    close()
    if (error instanceof CallRefused)
      throw new UsageError(`${at} opens no further shell: ${inspect(error.reason)}`, "close one of the others")
    if (!(error instanceof CallExit)) throw error
    if (String(inspect(error.reason)) === ":noproc") return undefined
    throw new Unreachable(
      `${at} is not reached (${inspect(error.reason)})`,
      "umbel nodes shows who is there; the cookies must be the same",
    )
  }
  const { session } = opened
  return {
    opened,
    close,
    async evaluate(line): Promise<Answer> {
      try {
        return await node.call(target, EVALUATE).evaluate(session, line)
      } catch (error) {
        if (error instanceof CallExit || error instanceof CallRefused)
          return { kind: "thrown", text: `${at} no longer answers: ${inspect(error.reason)}` }
        throw error
      }
    },
    complete: (text) =>
      node
        .call(target)
        .complete(session, text)
        .catch(() => []),
    interrupt: () => node.cast(target).interrupt(session),
  }
}

/** A shell of a node of the BEAM: the session is here. Whatever is typed is reported here, as there is nobody over there to do so. */
export async function openBeam(node: Node, at: string, mode: Mode, look: Look, host: Host): Promise<Client> {
  const rpc = node.rpc(at)
  const release = await rpc["erlang"]!["system_info"]!(atom("otp_release"))
  const running = (await rpc["application"]!["which_applications"]!()) as Tuple[]
  const session = new Session(node, mode, look, host, { ...beamHelpers(node, at), rpc, remote: at }, BEAM_HELP)
  const words = Array.isArray(release) ? String.fromCharCode(...(release as number[])) : inspect(release)
  return {
    opened: {
      mode,
      version: `Erlang/OTP ${words}`,
      applications: running.map(({ elements: [name] }) => inspect(name).replace(/^:/, "")),
    },
    close: () => session.end("closed"),
    evaluate(line) {
      node.reports.note("info", "shell", `${userInfo().username}, of ${at}: ${line.typed}`)
      return session.evaluate(line)
    },
    complete: (text) => Promise.resolve(session.complete(text)),
    interrupt: () => session.interrupt(),
  }
}
