/**
 * `umbel shell`: TypeScript, typed into a node. Its own, with the applications of a release; or, with `--remsh`, one that runs already, of Umbel or of the BEAM.
 *
 * docs/shell.md says what can be typed, and who may.
 */
import { randomBytes } from "node:crypto"
import { type Application, CallExit, type Node } from "umbel"
import { boot, type Level } from "umbel/nodejs"
import { describeReport, INSPECTOR } from "umbel/otp"
import type { Report, TraceContext } from "umbel/runtime"
import { wantsColour } from "../colour.ts"
import { cookieOf } from "../cookie.ts"
import { paint, say } from "../project/files.ts"
import { importFrom } from "../reload/import-from.ts"
import { choose, openProject } from "../reload/project.ts"
import { Reloader } from "../reload/reloader.ts"
import { Session } from "../reload/session.ts"
import { type Client, openBeam, openClient } from "../shell/client.ts"
import { HELPERS } from "../shell/helpers.ts"
import { historyFile, readHistory, remember } from "../shell/history.ts"
import type { Look } from "../shell/print.ts"
import type { Mode } from "../shell/protocol.ts"
import { shell as shellApplication } from "../shell/server.ts"
import { Terminal } from "../shell/terminal.ts"
import { findRoot } from "../umbrella.ts"
import { Unreachable, UsageError } from "../usage-error.ts"
import { configured, mistake } from "./mistake.ts"

export interface ShellOptions {
  readonly remsh?: string
  readonly readOnly?: boolean
  readonly name?: string
  readonly start: boolean
  readonly set: readonly string[]
  readonly log: Level
}

export async function shell(release: string | undefined, options: ShellOptions): Promise<void> {
  const mode: Mode = options.readOnly === true ? "read-only" : "full"
  if (options.remsh !== undefined) {
    if (release !== undefined) throw new UsageError("--remsh goes to a node that runs already", "leave the release out")
    return remote(options.remsh, mode, options)
  }
  return own(release, mode, options)
}

/** A node that runs already: this one is hidden, and only asks. */
async function remote(at: string, mode: Mode, options: ShellOptions): Promise<void> {
  if (!/^[^@\s]+@[^@\s]+$/.test(at))
    throw new UsageError(`--remsh ${at} is no node`, "write NAME@HOST; umbel nodes shows those of this machine")
  const voice = new Voice()
  const node = await bootFor(
    options.name ?? `shell-${randomBytes(4).toString("hex")}@127.0.0.1`,
    await cookieOf(cookieFolder(), process.env),
    [],
    options,
    voice,
  )
  try {
    if (!(await node.connect(at))) {
      throw new Unreachable(`${at} is not reached`, "umbel nodes shows who is there; the cookies must be the same")
    }
    const client = (await openClient(node, at, mode, look())) ?? (await withoutDoor(node, at, mode))
    await talk(client, at, voice)
  } finally {
    await node.stop()
  }
}

/** No `umbel_shell` runs there: either it is of the BEAM, which has no such thing, or it has been started without. */
async function withoutDoor(node: Node, at: string, mode: Mode): Promise<Client> {
  const ofUmbel = await node
    .call(INSPECTOR.at(at))
    .overview()
    .then(
      () => true,
      (error: unknown) => !(error instanceof CallExit),
    )
  if (ofUmbel) {
    throw new UsageError(
      `${at} permits no shell`,
      "umbel dev has one; start another node with umbel start RELEASE --shell, read-only or full",
    )
  }
  return openBeam(node, at, mode, look(), {
    import: (specifier) => importFrom(process.cwd(), specifier),
    recompile: undefined,
  })
}

const cookieFolder = (): string => (process.env["UMBEL_COOKIE"] ? process.cwd() : findRoot(process.cwd()))

