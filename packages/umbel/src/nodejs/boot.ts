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
import { type Allow, askForName, Distribution, type DistributionLimits, type GivenName } from "../distribution/index.ts"
import { startGlobal } from "../global/index.ts"
import { APPLICATION_OPTIONS, type ApplicationOptions, startApplications, startKernel } from "../otp/index.ts"
import { type Exposed, Node, type Platform, type Report, reasonText, type TraceContext } from "../runtime/index.ts"
import { nodeName, TICK_MS } from "../wire/index.ts"
import type { Tell } from "./carrier.ts"
import { consoleReports } from "./console.ts"
import { epmdPort } from "./epmd-client.ts"
import { nodejsPlatform } from "./platform.ts"
import { Rejections } from "./rejections.ts"
import { TcpTransport } from "./tcp.ts"
import { type TlsOptions, tlsCarrier } from "./tls.ts"
import { watchThread } from "./watchdog.ts"

export interface BootOptions extends ApplicationOptions {
  /** `name@host`: the host is how others reach this machine. `undefined@host` for a name that `namedBy` gives. */
  readonly name: string
  /**
   * The node that gives this one its name, as to `erl -sname undefined`: for clients that come and go. It then listens nowhere and is connected with that
   * node from the first.
   */
  readonly namedBy?: string | undefined
  /** What the nodes of a cluster share. Without one this node talks to nobody. */
  readonly cookie?: string | undefined
  /** Whether it is no member for BEAM nodes: in none of their `nodes()`, and without `global`. No unless told. */
  readonly hidden?: boolean | undefined
  /**
   * Whether nodes that lose one another leave the others too, so that no two partitions overlap: yes unless told. As OTP's `prevent_overlapping_partitions`, it must be
   * the same on all nodes.
   */
  readonly preventOverlappingPartitions?: boolean | undefined
  /** Where to listen; 127.0.0.1 unless told: a cluster member may do anything, so a wider address is a decision. */
  readonly listenOn?: string | readonly string[] | undefined
  /** TLS with all nodes that this one talks to, as Erlang's `-proto_dist inet_tls`. */
  readonly tls?: TlsOptions | undefined
  readonly port?: number | undefined
  /** `ERL_EPMD_PORT` or 4369 unless told. */
  readonly epmdPort?: number | undefined
  /** Milliseconds of silence until a peer is given up; 60,000 unless told. */
  readonly tickMs?: number | undefined
  /** The nodes that this one talks to, in either direction: names, patterns, functions. All that share the cookie unless told. */
  readonly allow?: Allow | undefined
  /** Whether a hidden node connects with all hidden Umbel nodes that those it is connected with know, as visible nodes do anyway. Yes unless told. */
  readonly mesh?: boolean | undefined
  /** What peers may make this node hold, until their connection is closed. */
  readonly limits?: DistributionLimits | undefined
  /** Whether to send atoms by their slots in a peer's cache: about half the bytes, for a third more of the time it takes to encode. No unless told. */
  readonly cacheAtoms?: boolean | undefined
  /** Handlers that hold the thread longer than this many milliseconds are reported; 50 unless told. */
  readonly longHandlerMs?: number | undefined
  /**
   * Whether a rejection that nobody handles ends the process that began it, as a crash, where it would otherwise end the program: for development and tests, as each
   * turn costs a little more. No unless told.
   */
  readonly attributeRejections?: boolean | undefined
  /** Told of rejections that nobody handles and that are no process's, once they are reported. Node.js ends the program unless told. */
  readonly onRejection?: ((reason: unknown) => void) | undefined
  /**
   * Milliseconds that the thread may be held until a thread of its own says so on the standard error output, while it is held; no such thread unless told.
   * `umbel start` has one. The observer shows its stacks with the long handlers, whose second time is looked at without it, too.
   */
  readonly watchdogMs?: number | undefined
  /** Where reports go; to the console unless told. */
  readonly report?: ((report: Report) => void) | undefined
  /** Functions that any node of the cluster may call here, by module: `rpc:call(Node, Module, Function, Args)`. Nothing else can be called. */
  readonly expose?: Exposed | undefined
  /** What travels with messages beside them: which request or trace they are part of. */
  readonly traceContext?: TraceContext | undefined
  /**
   * How many of their last messages servers remember for their crash reports, where they do not say it themselves: for development and tests, as each message costs a
   * little more. None unless told.
   */
  readonly rememberMessages?: number | undefined
  /** Told when an application has ended whose end is the node's; the node stops by itself. */
  readonly onEnd?: ((application: string, reason: unknown) => void) | undefined
}

