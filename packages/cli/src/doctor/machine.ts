/** What `umbel doctor` checks of the machine: Node.js, EPMD, ports, names, the clock, limits. */
import { lookup } from "node:dns/promises"
import { createServer } from "node:net"
import { hostname } from "node:os"
import { EpmdError, epmdPort, registeredNodes } from "umbel/nodejs"
import type { Umbrella } from "../umbrella.ts"

/** What a check found. `cure` says what to do about it. */
export interface Finding {
  readonly name: string
  readonly state: "ok" | "warning" | "failed"
  readonly text: string
  readonly cure?: string
}

const NODE_LEAST = [20, 19] as const
const FILES_LEAST = 1_024
/** Milliseconds by which the wall clock may have left the monotonic one since this process began. */
const DRIFT_MS = 1_000

export function nodeVersion(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  const [least, leastMinor] = NODE_LEAST
  const ok = major > least || (major === least && minor >= leastMinor)
  return ok
    ? { name: "Node.js", state: "ok", text: version }
    : { name: "Node.js", state: "failed", text: `${version} is too old`, cure: "install 20.19 or newer" }
}

export async function epmd(): Promise<Finding> {
  const name = "EPMD"
  let port: number
  try {
    port = epmdPort(process.env)
  } catch (error) {
    return { name, state: "failed", text: (error as Error).message, cure: "unset ERL_EPMD_PORT, or set it to a port" }
  }
  try {
    const nodes = await registeredNodes({ host: "127.0.0.1", port })
    return {
      name,
      state: "ok",
      text: `on port ${port}, with ${nodes.map((node) => node.name).join(", ") || "no node"}`,
    }
  } catch (error) {
    if ((error as { cause?: NodeJS.ErrnoException }).cause?.code === "ECONNREFUSED") {
      return { name, state: "ok", text: `none on port ${port}; the first node brings one` }
    }
    const text = error instanceof EpmdError ? error.message : String(error)
    return {
      name,
      state: "failed",
      text: `what listens on port ${port} is no EPMD: ${text}`,
      cure: "stop it, or choose another port for all nodes with ERL_EPMD_PORT",
    }
  }
}

export async function observerPort(umbrella: Umbrella | undefined): Promise<Finding> {
  const port = umbrella?.observer ?? 4040
  const name = "observer"
  if (port === false) return { name, state: "ok", text: "off in umbel.config.ts" }
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })
  return free
    ? { name, state: "ok", text: `port ${port} is free` }
    : {
        name,
        state: "warning",
        text: `port ${port} is in use`,
        cure: "a deployment that runs holds it; else say umbel up … --observer PORT, or set `observer` in umbel.config.ts",
      }
}

export async function hostNames(own = hostname()): Promise<Finding> {
  const name = "host name"
  const found = await lookup(own).catch(() => undefined)
  const local = await lookup("localhost").catch(() => undefined)
  if (local === undefined) {
    return { name, state: "failed", text: "localhost is not known", cure: "add 127.0.0.1 localhost to /etc/hosts" }
  }
  if (found === undefined) {
    return {
      name,
      state: "warning",
      text: `${own} is not known to this machine itself`,
      cure: `add it to /etc/hosts, or call nodes NAME@ADDRESS; nodes on 127.0.0.1 work all the same`,
    }
  }
  return { name, state: "ok", text: `${own} is ${found.address}` }
}

export function clock(wall = Date.now(), monotonic = performance.timeOrigin + performance.now()): Finding {
  const drift = Math.round(wall - monotonic)
  const name = "clock"
  if (Math.abs(drift) > DRIFT_MS) {
    return {
      name,
      state: "warning",
      text: `it was set by ${drift} ms within seconds`,
      cure: "let NTP slew it: chronyd, systemd-timesyncd",
    }
  }
  return { name, state: "ok", text: new Date(wall).toISOString() }
}

export function openFiles(): Finding {
  const name = "open files"
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } }
  const soft = report.userLimits?.open_files?.soft
  if (typeof soft !== "number")
    return { name, state: "ok", text: soft === undefined ? "not limited here" : String(soft) }
  return soft >= FILES_LEAST
    ? { name, state: "ok", text: `up to ${soft}` }
    : {
        name,
        state: "warning",
        text: `only ${soft}: each connection needs one`,
        cure: "ulimit -n 65536, or LimitNOFILE= in a unit",
      }
}
