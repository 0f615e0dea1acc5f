/**
 * `umbel observe`: the address of a running deployment's observer; where none of its nodes serves one, a node beside it that does, until Ctrl-C.
 */
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import type { Api } from "umbel"
import { name } from "umbel"
import { boot } from "umbel/nodejs"
import { cookieOf } from "../cookie.ts"
import { paint, say } from "../project/files.ts"
import { nodesOf, reach, type Whom, withVisitor } from "../remote/connect.ts"
import { findRoot } from "../umbrella.ts"
import { Unreachable, UsageError } from "../usage-error.ts"

export interface ObserveOptions extends Whom {
  readonly port: string
  readonly open?: boolean
  readonly json?: boolean
}

interface EndpointApi extends Api {
  calls: { address(): { host: string; port: number } }
}
/** Where the observer's endpoint is registered; its package is loaded only where one must be started. */
const OBSERVER = name<EndpointApi>("umbel_observer")
const ANSWER_MS = 3_000

export async function observe(options: ObserveOptions): Promise<void> {
  const port = Number(options.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port ${options.port} is no port`, "0 to 65535")
  const running = options.node?.includes("@")
    ? [options.node]
    : (await nodesOf()).filter((one) => options.node === undefined || one.startsWith(`${options.node}@`))
  if (running.length === 0)
    throw new Unreachable(
      options.node === undefined ? "no node runs on this machine" : `no node ${options.node} runs on this machine`,
      "umbel up starts a deployment",
    )
  const there = await withVisitor(async (visitor) => {
    for (const one of running) {
      const address = await visitor
        .call(OBSERVER.at(one), { timeout: ANSWER_MS })
        .address()
        .catch(() => undefined)
      if (address !== undefined) return { node: one, url: `http://${address.host}:${address.port}/` }
    }
    return undefined
  })
  if (there !== undefined) return tell(there, options)
  await beside(running, port, options)
}

function tell({ node, url }: { readonly node: string; readonly url: string }, { json, open }: ObserveOptions): void {
  say(
    json === true
      ? JSON.stringify({ node, url })
      : `${paint(["bold", "underline"], url)} ${paint("dim", `(on ${node})`)}`,
  )
  if (open === true) browse(url)
}

async function beside(running: readonly string[], port: number, options: ObserveOptions): Promise<void> {
  const { observer, observerAddress } = await import("@umbel/observer")
  const cookie = await cookieOf(findRoot(process.cwd()), process.env)
  const node = await boot({
    name: `observer_${randomBytes(3).toString("hex")}@127.0.0.1`,
    cookie,
    hidden: true,
    applications: [observer.with({ port })],
  })
  try {
    for (const one of running) await reach(node, one)
    tell({ node: node.name, url: await observerAddress(node) }, options)
    if (options.json !== true) say(paint("dim", `  a node of its own beside ${running.join(", ")}; Ctrl-C stops it`))
    await new Promise<void>((resolve) => {
      process.once("SIGINT", () => resolve())
      process.once("SIGTERM", () => resolve())
    })
  } finally {
    await node.stop()
  }
}

function browse(url: string): void {
  const [command, ...args] =
    process.platform === "darwin" ? ["open"] : process.platform === "win32" ? ["cmd", "/c", "start"] : ["xdg-open"]
  const child = spawn(command!, [...args, url], { detached: true, stdio: "ignore" })
  child.once("error", () =>
    process.stderr.write(`umbel: ${command} is not there to open a browser with; open ${url} yourself\n`),
  )
  child.unref()
}
