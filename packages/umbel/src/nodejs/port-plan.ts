/**
 * What a port's specification comes to, once it was checked and its defaults were filled in.
 */
import type { Profile } from "../etf/index.ts"
import type { PortSelf, PortSpec } from "./port.ts"
import { type Coding, codingOf } from "./port-coding.ts"
import { type Packet, packetLimit } from "./port-framing.ts"
import type { Command } from "./port-program.ts"

export interface PortPlan extends Command {
  readonly packet: Packet
  readonly maxPacket: number
  readonly maxUnsent: number
  readonly killAfter: number
  readonly coding: () => Coding
  readonly onMessage: ((self: PortSelf<never>, message: never) => unknown) | undefined
}

const KEYS: ReadonlySet<string> = new Set([
  "command",
  "args",
  "cwd",
  "env",
  "packet",
  "etf",
  "maxPacket",
  "maxUnsent",
  "killAfter",
  "onMessage",
])
const PACKETS: readonly unknown[] = [1, 2, 4, "line", "raw"]
const MIB = 1024 * 1024
const LINE_MAX = 64 * 1024

/** @throws TypeError, RangeError naming the option that is wrong */
export function planOf(module: string, spec: PortSpec): PortPlan {
  for (const key of Object.keys(spec)) {
    if (!KEYS.has(key)) throw new TypeError(`${module}: a port has no ${key}; it has ${[...KEYS].join(", ")}`)
  }
  const { command, args = [], cwd, env = {}, packet, maxUnsent = 8 * MIB, killAfter = 2_000 } = spec
  const wrong = (key: string, due: string, given: unknown): TypeError =>
    new TypeError(
      `${module}: ${key} is ${due}, not ${typeof given === "string" ? JSON.stringify(given) : String(given)}`,
    )
  if (typeof command !== "string" || command === "") throw wrong("command", "the program's name or path", command)
  if (!Array.isArray(args) || args.some((one) => typeof one !== "string"))
    throw wrong("args", "an array of strings", args)
  if (!PACKETS.includes(packet)) throw wrong("packet", "1, 2, 4, line or raw", packet)
  const etf = profileOf(spec.etf)
  if (etf === "unknown") throw wrong("etf", "true, beam or erlport", spec.etf)
  if (etf !== undefined && typeof packet !== "number") {
    throw new TypeError(`${module}: a term has no end of its own: \`etf\` needs packet 1, 2 or 4, not ${packet}`)
  }
  const highest = packetLimit(packet)
  const maxPacket = spec.maxPacket ?? Math.min(highest, packet === "line" ? LINE_MAX : 16 * MIB)
  for (const [key, value, least] of [
    ["maxPacket", maxPacket, 1],
    ["maxUnsent", maxUnsent, 1],
    ["killAfter", killAfter, 0],
  ] as const) {
    if (!(Number.isFinite(value) && value >= least))
      throw new RangeError(`${module}: ${key} is a number from ${least} on, not ${value}`)
  }
  if (maxPacket > highest) {
    throw new RangeError(
      `${module}: a length of ${packet} bytes announces ${highest} at most, not maxPacket: ${maxPacket}`,
    )
  }
  return {
    command,
    args,
    cwd,
    env,
    packet,
    maxPacket,
    maxUnsent,
    killAfter,
    coding: () => codingOf(packet, etf, maxPacket),
    onMessage: spec.onMessage,
  }
}

function profileOf(etf: unknown): Exclude<Profile, "umbel"> | "unknown" | undefined {
  if (etf === undefined || etf === false) return undefined
  if (etf === true) return "beam"
  return etf === "beam" || etf === "erlport" ? etf : "unknown"
}
