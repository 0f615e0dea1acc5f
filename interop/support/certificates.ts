/**
 * Certificates for a test, made by `openssl`: an authority, and what it signs.
 *
 * ```ts
 * using folder = new TemporaryFolder()
 * const authority = makeAuthority(folder, "ca")
 * const { key, cert } = authority.sign("node", "IP:127.0.0.1")
 * ```
 */
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import type { TemporaryFolder } from "./folder.ts"

/** PEM texts, and where they lie. */
export interface Certificate {
  readonly key: string
  readonly cert: string
  readonly keyFile: string
  readonly certFile: string
}

export interface Authority extends Certificate {
  /** @param names as openssl writes them: `IP:127.0.0.1,DNS:localhost` */
  sign(file: string, names: string): Certificate
}

const openssl = (...args: string[]): void => void execFileSync("openssl", args, { stdio: "pipe" })
const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

const certificate = (folder: TemporaryFolder, file: string): Certificate => {
  const keyFile = folder.file(`${file}.key`)
  const certFile = folder.file(`${file}.pem`)
  return { key: readFileSync(keyFile, "utf8"), cert: readFileSync(certFile, "utf8"), keyFile, certFile }
}

export function makeAuthority(folder: TemporaryFolder, file: string): Authority {
  const [keyFile, certFile] = [folder.file(`${file}.key`), folder.file(`${file}.pem`)]
  openssl("req", "-x509", ...KEY, "-keyout", keyFile, "-out", certFile, "-days", "2", "-subj", `/CN=${file}`)
  return {
    ...certificate(folder, file),
    sign(name, names) {
      const [request, extensions] = [folder.file(`${name}.csr`), folder.file(`${name}.ext`)]
      writeFileSync(extensions, `subjectAltName=${names}\n`)
      openssl("req", ...KEY, "-keyout", folder.file(`${name}.key`), "-out", request, "-subj", `/CN=${name}`)
      const signing = ["-CA", certFile, "-CAkey", keyFile, "-CAcreateserial", "-days", "2", "-extfile", extensions]
      openssl("x509", "-req", "-in", request, ...signing, "-out", folder.file(`${name}.pem`))
      return certificate(folder, name)
    },
  }
}

/** Erlang's `-ssl_dist_optfile`: certificates are shown and asked for in both directions. */
export function sslDistOptions(folder: TemporaryFolder, own: Certificate, authority: Certificate): string {
  const shown = `{certfile, "${own.certFile}"}, {keyfile, "${own.keyFile}"}, {cacertfile, "${authority.certFile}"}, {verify, verify_peer}`
  const file = folder.file("ssl_dist.conf")
  writeFileSync(file, `[{server, [${shown}, {fail_if_no_peer_cert, true}]}, {client, [${shown}]}].\n`)
  return file
}
