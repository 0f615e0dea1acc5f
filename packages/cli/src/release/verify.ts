/** `umbel release --verify`: starts the release that was built, asks for its health, and stops it. */
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface Verified {
  readonly ok: boolean
  /** What it said. */
  readonly text: string
  /** Until it was ready. */
  readonly ms: number
}

const READY_S = 60
const OUTPUT_MAX = 100_000

/** Under a name and an EPMD of its own, so that it meets no node that runs; ports of applications are what the configuration says. */
export async function verify(folder: string, name: string): Promise<Verified> {
  const run = await mkdtemp(join(tmpdir(), "umbel-verify-"))
  const env = {
    ...process.env,
    UMBEL_NODE: `verify_${randomBytes(4).toString("hex")}@127.0.0.1`,
    UMBEL_RUN: run,
    ERL_EPMD_PORT: String(await freePort()),
  }
  const bin = join(folder, "bin", name)
  const started = performance.now()
  const child = spawn(bin, ["start"], { env, stdio: ["ignore", "pipe", "pipe"] })
  let said = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      if (said.length < OUTPUT_MAX) said += String(text)
    })
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", resolve)
    child.once("error", (error) => {
      said += error.message
      resolve(1)
    })
  })
  try {
    const over = new AbortController()
    const ask = (...args: readonly string[]): Promise<{ code: number | null; text: string }> =>
      output(bin, args, env, over.signal)
    const early = ended.then((code) => ({ code: code ?? 1, text: "it ended" }))
    const ready = await Promise.race([ask("ready", "--wait", String(READY_S)), early])
    // Nobody waits any longer for one that has ended.
    if (ready.code !== 0) over.abort()
    const ms = Math.round(performance.now() - started)
    if (ready.code !== 0) return { ok: false, text: `${ready.text}\n${said}`.trim(), ms }
    const health = await ask("health")
    const stop = await ask("stop")
    const code = await ended
    const ok = health.code === 0 && stop.code === 0 && code === 0
    return { ok, text: ok ? health.text : `${health.text}\n${stop.text}\n${said}`.trim(), ms }
  } finally {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL")
    await ended
    await rm(run, { recursive: true, force: true })
  }
}

function output(
  bin: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve) => {
    const child = spawn(bin, args, { env, stdio: ["ignore", "pipe", "pipe"], signal })
    let text = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += String(chunk)))
    child.once("error", (error) => resolve({ code: 1, text: error.message }))
    child.once("close", (code) => resolve({ code, text: text.trim() }))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
