/**
 * Distribution flags: what each end of a link can do. Both announce 64 bits; the link has those that both announced.
 *
 * ```ts
 * const ours = announced()                       // hidden; { visible: true } makes it a visible node
 * const link = negotiate(ours, theirs)
 * has(link, "FRAGMENTS")                         // whether large messages may be cut
 * missingFlags(theirs)                           // [] or, say, ["UTF8_ATOMS"]: then there is no link
 * ```
 *
 * A flag that either end does not set is off, so flags unknown to us are harmless, and so is the one that only Umbel
 * nodes know: by it two of them recognise one another.
 */

/**
 * - `mandatory`: no link without it (OTP 26 and newer insist on all of these, and so do we: OTP 25 has them too)
 * - `optional`: a link may lack it
 * - `request`: asks for something in the handshake, is never negotiated
 * - `internal`: of the BEAM's own making, never sent
 * - `private`: known to Umbel nodes only
 */
export type FlagStatus = "mandatory" | "optional" | "request" | "internal" | "private"

interface Row {
  readonly bit: number
  readonly status: FlagStatus
}

const row = (bit: number, status: FlagStatus): Row => ({ bit, status })

/** All flags by their names in OTP (without `DFLAG_`), by bit. */
export const FLAGS = {
  /** The node is visible: it appears in `nodes()` and takes part in `global`. */
  PUBLISHED: row(0, "optional"),
  ATOM_CACHE: row(1, "internal"),
  EXTENDED_REFERENCES: row(2, "mandatory"),
  /** Monitors of pids. */
  DIST_MONITOR: row(3, "optional"),
  FUN_TAGS: row(4, "mandatory"),
  /** Monitors of registered names. */
  DIST_MONITOR_NAME: row(5, "optional"),
  HIDDEN_ATOM_CACHE: row(6, "internal"),
  NEW_FUN_TAGS: row(7, "mandatory"),
  EXTENDED_PIDS_PORTS: row(8, "mandatory"),
  EXPORT_PTR_TAG: row(9, "mandatory"),
  BIT_BINARIES: row(10, "mandatory"),
  NEW_FLOATS: row(11, "mandatory"),
  /** Unicode in the io protocol: without it peers send Latin-1 requests to our group leaders. */
  UNICODE_IO: row(12, "optional"),
  /** Distribution headers with cached atoms: obliges us to decode them. */
  DIST_HDR_ATOM_CACHE: row(13, "optional"),
  SMALL_ATOM_TAGS: row(14, "optional"),
  INTERNAL_TAGS: row(15, "internal"),
  UTF8_ATOMS: row(16, "mandatory"),
  MAP_TAG: row(17, "mandatory"),
  BIG_CREATION: row(18, "mandatory"),
  /** Messages tell their sender (22, 23 instead of 2, 12). */
  SEND_SENDER: row(19, "optional"),
  BIG_SEQTRACE_LABELS: row(20, "optional"),
  PENDING_CONNECT: row(21, "internal"),
  /** Exit reasons travel as payload (24 to 28 instead of 3, 13, 8, 18, 21). */
  EXIT_PAYLOAD: row(22, "optional"),
  /** Messages may come in pieces of 64 KiB. */
  FRAGMENTS: row(23, "optional"),
  HANDSHAKE_23: row(24, "mandatory"),
  /** Unlinking is numbered and acknowledged (35, 36 instead of 4). */
  UNLINK_ID: row(25, "mandatory"),
  /** One bit that stands for everything that OTP 25 made mandatory. */
  MANDATORY_25_DIGEST: row(26, "optional"),
  /** Remote spawn; without it a BEAM node can neither `rpc` nor `erpc` with us. */
  SPAWN: row(32, "optional"),
  /** Asks the acceptor for a name. */
  NAME_ME: row(33, "request"),
  /** Pids, ports and references with larger numbers. */
  V4_NC: row(34, "mandatory"),
  /** Messages to aliases (33, 34). */
  ALIAS: row(35, "optional"),
  LOCAL_EXT: row(36, "internal"),
  /** Messages with priority (37), and all that is sent to aliases, of OTP 28 and newer. What comes with priority is handled in its turn. */
  ALTACT_SIG: row(37, "optional"),
  /** Both ends are Umbel nodes, so terms travel in the `umbel` profile. */
  UMBEL: row(61, "private"),
} as const satisfies Record<string, Row>

