/**
 * What a release does when it is called: `bin/NAME VERB`. Bundled into every release, with its applications; it needs nothing but Node.js.
 *
 * Exit codes: 0, 1 for what cannot be done (one sentence says why), 69 when the node does not run.
 */
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { mkdir, open, readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { ApplicationFailed, ConfigError } from "umbel"
import { EpmdError } from "umbel/nodejs"
import { UsageError } from "../../usage-error.ts"
import type { ReleaseParts } from "../parts.ts"
import { ask, Failed, NotRunning, type Question, socketOf } from "./control.ts"
import { evaluate, mistakeIn, printed } from "./evaluate.ts"
import type { Status } from "./health.ts"
import { remote } from "./remote.ts"
import { type Place, placeOf, readSettings } from "./settings.ts"
import { configured, scopeOf, start } from "./start.ts"

const UNREACHABLE = 69
/** Milliseconds between two looks at a process that is to end. */
const LOOK_MS = 50

const USAGE: Readonly<Record<string, string>> = {
  "start [--set APP.KEY=VALUE]": "run the node in the foreground, until SIGTERM or Ctrl-C",
  "daemon [--set APP.KEY=VALUE]": "run it in the background, and come back when it is ready",
  "stop [--drain SECONDS]": "stop it in order, and come back when it has ended",
  restart: "stop it, and start it as a daemon again",
  "drain [SECONDS]": "let it want no more work; come back after that time",
  ready: "exit code 0 if it wants work; --wait SECONDS for it to",
  "health [--json]": "what it is doing; exit code 69 when it does not answer",
  remote: "a prompt whose lines are evaluated in it, as rpc does",
  "rpc CODE": "evaluate JavaScript in it, with `node` and each application's exports by its name",
  "eval CODE": "evaluate JavaScript in a process of its own, without starting anything",
  pid: "its process id",
  version: "the release and its version",
}

/** Called by the bundle's entry. */
export async function main(parts: ReleaseParts): Promise<void> {
  const home = dirname(dirname(fileURLToPath(import.meta.url)))
  try {
    await run(parts, home, process.argv[2] ?? "", process.argv.slice(3))
  } catch (error) {
    const said = sentence(parts, error)
    if (said === undefined) throw error
    process.stderr.write(`${parts.name}: ${said}\n`)
    process.exitCode = error instanceof NotRunning ? UNREACHABLE : 1
  }
}

/** For what a person can mend; anything else is a bug, and loud. */
function sentence(parts: ReleaseParts, error: unknown): string | undefined {
  if (error instanceof NotRunning) return `it does not run here; bin/${parts.name} start starts it`
  if (error instanceof UsageError) return `${error.message}; ${error.cure}`
  if (error instanceof ApplicationFailed && error.cause instanceof ConfigError) return error.cause.message
  const plain = [ConfigError, ApplicationFailed, EpmdError, Failed].some((kind) => error instanceof kind)
  return plain ? (error as Error).message : undefined
}

async function run(parts: ReleaseParts, home: string, verb: string, args: readonly string[]): Promise<void> {
  if (verb === "version") return say(`${parts.name} ${parts.version}`)
  if (verb === "start")
    return start(parts, await placeOf(parts, home, process.env), settingsOf(args), args.includes("--daemonised"))
  if (verb === "eval") return evaluateAlone(parts, home, oneArgument(args, "eval CODE"))
  const place = await placeOf(parts, home, process.env)
  const question = (asked: Question): Promise<unknown> => ask(socketOf(place), asked)
  const status = async (): Promise<Status> => (await question({ verb: "status" })) as Status
  switch (verb) {
    case "daemon":
      return daemon(place, args)
    case "pid":
      return say(String((await status()).pid))
    case "stop":
      return stop(place, await status(), secondsAfter(args, "--drain"))
    case "restart": {
      const now = await status()
      if (!now.daemon) {
        throw new UsageError(
          `${now.name} runs in the foreground`,
          "stop it, and let whatever started it start it again",
        )
      }
      await stop(place, now, undefined)
      return daemon(place, [])
    }
    case "drain":
      return void (await question({ verb: "drain", ms: seconds(args[0] ?? "0") }))
    case "ready":
      return ready(place, secondsAfter(args, "--wait") ?? 0)
    case "health":
      return health(await status(), args.includes("--json"))
    case "rpc": {
      const value = String(await question({ verb: "evaluate", code: oneArgument(args, "rpc CODE") }))
      return value === "" ? undefined : say(value)
    }
    case "remote":
      await remote(await status(), (code) => question({ verb: "evaluate", code }) as Promise<string>)
      return
    case "":
    case "help":
    case "--help":
      return usage(parts)
    default:
      throw new UsageError(`there is no ${verb}`, `bin/${parts.name} help says what there is`)
  }
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

function usage(parts: ReleaseParts): void {
  const width = Math.max(...Object.keys(USAGE).map((verb) => verb.length))
  const rows = Object.entries(USAGE).map(([verb, what]) => `  ${verb.padEnd(width)}  ${what}`)
  say(`${parts.name} ${parts.version}: ${parts.applications.map(({ name }) => name).join(", ")}\n\n${rows.join("\n")}`)
}

function settingsOf(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, i) => (args[i - 1] === "--set" ? [arg] : arg.startsWith("--set=") ? [arg.slice(6)] : []))
}
function oneArgument(args: readonly string[], form: string): string {
  if (args.length !== 1) throw new UsageError(`${form} takes one argument`, "put quotes around the code")
  return args[0]!
}
function seconds(text: string): number {
  const value = Number(text.replace(/s$/, ""))
  if (Number.isFinite(value) && value >= 0 && value <= 86_400) return value * 1_000
  throw new UsageError(`${text} is no time`, "write seconds, as in 30 or 0.5")
}
/** Milliseconds. */
function secondsAfter(args: readonly string[], option: string): number | undefined {
  const at = args.indexOf(option)
  return at < 0 ? undefined : seconds(args[at + 1] ?? "")
}

