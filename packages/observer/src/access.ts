/**
 * Who may see the page, and what they may do: checks of a request's Host, Origin, token and proxy.
 *
 * ```ts
 * const access = new Access(config)
 * access.visitor(request)      // { name: "ann", capabilities, … }, or { status: 403, text: "…" }
 * ```
 *
 * A loopback address alone keeps nobody out who sits in the user's own browser: a page of another site can open a WebSocket here, and a name
 * of theirs can be pointed at 127.0.0.1 (DNS rebinding). So a request must name this server by an address, as `localhost`, or by a name that was
 * configured: no name that others control in DNS. And what changes something, or stays connected, must come from a page that this very server sent, or
 * bring a token in its header, which no page of another site can.
 */
import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { isIP } from "node:net"
import type { ObserverConfig, ProxyConfig } from "./config.ts"
import { CAPABILITIES, type Capability } from "./protocol.ts"
import type { Visitor } from "./view.ts"

export interface Refusal {
  readonly status: number
  readonly text: string
}

interface Grant {
  readonly name: string
  readonly token: Buffer
  /** What the cookie holds: not the token itself, as cookies go to every port of a host. */
  readonly session: string
  readonly capabilities: readonly Capability[]
}

const COOKIE = "umbel_observer"

export class Access {
  readonly #names: ReadonlySet<string>
  readonly #grants: readonly Grant[]
  readonly #proxy: ProxyConfig | undefined
  readonly #most: ReadonlySet<Capability>

  constructor({ host, allowedHosts, token, tokens, proxy, capabilities, readOnly }: ObserverConfig) {
    this.#names = new Set(["localhost", host, ...allowedHosts].map((name) => name.toLowerCase()))
    const first = token === undefined ? [] : [{ name: "token", token, capabilities: CAPABILITIES }]
    this.#grants = [...first, ...tokens].map(({ name, token: secret, capabilities: granted }) => ({
      name,
      token: digest(secret),
      session: digest(`session of ${secret}`).toString("base64url"),
      capabilities: granted,
    }))
    this.#proxy = proxy
    this.#most = new Set(capabilities.filter((capability) => !readOnly || capability !== "manage"))
  }

  /** Who asks, or why this request is not answered. */
  visitor(request: IncomingMessage): Visitor | Refusal {
    const host = hostName(request.headers.host)
    if (host === undefined || !this.#knows(host)) {
      return {
        status: 403,
        text: "This server is not known by that name. Open it as localhost or by its address, or add the name to observer.allowedHosts.\n",
      }
    }
    const address = request.socket.remoteAddress ?? "unknown"
    const proxied = this.#proxied(request, address)
    if (proxied !== undefined) return this.#visitor(proxied.name, address, proxied.capabilities)
    const grant = this.#bearer(request) ?? this.#session(request)
    if (grant !== undefined) return this.#visitor(grant.name, address, grant.capabilities)
    if (this.#grants.length === 0 && this.#proxy === undefined)
      return this.#visitor("anybody here", address, CAPABILITIES)
    return {
      status: 401,
      text:
        this.#grants.length === 0
          ? "The observer is behind a proxy that says who you are, and this request has not come through it.\n"
          : "The observer asks for a token: open its address with ?token=… once, or send it as Authorization: Bearer ….\n",
    }
  }

  /** The same for what only the observer's own page may ask, or a program with a token: a WebSocket, and changes. */
  ownVisitor(request: IncomingMessage): Visitor | Refusal {
    const visitor = this.visitor(request)
    if ("status" in visitor) return visitor
    const { origin, host } = request.headers
    // Browsers always say from where; only the host counts, since a proxy may have ended TLS.
    const own = origin !== undefined && hostOfOrigin(origin) === host?.toLowerCase()
    if (own || (origin === undefined && this.#bearer(request) !== undefined)) return visitor
    return { status: 403, text: "Only the observer's own page may connect.\n" }
  }

  /** The `Set-Cookie` for a visitor who brought a right token; undefined for anybody else. */
  admit(request: IncomingMessage, given: string | null): string | undefined {
    const host = hostName(request.headers.host)
    const grant = given === null ? undefined : this.#grantOf(given)
    if (grant === undefined || host === undefined || !this.#knows(host)) return undefined
    return `${COOKIE}=${grant.session}; Path=/; HttpOnly; SameSite=Strict`
  }

  #visitor(name: string, address: string, granted: readonly Capability[]): Visitor {
    return { name, address, capabilities: new Set(granted.filter((capability) => this.#most.has(capability))) }
  }

  #proxied(
    { headers }: IncomingMessage,
    address: string,
  ): { name: string; capabilities: readonly Capability[] } | undefined {
    const proxy = this.#proxy
    if (proxy === undefined) return undefined
    // IPv4 over a socket of IPv6 has this prefix.
    if (!proxy.from.includes(address) && !proxy.from.includes(address.replace(/^::ffff:/, ""))) return undefined
    const name = headers[proxy.header.toLowerCase()]
    return typeof name === "string" && name !== ""
      ? { name: name.slice(0, 200), capabilities: proxy.capabilities }
      : undefined
  }

  #grantOf(given: string): Grant | undefined {
    const hash = digest(given)
    return this.#grants.find(({ token }) => timingSafeEqual(hash, token))
  }
  #bearer({ headers }: IncomingMessage): Grant | undefined {
    const [, given] = /^Bearer (.+)$/.exec(headers.authorization ?? "") ?? []
    return given === undefined ? undefined : this.#grantOf(given)
  }
  #session({ headers }: IncomingMessage): Grant | undefined {
    const cookies = (headers.cookie ?? "").split(";").map((cookie) => digest(cookie.trim()))
    return this.#grants.find(({ session }) => {
      const wanted = digest(`${COOKIE}=${session}`)
      return cookies.some((cookie) => timingSafeEqual(cookie, wanted))
    })
  }

  #knows(host: string): boolean {
    return isIP(host.replace(/^\[|\]$/g, "")) !== 0 || this.#names.has(host)
  }
}

export const isRefusal = (outcome: Visitor | Refusal): outcome is Refusal => "status" in outcome

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

/** The name in a Host header, without the port, in small letters. */
function hostName(header: string | undefined): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d+)?$/i.exec(header ?? "")
  return match?.[1]?.toLowerCase()
}

function hostOfOrigin(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase()
}
