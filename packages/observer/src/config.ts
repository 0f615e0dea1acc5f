/**
 * The observer's configuration: what there is to set, and what is refused before anything listens.
 *
 * ```ts
 * observer.with({ port: 0 })                                         // any free port
 * observer.with({ host: "0.0.0.0", token: "…at least 16 characters" })
 * observer.with({ tokens: [{ name: "ann", token: "…", capabilities: ["inspect"] }] })
 * observer.with({ proxy: { header: "x-forwarded-user", from: ["127.0.0.1"], capabilities: ["inspect", "manage"] } })
 * ```
 *
 * Capabilities only narrow: what a token or the proxy grants counts as far as `capabilities` of the observer allows it.
 */
import { isIP } from "node:net"
import { CAPABILITIES, type Capability } from "./protocol.ts"

export interface ObserverConfig {
  /** Whether it runs at all. Undefined: not where `NODE_ENV` is `production`. */
  readonly enabled: boolean | undefined
  /** 0 for any free one. */
  readonly port: number
  /** The address to listen on. Any but a loopback one needs a token or a proxy. */
  readonly host: string
  /** What a visitor must bring once, as `?token=…` (a cookie keeps it), or with each request as `Authorization: Bearer …`. At least 16 characters. */
  readonly token: string | undefined
  /** More of them, each with a name for the audit and with capabilities of its own. */
  readonly tokens: readonly TokenConfig[]
  /** A reverse proxy that has found out who the visitor is, and says so in a header. */
  readonly proxy: ProxyConfig | undefined
  /** The most that anybody may do. */
  readonly capabilities: readonly Capability[]
  /** Names under which the page may be opened, beside `localhost` and addresses: those of a proxy, say. */
  readonly allowedHosts: readonly string[]
  /** Shows everything and changes nothing: takes `manage` away from everybody. */
  readonly readOnly: boolean
  /**
   * Whether what ends something (a process, a child, an application, a connection) wants its name typed first, by whoever does it. Undefined: where
   * `NODE_ENV` is `production`.
   */
  readonly confirmByName: boolean | undefined
  /** Whether agents may look, and act, by the Model Context Protocol at `/mcp`: with a token, and what it grants. */
  readonly mcp: boolean
  /** Milliseconds between two looks, while somebody looks. */
  readonly refreshMs: number
  /** Pages at a time. */
  readonly viewersMax: number
  /**
   * Where a line of source opens: an address with `{path}` (the whole path on the node's machine) and `{line}`, such as
   * `vscode://file/{path}:{line}`. Undefined: places are no links, and paths are told from the program on.
   */
  readonly sourceLink: string | undefined
  /** Requests a second, of one address, to `/api` and `/metrics`. */
  readonly requestsPerSecond: number
}
export interface TokenConfig {
  readonly name: string
  readonly token: string
  readonly capabilities: readonly Capability[]
}
export interface ProxyConfig {
  /** The header with the visitor's name; without it nobody is let in. The proxy must take it out of what visitors send. */
  readonly header: string
  /** The addresses that the proxy connects from: from elsewhere the header means nothing. */
  readonly from: readonly string[]
  readonly capabilities: readonly Capability[]
}

export const DEFAULTS: ObserverConfig = {
  enabled: undefined,
  port: 4040,
  host: "127.0.0.1",
  token: undefined,
  tokens: [],
  proxy: undefined,
  capabilities: CAPABILITIES,
  allowedHosts: [],
  readOnly: false,
  confirmByName: undefined,
  mcp: false,
  refreshMs: 500,
  viewersMax: 32,
  sourceLink: undefined,
  requestsPerSecond: 20,
}

const TOKEN_MIN = 16

/** The configuration does not make a safe observer. */
export class ObserverRefused extends Error {
  override readonly name = "ObserverRefused"
}

/** @throws ObserverRefused saying which setting, and what it may be */
export function checkConfig(config: ObserverConfig): void {
  const { host, port, token, tokens, proxy, refreshMs, viewersMax, requestsPerSecond } = config
  const refuse = (sentence: string): never => {
    throw new ObserverRefused(sentence)
  }
  const checkToken = (setting: string, value: unknown): void => {
    if (typeof value !== "string" || value.length < TOKEN_MIN)
      refuse(`observer.${setting} is a text of at least ${TOKEN_MIN} characters`)
  }
  const checkCapabilities = (setting: string, given: readonly string[]): void => {
    const odd = given.find((capability) => !(CAPABILITIES as readonly string[]).includes(capability))
    if (odd !== undefined) refuse(`observer.${setting} has ${odd}; there are ${CAPABILITIES.join(", ")}`)
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) refuse(`observer.port is 0 to 65535, not ${port}`)
  if (!Number.isFinite(refreshMs) || refreshMs < 50) refuse(`observer.refreshMs is 50 or more, not ${refreshMs}`)
  if (!Number.isInteger(viewersMax) || viewersMax < 1) refuse(`observer.viewersMax is 1 or more, not ${viewersMax}`)
  if (!(requestsPerSecond >= 1)) refuse(`observer.requestsPerSecond is 1 or more, not ${requestsPerSecond}`)
  const { sourceLink } = config
  if (sourceLink !== undefined && (!/^[a-z][a-z+.-]*:\/\//i.test(sourceLink) || !sourceLink.includes("{path}")))
    refuse(
      `observer.sourceLink is an address with {path} in it, such as vscode://file/{path}:{line}, not ${sourceLink}`,
    )
  if (token !== undefined) checkToken("token", token)
  checkCapabilities("capabilities", config.capabilities)
  for (const { name, token: one, capabilities } of tokens) {
    checkToken(`tokens (${name})`, one)
    checkCapabilities(`tokens (${name})`, capabilities)
  }
  if (proxy !== undefined) {
    checkCapabilities("proxy", proxy.capabilities)
    if (proxy.header === "" || proxy.from.length === 0)
      refuse("observer.proxy needs a `header`, and in `from` the addresses that the proxy connects from")
  }
  if (config.mcp && token === undefined && tokens.length === 0)
    refuse("observer.mcp lets agents in by a token: set observer.tokens, with what they may do, or observer.token")
  if (token === undefined && tokens.length === 0 && proxy === undefined && !isLoopback(host)) {
    refuse(`observer.host is ${host}, which others can reach: set observer.token too, or listen on 127.0.0.1`)
  }
}

/** Whether only programs of this machine reach that address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))
}
