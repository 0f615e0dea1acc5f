/**
 * A PostgreSQL of a test's own, in a temporary folder, on a free port of this machine; gone when the test is.
 *
 * ```ts
 * await using postgres = await Postgres.start()
 * postgres.url       // postgres://postgres@127.0.0.1:41234/postgres
 * ```
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { peers } from "../../../interop/peers.ts"
import { freePort } from "../../../interop/support/ports.ts"

export class Postgres implements AsyncDisposable {
  readonly url: string
  readonly #server: ChildProcess
  readonly #folder: string

  private constructor(url: string, server: ChildProcess, folder: string) {
    this.url = url
    this.#server = server
    this.#folder = folder
  }

  static async start(): Promise<Postgres> {
    const bin = dirname(peers.postgres!)
    const folder = mkdtempSync(join(tmpdir(), "umbel-shop-"))
    const data = join(folder, "data")
    const user = ordinaryUser()
    if (user !== undefined) {
      chmodSync(folder, 0o755)
      chownSync(folder, user.uid, user.gid)
    }
    const options = { ...user, cwd: folder }
    execFileSync(join(bin, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync"], {
      ...options,
      stdio: "pipe",
    })
    const port = await freePort()
    const server = spawn(
      join(bin, "postgres"),
      ["-D", data, "-h", "127.0.0.1", "-p", String(port), "-k", folder, "-F"],
      { ...options, stdio: ["ignore", "pipe", "pipe"] },
    )
    await ready(server)
    return new Postgres(`postgres://postgres@127.0.0.1:${port}/postgres`, server, folder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#server.once("exit", resolve))
    // "Immediate shutdown": nothing of it is kept.
    this.#server.kill("SIGQUIT")
    await gone
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ""
    server.stderr!.on("data", (text: Buffer) => {
      said += text.toString()
      if (said.includes("ready to accept connections")) resolve()
    })
    server.once("exit", () => reject(new Error(`PostgreSQL ended at once:\n${said}`)))
  })
}

/** PostgreSQL refuses to be root; then it is who its package made for it. */
function ordinaryUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }))
  return { uid: id("-u"), gid: id("-g") }
}
