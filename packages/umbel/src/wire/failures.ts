/**
 * Everything that can go wrong on the wire: closed unions of reasons, each with a sentence that names the cure.
 *
 * ```ts
 * describe({ reason: "cookie_mismatch", peer: "b@127.0.0.1" })
 * // "b@127.0.0.1 does not share our cookie: start both nodes with the same one (…)"
 * ```
 *
 * A failed handshake is data (`HandshakeFailure`), as nothing is broken but the attempt. On a connected link, and towards
 * epmd, bad bytes throw {@link ProtocolError}: whoever drives the link closes it and logs the message.
 */

/** Where a handshake stands, in the order of the protocol: what is awaited from the peer. */
export type HandshakeStep = "name" | "status" | "alive answer" | "challenge" | "challenge reply" | "challenge ack"

/** Why two nodes did not become connected. */
export type HandshakeFailure =
  | { readonly reason: "malformed"; readonly step: HandshakeStep; readonly detail: string }
  | { readonly reason: "old_handshake" }
  | { readonly reason: "bad_node_name"; readonly name: string }
  | { readonly reason: "own_name"; readonly name: string }
  | { readonly reason: "wrong_peer"; readonly wanted: string; readonly got: string }
  | { readonly reason: "missing_flags"; readonly peer: string; readonly flags: readonly string[] }
  | { readonly reason: "cookie_mismatch"; readonly peer: string }
  | { readonly reason: "not_allowed"; readonly peer: string }
  | { readonly reason: "refused"; readonly peer: string }
  | { readonly reason: "simultaneous"; readonly peer: string; readonly winner: "ours" | "theirs" }
  | { readonly reason: "already_connected"; readonly peer: string }
  | { readonly reason: "no_name_given"; readonly peer: string }
  | { readonly reason: "closed"; readonly peer: string | undefined; readonly step: HandshakeStep }
  | { readonly reason: "timeout"; readonly peer: string | undefined; readonly step: HandshakeStep; readonly ms: number }

/** Why a connected link had to be closed. */
export type LinkFailure =
  | { readonly reason: "frame_too_large"; readonly bytes: number; readonly limit: number }
  | { readonly reason: "wrong_framing"; readonly expected: number; readonly got: number }
  | { readonly reason: "bad_header"; readonly detail: string }
  | { readonly reason: "bad_fragment"; readonly detail: string }
  | { readonly reason: "fragments_too_large"; readonly what: "bytes" | "sequences"; readonly limit: number }
  | { readonly reason: "no_control"; readonly detail: string }
  | { readonly reason: "unknown_op"; readonly op: number }
  | { readonly reason: "obsolete_op"; readonly op: number }
  | { readonly reason: "wrong_arity"; readonly op: number; readonly expected: number; readonly got: number }
  | { readonly reason: "wrong_element"; readonly op: number; readonly field: string; readonly expected: string }
  | { readonly reason: "missing_payload"; readonly op: number }
  | {
      readonly reason: "malformed_term"
      readonly where: "header" | "control" | "message"
      readonly offset: number
      readonly detail: string
    }

/** What epmd, or a client of our own epmd, got wrong. */
export type EpmdFailure =
  | { readonly reason: "epmd_malformed"; readonly what: string; readonly detail: string }
  | { readonly reason: "epmd_closed"; readonly what: string }
  | { readonly reason: "epmd_too_large"; readonly what: string; readonly limit: number }

export type Failure = HandshakeFailure | LinkFailure | EpmdFailure

/** Bytes that break the protocol. The link they came over has to be closed; nothing after them can be trusted. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError"
  readonly failure: LinkFailure | EpmdFailure

  constructor(failure: LinkFailure | EpmdFailure, options?: { cause: unknown }) {
    super(describe(failure), options)
    this.failure = failure
  }
}

type Sentences = { readonly [R in Failure["reason"]]: (failure: Extract<Failure, { reason: R }>) => string }

const who = (peer: string | undefined): string => peer ?? "a node that has not told its name yet"

/** A close says nothing; what was awaited tells what it most often means. */
const CLOSED: { readonly [S in HandshakeStep]: string } = {
  name: "it may be no Erlang node at all, or a port scan",
  status: "it may run OTP 24 or older, or find our node name invalid: see its log",
  "alive answer": "it gave its attempt up, and will try again if it still needs us",
  challenge: "it may have been stopped: see its log",
  "challenge reply": "most often it does not share our cookie, or did not expect our name: see its log",
  "challenge ack": "most often it does not share our cookie: start both nodes with the same one",
}