async function daemon(place: Place, args: readonly string[]): Promise<void> {
  const folder = join(place.home, "log")
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${place.name}.log`)
  const log = await open(file, "a", 0o640)
  const command = [...process.execArgv, process.argv[1]!, "start", "--daemonised", ...args]
  const child = spawn(process.execPath, command, {
    detached: true,
    stdio: ["ignore", log.fd, log.fd, "ipc"],
  })
  const from = (await log.stat()).size
  const outcome = await new Promise<number | string | null>((resolve) => {
    child.once("message", () => resolve("ready"))
    child.once("exit", resolve)
  })
  await log.close()
  if (outcome === "ready") {
    // It hangs up by itself as soon as it has said so.
    child.removeAllListeners()
    child.unref()
    return say(`${place.name} runs (pid ${child.pid}); it writes to ${file}`)
  }
  const said = (await readFile(file)).subarray(from).toString().trim()
  throw new Failed(`it ended before it was ready; it said:\n${said}`)
}

async function stop(place: Place, { pid }: Status, drainMs: number | undefined): Promise<void> {
  await ask(socketOf(place), { verb: "stop", drainMs })
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // One that has ended and was not waited for yet is still listed.
  return !(existsSync(`/proc/${pid}/stat`) && / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8")))
}

async function ready(place: Place, waitMs: number): Promise<void> {
  const until = Date.now() + waitMs
  for (;;) {
    const status = await ask(socketOf(place), { verb: "status" }).catch((error: unknown) => {
      if (error instanceof NotRunning && Date.now() < until) return undefined
      throw error
    })
    const state = (status as Status | undefined)?.state ?? "starting"
    if (state === "running") return say("ready")
    if (Date.now() >= until) throw new Failed(`it is not ready: ${state}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

function health(status: Status, json: boolean): void {
  if (json) return say(JSON.stringify(status))
  const { name, version, state, uptimeMs, processes, connected, applications } = status
  say(`${name}  ${status.release} ${version}  ${state}, for ${Math.round(uptimeMs / 1_000)} s, ${processes} processes`)
  for (const one of applications) say(`  ${one.running ? "running" : "ended  "}  ${one.name} (${one.type})`)
  if (connected.length > 0) say(`  connected to ${connected.join(", ")}`)
}

async function evaluateAlone(parts: ReleaseParts, home: string, code: string): Promise<void> {
  const { layers } = await readSettings(parts, home, process.env, [])
  const applications = await configured(parts, layers)
  const scope = { applications, ...(await scopeOf(parts)) }
  const value = await evaluate(code, scope).catch((error: unknown) => {
    throw new Failed(mistakeIn(error))
  })
  const text = printed(value)
  if (text !== "") say(text)
}