/** A node of its own, with the applications unless `--no-start` says otherwise. */
async function own(release: string | undefined, mode: Mode, options: ShellOptions): Promise<void> {
  const project = await openProject()
  const { root, workspace, umbrella } = project
  const chosen = choose(umbrella, release)
  const names = Object.keys(chosen.types)
  const configuration = await configured(project, chosen, options.set)
  const voice = new Voice()
  let reloader: Reloader | undefined
  let session: Session | undefined
  let node: Node | undefined
  try {
    const opened = await Reloader.open(workspace, names)
    reloader = opened
    const following = new Session(workspace, opened, false)
    session = following
    const applications = options.start ? names.map((name) => opened.application(name, configuration.of(name))) : []
    const door = shellApplication({
      mode,
      import: (specifier) => opened.import(specifier),
      recompile: () => following.recompile(),
    })
    node = await bootFor(
      options.name ?? `${chosen.name}@127.0.0.1`,
      await cookieOf(root, process.env),
      [...applications, door],
      options,
      voice,
      configuration.traceContext,
    )
    following.attach(node)
    const client = await openClient(node, node.name, mode, look())
    await talk(client!, node.name, voice)
  } catch (error) {
    throw mistake(error, root) ?? error
  } finally {
    await node?.stop()
    await session?.close()
    await reloader?.close()
  }
}

/** Where this node's reports are shown: above what is being typed, once somebody types. */
class Voice {
  tell = (text: string): void => void process.stderr.write(`${text}\n`)
}

const LEVELS: readonly string[] = ["debug", "info", "warning", "error"] satisfies Level[]

/** What is typed here is reported where others look, and not to who typed it. */
function bootFor(
  name: string,
  cookie: string,
  applications: readonly Application[],
  options: ShellOptions,
  voice: Voice,
  traceContext?: TraceContext,
): Promise<Node> {
  const style = (format: Parameters<typeof paint>[0]) => (text: string) => paint(format, text)
  const marks = { bad: style("red"), warn: style("yellow"), dim: style("dim"), strong: style("bold") }
  const report = (one: Report): void => {
    const level =
      one.kind === "note" ? one.level : one.kind === "crash" ? "error" : one.kind === "progress" ? "debug" : "warning"
    const own = one.kind === "note" && one.from === "shell" && one.level === "info"
    if (!own && LEVELS.indexOf(level) >= LEVELS.indexOf(options.log)) voice.tell(describeReport(one, marks))
  }
  // What is typed may forget to handle a rejection: it is reported, and the shell goes on.
  return boot({ name, cookie, applications, report, traceContext, attributeRejections: true, onRejection: () => {} })
}

const look = (): Look => ({
  columns: process.stdout.columns ?? 120,
  colour: wantsColour(process.stdout, process.env),
})

async function talk(client: Client, at: string, voice: Voice): Promise<void> {
  const { mode, version, applications } = client.opened
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true
  if (terminal) {
    say(
      `${paint("bold", at)}  ${version}  ${paint("dim", applications.filter((one) => one !== "umbel_shell").join(", "))}`,
    )
    const usual = Object.entries(HELPERS).filter(([, { reads }]) => mode === "full" || reads)
    say(
      paint(
        "dim",
        `${mode === "full" ? "" : "read-only: nothing can be changed from here. "}h() lists the helpers (${usual
          .slice(0, 6)
          .map(([name]) => name)
          .join(", ")}, …); Ctrl-D leaves\n`,
      ),
    )
  }
  const file = historyFile(process.env)
  const lines = new Terminal(client, {
    input: process.stdin,
    output: process.stdout,
    colour: wantsColour(process.stdout, process.env),
    prompt: at.slice(0, at.indexOf("@")),
    history: terminal ? readHistory(file) : [],
    remember: (entry) => {
      if (terminal) remember(file, entry)
    },
  })
  const before = voice.tell
  voice.tell = (text) => lines.notice(text)
  await lines.run()
  voice.tell = before
  client.close()
  // A pipe that is still open would keep this process.
  process.stdin.destroy()
}