const SENTENCES: Sentences = {
  malformed: ({ step, detail }) =>
    `instead of a ${step} came something else (${detail}): is the address that of an Erlang node, and TLS on at both ends or at none?`,
  old_handshake: () => "the peer speaks the handshake of OTP 22 and older: upgrade it to OTP 25 or newer",
  bad_node_name: ({ name }) => `${JSON.stringify(name)} is no node name: start the peer with one of the form name@host`,
  own_name: ({ name }) => `the peer calls itself ${name}, which is our own name: give each node a name of its own`,
  wrong_peer: ({ wanted, got }) =>
    `we wanted ${wanted} and reached ${got}: look for a stale entry in epmd or a host name that resolves to another machine`,
  missing_flags: ({ peer, flags }) =>
    `${peer} lacks what every node must speak (${flags.join(", ")}): upgrade it to OTP 25 or newer`,
  cookie_mismatch: ({ peer }) =>
    `${peer} does not share our cookie: start both nodes with the same one (-setcookie, ~/.erlang.cookie or the option cookie)`,
  not_allowed: ({ peer }) =>
    `${peer} does not allow us in: see its log for flags it misses, net_kernel:allow/1 there, and whether both use long names or both short ones`,
  refused: ({ peer }) => `${peer} is not among the nodes that may connect to us: allow it in our configuration`,
  simultaneous: ({ peer, winner }) =>
    `${peer} and we connected to one another at once and ${winner === "ours" ? "our attempt" : "its attempt"} is the one that counts: wait for that one`,
  already_connected: ({ peer }) => `there is a connection with ${peer} already: use that one, or close it first`,
  no_name_given: ({ peer }) =>
    `${peer} gave us no name though we asked for one: start this node with a name of its own`,
  closed: ({ peer, step }) => `${who(peer)} closed the connection while we awaited its ${step}: ${CLOSED[step]}`,
  timeout: ({ peer, step, ms }) =>
    `${who(peer)} sent no ${step} for ${ms} ms: see whether it is overloaded or a firewall swallows its packets`,
  frame_too_large: ({ bytes, limit }) =>
    `a frame of ${bytes} bytes exceeds the limit of ${limit}: send less in one message, or raise the limit`,
  wrong_framing: ({ expected, got }) =>
    `a frame starts with ${got} where ${expected} was agreed on: the peer breaks the protocol, report it there`,
  bad_header: ({ detail }) =>
    `a distribution header is corrupt (${detail}): the peer breaks the protocol, report it there`,
  bad_fragment: ({ detail }) => `a fragment does not fit (${detail}): the peer breaks the protocol, report it there`,
  fragments_too_large: ({ what, limit }) =>
    `unfinished messages exceed the limit of ${limit} ${what}: send less at once, or raise the limit`,
  no_control: ({ detail }) =>
    `a frame holds no control message (${detail}): the peer breaks the protocol, report it there`,
  unknown_op: ({ op }) => `control message ${op} is unknown: the peer uses what was not agreed on, report it there`,
  obsolete_op: ({ op }) => `control message ${op} is obsolete: upgrade the peer to OTP 25 or newer`,
  wrong_arity: ({ op, expected, got }) =>
    `control message ${op} has ${got} elements instead of ${expected}: the peer breaks the protocol, report it there`,
  wrong_element: ({ op, field, expected }) =>
    `control message ${op} has no ${expected} as its ${field}: the peer breaks the protocol, report it there`,
  missing_payload: ({ op }) =>
    `control message ${op} comes without its payload: the peer breaks the protocol, report it there`,
  malformed_term: ({ where, offset, detail }) =>
    `the ${where} cannot be read (${detail}, at byte ${offset} of the frame): see what the sender put into it`,
  epmd_malformed: ({ what, detail }) =>
    `${what} cannot be read (${detail}): see whether the port (ERL_EPMD_PORT, 4369) is really epmd's`,
  epmd_closed: ({ what }) =>
    `the connection closed before ${what} was complete: see whether epmd still runs, and retry`,
  epmd_too_large: ({ what, limit }) =>
    `${what} exceeds ${limit} bytes: see whether the port (ERL_EPMD_PORT, 4369) is really epmd's`,
}

/** One sentence for a person: what happened, and what to do about it. */
export function describe(failure: Failure): string {
  const sentence = SENTENCES[failure.reason] as (failure: Failure) => string
  return sentence(failure)
}
