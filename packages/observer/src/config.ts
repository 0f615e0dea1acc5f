/**
 * The observer's configuration: what there is to set, and what is refused before anything listens.
 *
 * ```ts
 * observer.with({ port: 0 })                                         // any free port
 * observer.with({ host: "0.0.0.0", token: "…at least 16 characters" })
 * ```
 */
import { isIP } from "node:net"

export interface ObserverConfig {
  /** 0 for any free one. */
  readonly port: number
  /** The address to listen on. Any but a loopback one needs a `token`. */
  readonly host: string
  /** What a visitor must bring once, as `?token=…`; a cookie keeps it. At least 16 characters. */
  readonly token: string | undefined
  /** Names under which the page may be opened, beside `localhost` and addresses: those of a proxy, say. */
  readonly allowedHosts: readonly string[]
  /** Shows everything and changes nothing. */
  readonly readOnly: boolean
  /** Milliseconds between two looks, while somebody looks. */
  readonly refreshMs: number
  /** Pages at a time. */
  readonly viewersMax: number
}

export const DEFAULTS: ObserverConfig = {
  port: 4040,
  host: "127.0.0.1",
  token: undefined,
  allowedHosts: [],
  readOnly: false,
  refreshMs: 500,
  viewersMax: 32,
}

const TOKEN_MIN = 16

/** The configuration does not make a safe observer. */
export class ObserverRefused extends Error {
  override readonly name = "ObserverRefused"
}

/** @throws ObserverRefused saying which setting, and what it may be */
export function checkConfig(config: ObserverConfig): void {
  const { host, port, token, refreshMs, viewersMax } = config
  const refuse = (sentence: string): never => {
    throw new ObserverRefused(sentence)
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) refuse(`observer.port is 0 to 65535, not ${port}`)
  if (!Number.isFinite(refreshMs) || refreshMs < 50) refuse(`observer.refreshMs is 50 or more, not ${refreshMs}`)
  if (!Number.isInteger(viewersMax) || viewersMax < 1) refuse(`observer.viewersMax is 1 or more, not ${viewersMax}`)
  if (token !== undefined && (typeof token !== "string" || token.length < TOKEN_MIN)) {
    refuse(`observer.token is a text of at least ${TOKEN_MIN} characters`)
  }
  if (token === undefined && !isLoopback(host)) {
    refuse(`observer.host is ${host}, which others can reach: set observer.token too, or listen on 127.0.0.1`)
  }
}

/** Whether only programs of this machine reach that address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))
}