const KEYS: ReadonlySet<string> = new Set([
  "name",
  "cookie",
  "namedBy",
  "hidden",
  "preventOverlappingPartitions",
  "listenOn",
  "tls",
  "port",
  "epmdPort",
  "tickMs",
  "allow",
  "mesh",
  "limits",
  "cacheAtoms",
  "longHandlerMs",
  "watchdogMs",
  "attributeRejections",
  "rememberMessages",
  "onRejection",
  "report",
  "onEnd",
  ...APPLICATION_OPTIONS,
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
  checkName(options)
  const { attributeRejections: attribute = false, onRejection } = options
  const rejections = new Rejections()
  const platform = nodejsPlatform(options.report ?? consoleReports(), attribute ? rejections : undefined)
  const cluster = options.cookie === undefined ? undefined : clusterOf(options, options.cookie)
  const given = await cluster?.askForName(platform)
  const node = new Node(platform, {
    name: given?.name ?? options.name,
    creation: given?.creation,
    longHandlerMs: options.longHandlerMs,
    traceContext: options.traceContext,
    rememberMessages: options.rememberMessages,
  })
  if (attribute || onRejection !== undefined) rejections.listen(node, onRejection)
  for (const [module, functions] of Object.entries(options.expose ?? {})) node.exposed.set(module, functions)
  const { watchdogMs: heldMs, tickMs = TICK_MS } = options
  if (heldMs !== undefined) {
    const watchdog = watchThread({ node: node.name, heldMs, tickMs, told: (stack) => node.reports.held(stack) })
    node.onStop(() => watchdog[Symbol.dispose]())
  }
  await startKernel(node)
  await cluster?.join(node, given)
  await startApplications(node, { env: process.env, ...options }, (application, reason) => {
    node.reports.note("error", "application", `${application} is permanent: the node stops (${reasonText(reason)})`)
    void node.stop().then(() => options.onEnd?.(application, reason))
  })
  return node
}

/** @throws RangeError for a name that is none, or one that another node would have to give */
function checkName({ name, namedBy, cookie }: BootOptions): void {
  const asks = nodeName(name).name === "undefined"
  if (asks && (namedBy === undefined || cookie === undefined)) {
    throw new RangeError(`${name} is a name that another node gives: say which in \`namedBy\`, and give a cookie`)
  }
  if (!asks && namedBy !== undefined) {
    throw new RangeError(`${namedBy} is to give a name to a node that has one, ${name}: call it undefined@host`)
  }
}

interface Cluster {
  /** Undefined for a node that has a name. */
  askForName(platform: Platform): Promise<GivenName | undefined>
  join(node: Node, given: GivenName | undefined): Promise<void>
}

function clusterOf(options: BootOptions, cookie: string): Cluster {
  const { name, namedBy, listenOn, port, tls } = options
  let told: Node | undefined
  // Nothing is told before there is a node: nobody can connect by then.
  const tell: Tell = (level, text) => told?.reports.note(level, "network", text)
  const transport = new TcpTransport({
    node: name,
    listenOn,
    port,
    epmdPort: options.epmdPort ?? epmdPort(process.env),
    tell,
    carrier: tls === undefined ? undefined : tlsCarrier(tls, tell),
    hidden: options.hidden,
    unlisted: namedBy !== undefined,
  })
  const md5 = (bytes: Uint8Array): Uint8Array => createHash("md5").update(bytes).digest()
  return {
    async askForName({ clock, random }) {
      if (namedBy === undefined) return undefined
      return await askForName(transport, { host: nodeName(name).host, peer: namedBy, cookie, md5, random, clock })
    },
    async join(node, given) {
      told = node
      const { preventOverlappingPartitions } = options
      // Whoever is named by another node is hidden: that connection is, whatever else we say.
      const hidden = (options.hidden ?? false) || given !== undefined
      const distribution = new Distribution(node, transport, {
        cookie,
        md5,
        hidden,
        tickMs: options.tickMs,
        allow: options.allow,
        mesh: options.mesh,
        limits: options.limits,
        cacheAtoms: options.cacheAtoms,
      })
      try {
        await exposeBeam(node)
        const { tickMs } = distribution
        if (!hidden) await startGlobal(node, distribution, { tickMs, preventOverlappingPartitions })
        await distribution.start(given)
      } catch (error) {
        await node.stop()
        throw error
      }
    },
  }
}
