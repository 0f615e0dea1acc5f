/**
 * Where and how a release runs: from its environment, `runtime.config.ts`, and what was typed behind `start`. Read once, at boot.
 *
 * | variable | what |
 * | --- | --- |
 * | `UMBEL_NODE` | the node's name, `NAME@127.0.0.1` unless told |
 * | `UMBEL_COOKIE`, `UMBEL_COOKIE_FILE` | the cookie, else `releases/COOKIE` |
 * | `UMBEL_LISTEN`, `UMBEL_PORT` | where other nodes connect; 127.0.0.1 and any free port unless told |
 * | `UMBEL_PLACEMENT` | JSON: application to the nodes that run it |
 * | `UMBEL_CONFIG` | JSON: configuration by application, over all but `--set` |
 * | `UMBEL_LOG` | debug, info, warning or error |
 * | `UMBEL_HEALTH` | a port, or `address:port`, that answers `GET /health` and `/ready` |
 * | `UMBEL_OBSERVER` | a port for the observer; off unless told |
 * | `UMBEL_DRAIN_MS`, `UMBEL_STOP_MS` | how long a stop waits before it begins, 0, and may take, 30,000 |
 * | `UMBEL_RUN` | a folder for the control socket; `run` in the release unless told |
 */
import { readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { ConfigError, type Placement } from "umbel"
import type { Level } from "umbel/nodejs"
import type { TraceContext } from "umbel/runtime"
import { overrides } from "../../plan.ts"
import type { ReleaseParts } from "../parts.ts"
import { Environment, type RuntimeNode, readRuntime } from "../runtime-config.ts"

export type Variables = Readonly<Record<string, string | undefined>>

export interface Settings {
  readonly name: string
  readonly cookie: string
  readonly listenOn: string
  readonly port: number
  readonly placement: Placement
  /** What travels with messages. */
  readonly traceContext: TraceContext | undefined
  readonly log: Level
  readonly health: { readonly host: string; readonly port: number } | undefined
  readonly observer: number | undefined
  readonly drainMs: number
  readonly stopMs: number
  /** Configuration over that of the applications, lowest first. */
  readonly layers: readonly Readonly<Record<string, object>>[]
}

/** What of it every verb needs: whom it is about. */
export interface Place {
  /** The release's folder. */
  readonly home: string
  readonly run: string
  readonly name: string
}

/** @throws ConfigError */
export async function readSettings(
  parts: ReleaseParts,
  home: string,
  variables: Variables,
  set: readonly string[],
): Promise<Settings> {
  const env = new Environment(variables)
  const applications = parts.applications.map(({ name }) => name)
  const given = { release: parts.name, env: variables }
  const { node, config } = await readRuntime(await parts.runtime?.(), given, applications, parts.known)
  return {
    name: nodeNameOf(parts, env, node),
    cookie: await cookieOf(home, variables, node),
    listenOn: env.text("UMBEL_LISTEN", node.listenOn ?? "127.0.0.1"),
    port: portOf("$UMBEL_PORT", env.integer("UMBEL_PORT", node.port ?? 0)),
    traceContext: node.traceContext,
    placement: { ...node.placement, ...(table(env, "UMBEL_PLACEMENT") as Placement) },
    log: env.oneOf<Level>("UMBEL_LOG", ["debug", "info", "warning", "error"], "info"),
    health: healthOf(env),
    observer: variables["UMBEL_OBSERVER"] ? portOf("$UMBEL_OBSERVER", env.integer("UMBEL_OBSERVER")) : undefined,
    drainMs: env.integer("UMBEL_DRAIN_MS", 0),
    stopMs: env.integer("UMBEL_STOP_MS", 30_000),
    layers: [parts.config, config, environmentConfig(variables, parts.known), overrides(set)],
  }
}

/** Configuration by application in `UMBEL_CONFIG`. @throws ConfigError */
export function environmentConfig(variables: Variables, known: readonly string[]): Readonly<Record<string, object>> {
  const config = table(new Environment(variables), "UMBEL_CONFIG") as Record<string, object>
  const other = Object.keys(config).find((name) => !known.includes(name))
  if (other === undefined) return config
  throw new ConfigError(`$UMBEL_CONFIG ${other}`, `there is no such application; there are ${known.join(", ")}`)
}

/** Which running node a verb is about. @throws ConfigError */
export async function placeOf(parts: ReleaseParts, home: string, variables: Variables): Promise<Place> {
  const env = new Environment(variables)
  const run = env.text("UMBEL_RUN", join(home, "run"))
  // Most verbs need the name alone, so nothing else of runtime.config.ts may stand in their way when the environment says it.
  if (variables["UMBEL_NODE"]) return { home, run, name: nodeNameOf(parts, env, {}) }
  const given = { release: parts.name, env: variables }
  const { node } = await readRuntime(await parts.runtime?.(), given, [], parts.known)
  return { home, run, name: nodeNameOf(parts, env, node) }
}

function nodeNameOf(parts: ReleaseParts, env: Environment, node: RuntimeNode): string {
  const name = env.text("UMBEL_NODE", node.name ?? `${parts.name}@127.0.0.1`)
  if (/^[A-Za-z0-9_-]{1,200}@[A-Za-z0-9.:_-]{1,200}$/.test(name)) return name
  throw new ConfigError("$UMBEL_NODE", `a node is called name@host, not ${JSON.stringify(name)}`)
}

/** @throws ConfigError when there is none, or others may read the file */
async function cookieOf(home: string, variables: Variables, node: RuntimeNode): Promise<string> {
  const direct = variables["UMBEL_COOKIE"] || node.cookie
  if (direct) return checkedCookie(direct, "$UMBEL_COOKIE")
  const named = variables["UMBEL_COOKIE_FILE"]
  const file = named || join(home, "releases", "COOKIE")
  const found = await stat(file).catch(() => undefined)
  if (found === undefined) {
    throw new ConfigError("the cookie", `set UMBEL_COOKIE, or write it into ${file} with mode 0600`)
  }
  // A secret that is mounted belongs to root and a group: only strangers count there.
  if ((found.mode & (named ? 0o007 : 0o077)) !== 0)
    throw new ConfigError("the cookie", `others may read it: chmod 600 ${file}`)
  return checkedCookie((await readFile(file, "utf8")).trim(), file)
}

function checkedCookie(cookie: string, from: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(cookie)) return cookie
  throw new ConfigError("the cookie", `${from} holds none: it is 1 to 255 visible ASCII characters without blanks`)
}

function portOf(path: string, port: number): number {
  if (port >= 0 && port <= 65_535) return port
  throw new ConfigError(path, `${port} is no port; it is 0 to 65535`)
}

function healthOf(env: Environment): Settings["health"] {
  const text = env.text("UMBEL_HEALTH", "off")
  if (text === "off") return undefined
  const [, host = "127.0.0.1", port = ""] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  if (port === "") throw new ConfigError("$UMBEL_HEALTH", "expected a port, or address:port")
  return { host, port: portOf("$UMBEL_HEALTH", Number(port)) }
}

function table(env: Environment, name: string): object {
  const text = env.text(name, "{}")
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value
  } catch {
    // Said below, in the same words for all that does not fit.
  }
  throw new ConfigError(`$${name}`, "expected a JSON object")
}
