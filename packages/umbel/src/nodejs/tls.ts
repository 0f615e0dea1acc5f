/**
 * TLS between nodes, as Erlang's `-proto_dist inet_tls` speaks it: certificates both ways, and behind them the same handshake and cookie.
 *
 * ```ts
 * await boot({ name: "a@10.0.0.7", cookie, listenOn: "10.0.0.7", tls: { key, cert, ca } })      // the contents of PEM files
 * ```
 *
 * A certificate without which nobody gets in is the point of it, so `ca` is needed, and should be an authority of the cluster's own: whom it signs is a member.
 */
import type { Server, Socket } from "node:net"
import { connect, createServer, type PeerCertificate, type TLSSocket } from "node:tls"
import { type Carrier, CONNECT_MS, type Tell } from "./carrier.ts"

/** PEM texts. */
export interface TlsOptions {
  readonly key: string | Uint8Array
  /** The certificate, and those between it and the authority's. */
  readonly cert: string | Uint8Array
  /** The authorities whose certificates count. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** Whether the other side must show a certificate of these authorities, be it connected to or connecting. Yes unless told. */
  readonly verify?: boolean | undefined
  /** Whether the certificate of a node we connect to must be for the host in its name. Yes unless told; no where all nodes share one. */
  readonly checkHost?: boolean | undefined
  readonly passphrase?: string | undefined
}

const KEYS: ReadonlySet<string> = new Set(["key", "cert", "ca", "verify", "checkHost", "passphrase"])

/** Connections that have not done with TLS, at most. */
const UNPROVEN_MAX = 256

/** @throws TypeError for options that do not go together; Error for a key or certificate that cannot be read */
export function tlsCarrier(options: TlsOptions, tell: Tell): Carrier {
  for (const key of Object.keys(options)) {
    if (!KEYS.has(key)) throw new TypeError(`tls has no option ${key}; it has ${[...KEYS].join(", ")}`)
  }
  const { verify = true, checkHost = true } = options
  if (verify && options.ca === undefined) {
    throw new TypeError(
      "tls needs `ca`, the authority whose certificates other nodes must show (or verify: false, and the cookie is all that keeps strangers out)",
    )
  }
  const common = {
    key: buffer(options.key),
    cert: buffer(options.cert),
    ca: options.ca === undefined ? undefined : [options.ca].flat().map((ca) => buffer(ca as string | Uint8Array)),
    passphrase: options.passphrase,
    minVersion: "TLSv1.2" as const,
  }
  return {
    handshakeHeader: 4,
    server: (onSocket) => server({ ...common, verify }, tell, onSocket),
    connect: (host, address, port) =>
      new Promise((resolve, reject) => {
        const socket = connect({
          ...common,
          host: address,
          port,
          // A server name is a name; an address is none.
          ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
          rejectUnauthorized: verify,
          checkServerIdentity: (_, certificate) => (checkHost ? wrongHost(host, certificate) : undefined),
        })
        socket.setNoDelay(true)
        socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error(`no connection within ${CONNECT_MS} ms`)))
        const failed = (error: Error): void =>
          reject(new Error(`TLS with ${host} failed: ${explained(error)}`, { cause: error }))
        socket.once("error", failed)
        socket.once("secureConnect", () => {
          socket.setTimeout(0)
          socket.off("error", failed)
          resolve(socket)
        })
      }),
  }
}

interface ServerOptions {
  readonly key: Buffer
  readonly cert: Buffer
  readonly ca: Buffer[] | undefined
  readonly passphrase: string | undefined
  readonly minVersion: "TLSv1.2"
  readonly verify: boolean
}

function server(options: ServerOptions, tell: Tell, onSocket: (socket: Socket) => void): Server {
  const { verify, ...common } = options
  let unproven = 0
  // Certificates are looked at here rather than by Node, which drops such a connection without a word.
  const tls = createServer(
    { ...common, requestCert: verify, rejectUnauthorized: false, handshakeTimeout: CONNECT_MS, noDelay: true },
    (socket: TLSSocket) => {
      if (!verify || socket.authorized) return onSocket(socket)
      const from = `${socket.remoteAddress}:${socket.remotePort}`
      tell("warning", `refused a TLS connection from ${from}: ${explained(socket.authorizationError)}`)
      socket.on("error", () => socket.destroy())
      socket.destroy()
    },
  )
  tls.on("connection", (socket: Socket) => {
    if (unproven >= UNPROVEN_MAX) {
      socket.destroy()
      return
    }
    unproven++
    let done = false
    const proven = (): void => {
      if (done) return
      done = true
      unproven--
    }
    socket.once("close", proven)
    tls.once("secureConnection", proven)
  })
  tls.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    // Whoever only looked whether something listens here is not worth a word.
    if (error.code !== "ECONNRESET") {
      tell("warning", `refused a TLS connection from ${socket.remoteAddress}: ${explained(error)}`)
    }
  })
  return tls
}

/** What OpenSSL calls it, and what that means for a cluster. */
function explained(error: unknown): string {
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: String(error), message: String(error) }
  switch (code) {
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return `its certificate is of no authority that this node knows (${code}): give both nodes certificates of the same one, and its own as tls.ca`
    case "CERT_HAS_EXPIRED":
      return `its certificate has expired (${code})`
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_HTTP_REQUEST":
    case "ERR_SSL_UNEXPECTED_MESSAGE":
      return `it does not speak TLS (${code}): both nodes must, or neither (-proto_dist inet_tls on Erlang's side)`
    default:
      return message
  }
}

/** An error where the certificate is not for that host. */
function wrongHost(host: string, certificate: PeerCertificate): Error | undefined {
  const names = (certificate.subjectaltname ?? "").split(", ").map((name) => name.replace(/^(DNS|IP Address):/, ""))
  if (names.some((name) => name === host || (name.startsWith("*.") && host.endsWith(name.slice(1))))) return undefined
  const { CN } = certificate.subject
  if (certificate.subjectaltname === undefined && CN === host) return undefined
  return new Error(
    `its certificate is for ${certificate.subjectaltname ?? CN}, not for ${host}: give it one, or tls.checkHost: false where nodes share one`,
  )
}

const buffer = (pem: string | Uint8Array): Buffer => Buffer.from(pem as string)
