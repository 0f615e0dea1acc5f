/**
 * How commands look at running nodes: a hidden node of their own, with the umbrella's cookie, that asks and leaves.
 *
 * ```ts
 * await withNode({ node: "back" }, async ({ visitor, name }) => {
 *   const { processes } = await visitor.call(INSPECTOR.at(name)).overview()
 * })
 * ```
 */
import { randomBytes } from "node:crypto"
import { CallExit, Name, type Node, noproc, type Pid, timeout } from "umbel"
import { boot, epmdPort, registeredNodes } from "umbel/nodejs"
import { INSPECTOR, type InspectorApi } from "umbel/otp"
import { cookieOf } from "../cookie.ts"
import { findRoot } from "../umbrella.ts"
import { TimedOut, Unreachable, UsageError } from "../usage-error.ts"

export interface Visit {
  readonly visitor: Node
  /** The node that is looked at. */
  readonly name: string
}
export interface Whom {
  /** As it was typed: a whole name, the part before the `@`, or nothing. */
  readonly node?: string | undefined
}

/** Visitors of this command are called so: they are no nodes of the system. */
export const VISITOR = /^umbel_visit_[0-9a-f]+$/

export const isVisitor = (name: string): boolean => VISITOR.test(name.split("@")[0]!)

/** @throws UsageError, Unreachable */
export async function withVisitor<T>(look: (visitor: Node) => Promise<T>, host = "127.0.0.1"): Promise<T> {
  const root = findRoot(process.cwd())
  const cookie = await cookieOf(root, process.env)
  const name = `umbel_visit_${randomBytes(4).toString("hex")}@${host}`
  const visitor = await boot({ name, cookie, hidden: true, report: () => {} })
  try {
    return await look(visitor)
  } finally {
    await visitor.stop()
  }
}

/**
 * `ofBeam` looks at nodes of the BEAM, which have no inspector; without it they are refused.
 * @throws UsageError where it is not clear which node is meant; Unreachable, TimedOut when it does not answer
 */
export async function withNode<T>(
  { node }: Whom,
  look: (visit: Visit) => Promise<T>,
  ofBeam?: (visit: Visit) => Promise<T>,
): Promise<T> {
  return withVisitor(async (visitor) => {
    const name = await chosen(node)
    await reach(visitor, name)
    try {
      return await look({ visitor, name })
    } catch (error) {
      const asked = error instanceof CallExit && error.target instanceof Name && error.target.name === INSPECTOR.name
      if (!asked) throw error
      if (error.reason === timeout) throw new TimedOut(`${name} has not answered in time`, "it may be busy: try again")
      if (error.reason !== noproc) throw new Unreachable(`${name} no longer answers`, "umbel nodes shows who is there")
      if (ofBeam !== undefined) return await ofBeam({ visitor, name })
      throw new UsageError(
        `${name} is a node of the BEAM, which cannot be looked at so`,
        `umbel observe --node ${name} and umbel shell --remsh ${name} can`,
      )
    }
  })
}

/** The nodes of a machine by their whole names, visitors left out; none where no EPMD runs. */
export async function nodesOf(host = "127.0.0.1"): Promise<readonly string[]> {
  const known = await registeredNodes({ host, port: epmdPort(process.env) }).catch(() => [])
  return known
    .map(({ name }) => `${name}@${host}`)
    .filter((name) => !isVisitor(name))
    .sort()
}

async function chosen(typed: string | undefined): Promise<string> {
  if (typed?.includes("@")) return typed
  const running = await nodesOf()
  if (typed !== undefined) return running.find((name) => name.startsWith(`${typed}@`)) ?? `${typed}@127.0.0.1`
  if (running.length === 0) throw new Unreachable("no node runs on this machine", "umbel up and umbel start start some")
  if (running.length === 1) return running[0]!
  throw new UsageError(
    "several nodes run here",
    `say which: --node ${running.map((name) => name.split("@")[0]).join("|")}`,
  )
}

/** @throws Unreachable saying why */
export async function reach(visitor: Node, name: string): Promise<void> {
  if (await visitor.connect(name).catch(() => false)) return
  const host = name.slice(name.indexOf("@") + 1)
  const running = await nodesOf(host)
  throw new Unreachable(
    `${name} does not answer`,
    running.includes(name)
      ? "it runs: is its cookie that of this umbrella (.umbel/cookie, UMBEL_COOKIE)?"
      : `EPMD on ${host} knows ${running.join(", ") || "no node"}`,
  )
}

/** The inspector over there. */
export const inspectorAt = ({ visitor, name }: Visit) => visitor.call<InspectorApi>(INSPECTOR.at(name))

/** A process as a person types it: `<0.12.0>` as ps prints it, or its name. @throws UsageError */
export async function findProcess(visit: Visit, typed: string): Promise<Pid> {
  const found = await inspectorAt(visit).find(typed, FOUND_MAX)
  const byPid = found.find(({ pid }) => String(pid) === typed || shortPid(pid) === typed)
  if (byPid !== undefined) return byPid.pid
  return theOneCalled(typed, visit.name, found, ({ pid }) => shortPid(pid)).pid
}

/** The only one of those found on a node that has exactly that title. @throws UsageError with those that are like it */
export function theOneCalled<F extends { readonly title: string }>(
  typed: string,
  node: string,
  found: readonly F[],
  pidText: (one: F) => string,
): F {
  const named = found.filter(({ title }) => title === typed)
  if (named.length === 1) return named[0]!
  const like = found.map((one) => `${pidText(one)} ${one.title}`).slice(0, 5)
  throw new UsageError(
    named.length > 1 ? `several processes on ${node} are called ${typed}` : `${node} has no process ${typed}`,
    like.length > 0 ? `there are ${like.join(", ")}` : "umbel ps lists them with their pids",
  )
}

const FOUND_MAX = 100

/** `<0.12.0>`: as Erlang prints a pid of its own node. */
export const shortPid = (pid: Pid): string => `<0.${pid.id}.${pid.serial}>`