export type FlagName = keyof typeof FLAGS

const ROWS = Object.entries(FLAGS) as readonly (readonly [FlagName, Row])[]

/** The bit of a flag. */
export const flag = (name: FlagName): bigint => 1n << BigInt(FLAGS[name].bit)

const union = (names: readonly FlagName[]): bigint => names.reduce((bits, name) => bits | flag(name), 0n)

/** What OTP 25 made mandatory: the set that MANDATORY_25_DIGEST stands for. */
const MANDATORY_25 = union([
  "EXTENDED_REFERENCES",
  "FUN_TAGS",
  "NEW_FUN_TAGS",
  "EXTENDED_PIDS_PORTS",
  "EXPORT_PTR_TAG",
  "BIT_BINARIES",
  "NEW_FLOATS",
  "UTF8_ATOMS",
  "MAP_TAG",
  "BIG_CREATION",
  "HANDSHAKE_23",
])

const MANDATORY = union(ROWS.filter(([, { status }]) => status === "mandatory").map(([name]) => name))

const DIGEST = flag("MANDATORY_25_DIGEST")

const HIDDEN_PROFILE =
  MANDATORY |
  union([
    "MANDATORY_25_DIGEST",
    "DIST_MONITOR",
    "DIST_MONITOR_NAME",
    "UNICODE_IO",
    "DIST_HDR_ATOM_CACHE",
    "SMALL_ATOM_TAGS",
    "SEND_SENDER",
    "BIG_SEQTRACE_LABELS",
    "EXIT_PAYLOAD",
    "FRAGMENTS",
    "SPAWN",
    "ALIAS",
    "ALTACT_SIG",
    "UMBEL",
  ])

/**
 * What we announce.
 * @param options.visible Announce PUBLISHED. Default: no. A visible node must speak all of `global`.
 * @param options.nameMe Ask the peer for our name. Such a link is always hidden, whatever `visible` says.
 * @param options.without Flags to leave out, for tests and for peers with a bug.
 */
export function announced(
  options: { visible?: boolean; nameMe?: boolean; without?: readonly FlagName[] } = {},
): bigint {
  let flags = HIDDEN_PROFILE & ~union(options.without ?? [])
  if (options.nameMe === true) flags |= flag("NAME_ME")
  else if (options.visible === true) flags |= flag("PUBLISHED")
  return flags
}

/** Whether a flag is set. */
export const has = (flags: bigint, name: FlagName): boolean => (flags & flag(name)) !== 0n

/** The flags of a link: those that both ends announced, the digest spelt out. */
export const negotiate = (ours: bigint, theirs: bigint): bigint => spelt(ours) & spelt(theirs)

/** The names of the mandatory flags that are not in `flags`: empty for a peer that we can talk to. */
export function missingFlags(flags: bigint): readonly FlagName[] {
  const missing = MANDATORY & ~spelt(flags)
  if (missing === 0n) return []
  return flagNames(missing)
}

/** The names of all known flags that are set, lowest bit first. */
export const flagNames = (flags: bigint): readonly FlagName[] =>
  ROWS.filter(([name]) => has(flags, name)).map(([name]) => name)

/** The encoding profile of a link with these negotiated flags. */
export const profileOf = (negotiated: bigint): "umbel" | "beam" => (has(negotiated, "UMBEL") ? "umbel" : "beam")

const spelt = (flags: bigint): bigint => ((flags & DIGEST) === 0n ? flags : flags | MANDATORY_25)
