/**
 * Who may see the page: checks of a request's Host, Origin and token.
 *
 * ```ts
 * const access = new Access(config)
 * access.refusal(request)          // undefined, or { status: 403, text: "…" }
 * ```
 *
 * A loopback address alone keeps nobody out who sits in the user's own browser: a page of another site can open a WebSocket here, and a name
 * of theirs can be pointed at 127.0.0.1 (DNS rebinding). So a request must name this server by an address, as `localhost`, or by a name that was
 * configured: no name that others control in DNS. And a WebSocket must come from a page that this very server sent.
 */
import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { isIP } from "node:net"
import type { ObserverConfig } from "./config.ts"

export interface Refusal {
  readonly status: number
  readonly text: string
}

const COOKIE = "umbel_observer"

export class Access {
  readonly #names: ReadonlySet<string>
  readonly #token: Buffer | undefined
  /** What the cookie holds: not the token itself, as cookies go to every port of a host. */
  readonly #session: string | undefined

  constructor({ host, allowedHosts, token }: ObserverConfig) {
    this.#names = new Set(["localhost", host, ...allowedHosts].map((name) => name.toLowerCase()))
    this.#token = token === undefined ? undefined : digest(token)
    this.#session = token === undefined ? undefined : digest(`session of ${token}`).toString("base64url")
  }

  /** Why this request is not answered; undefined when it is. */
  refusal(request: IncomingMessage): Refusal | undefined {
    const host = hostName(request.headers.host)
    if (host === undefined || !this.#knows(host)) {
      return {
        status: 403,
        text: "This server is not known by that name. Open it as localhost or by its address, or add the name to observer.allowedHosts.\n",
      }
    }
    if (this.#session !== undefined && !this.#hasSession(request)) {
      return { status: 401, text: "The observer asks for a token: open its address with ?token=… once.\n" }
    }
    return undefined
  }

  /** The same for a WebSocket. */
  upgradeRefusal(request: IncomingMessage): Refusal | undefined {
    const refused = this.refusal(request)
    if (refused !== undefined) return refused
    const { origin, host } = request.headers
    // Browsers always say from where; only the host counts, since a proxy may have ended TLS.
    if (origin === undefined || hostOfOrigin(origin) !== host?.toLowerCase()) {
      return { status: 403, text: "Only the observer's own page may connect.\n" }
    }
    return undefined
  }

  /** The `Set-Cookie` for a visitor who brought the right token; undefined for anybody else. */
  admit(request: IncomingMessage, given: string | null): string | undefined {
    const host = hostName(request.headers.host)
    if (this.#token === undefined || given === null || host === undefined || !this.#knows(host)) return undefined
    if (!timingSafeEqual(digest(given), this.#token)) return undefined
    return `${COOKIE}=${this.#session}; Path=/; HttpOnly; SameSite=Strict`
  }

  #knows(host: string): boolean {
    return isIP(host.replace(/^\[|\]$/g, "")) !== 0 || this.#names.has(host)
  }

  #hasSession(request: IncomingMessage): boolean {
    const cookies = (request.headers.cookie ?? "").split(";").map((cookie) => cookie.trim())
    const session = digest(`${COOKIE}=${this.#session}`)
    return cookies.some((cookie) => timingSafeEqual(digest(cookie), session))
  }
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

/** The name in a Host header, without the port, in small letters. */
function hostName(header: string | undefined): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d+)?$/i.exec(header ?? "")
  return match?.[1]?.toLowerCase()
}

function hostOfOrigin(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase()
}
