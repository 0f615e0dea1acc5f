/**
 * Booting a node on Node.js.
 *
 * ```ts
 * await using node = await boot({ name: "a@127.0.0.1", cookie: "secret", applications: [shop] })
 * await node.call(COUNTER.at("b@127.0.0.1")).increment(5)
 * ```
 *
 * With a cookie the node is part of a cluster: it registers with the machine's EPMD (or brings one), and talks to any node that shares the cookie.
 * Without one it is alone.
 */
import { createHash } from "node:crypto"
import { exposeBeam } from "../beam/index.ts"
import { Distribution } from "../distribution/index.ts"
import { type ApplicationOptions, startApplications, startKernel } from "../otp/index.ts"
import { type Exposed, Node, type Report, type TraceContext } from "../runtime/index.ts"
import { inspect } from "../term/index.ts"
import { nodeName } from "../wire/index.ts"
import { consoleReports } from "./console.ts"
import { epmdPort } from "./epmd-client.ts"
import { nodejsPlatform } from "./platform.ts"
import { TcpTransport } from "./tcp.ts"

export interface BootOptions extends ApplicationOptions {
  /** `name@host`: the host is how others reach this machine. */
  readonly name: string
  /** What the nodes of a cluster share. Without one this node talks to nobody. */
  readonly cookie?: string | undefined
  /** Where to listen; 127.0.0.1 unless told: a cluster member may do anything, so a wider address is a decision. */
  readonly listenOn?: string | undefined
  readonly port?: number | undefined
  /** `ERL_EPMD_PORT` or 4369 unless told. */
  readonly epmdPort?: number | undefined
  /** Milliseconds of silence until a peer is given up; 60,000 unless told. */
  readonly tickMs?: number | undefined
  /** Bytes of one peer's messages that may lie unread in mailboxes here until the connection with it is closed; 128 MiB unless told. */
  readonly backlogBytes?: number | undefined
  /** Handlers that hold the thread longer than this many milliseconds are reported; 50 unless told. */
  readonly longHandlerMs?: number | undefined
  /** Where reports go; to the console unless told. */
  readonly report?: ((report: Report) => void) | undefined
  /** Functions that any node of the cluster may call here, by module: `rpc:call(Node, Module, Function, Args)`. Nothing else can be called. */
  readonly expose?: Exposed | undefined
  /** What travels with messages beside them: which request or trace they are part of. */
  readonly traceContext?: TraceContext | undefined
  /** Told when an application has ended whose end is the node's; the node stops by itself. */
  readonly onEnd?: ((application: string, reason: unknown) => void) | undefined
}

const KEYS: ReadonlySet<string> = new Set([
  "name",
  "cookie",
  "listenOn",
  "port",
  "epmdPort",
  "tickMs",
  "backlogBytes",
  "longHandlerMs",
  "report",
  "onEnd",
  "applications",
  "types",
  "placement",
  "expose",
  "traceContext",
])

/**
 * A running node with its applications started.
 * @throws RangeError for a name that is none; EpmdError when it is taken; ApplicationFailed
 */
export async function boot(options: BootOptions): Promise<Node> {
  for (const key of Object.keys(options)) {
    if (!KEYS.has(key)) throw new TypeError(`boot has no option ${key}; it has ${[...KEYS].join(", ")}`)
  }
  nodeName(options.name)
  const platform = nodejsPlatform(options.report ?? consoleReports())
  const node = new Node(platform, {
    name: options.name,
    longHandlerMs: options.longHandlerMs,
    traceContext: options.traceContext,
  })
  for (const [module, functions] of Object.entries(options.expose ?? {})) node.exposed.set(module, functions)
  await startKernel(node)
  if (options.cookie !== undefined) await join(node, options, options.cookie)
  await startApplications(node, options, (application, reason) => {
    node.reports.note(
      "error",
      "application",
      `${application} is permanent: the node stops (${inspect(reason, { limit: 20 })})`,
    )
    void node.stop().then(() => options.onEnd?.(application, reason))
  })
  return node
}

async function join(node: Node, options: BootOptions, cookie: string): Promise<void> {
  const transport = new TcpTransport({
    node: options.name,
    listenOn: options.listenOn,
    port: options.port,
    epmdPort: options.epmdPort ?? epmdPort(process.env),
    tell: (level, text) => node.reports.note(level, "epmd", text),
  })
  const md5 = (bytes: Uint8Array): Uint8Array => createHash("md5").update(bytes).digest()
  const distribution = new Distribution(node, transport, {
    cookie,
    md5,
    tickMs: options.tickMs,
    backlogBytes: options.backlogBytes,
  })
  try {
    await exposeBeam(node)
    await distribution.start()
  } catch (error) {
    await node.stop()
    throw error
  }
}
