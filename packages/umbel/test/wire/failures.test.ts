import { expect, describe as group, it } from "vitest"
import { describe, type Failure, ProtocolError } from "../../src/wire/failures.ts"

/** One of each: the compiler refuses this table when a reason is missing. */
const EXAMPLES: { readonly [R in Failure["reason"]]: Extract<Failure, { reason: R }> } = {
  malformed: { reason: "malformed", step: "challenge", detail: "an empty frame" },
  old_handshake: { reason: "old_handshake" },
  bad_node_name: { reason: "bad_node_name", name: "b" },
  own_name: { reason: "own_name", name: "a@h" },
  wrong_peer: { reason: "wrong_peer", wanted: "b@h", got: "c@h" },
  missing_flags: { reason: "missing_flags", peer: "b@h", flags: ["MAP_TAG", "V4_NC"] },
  cookie_mismatch: { reason: "cookie_mismatch", peer: "b@h" },
  not_allowed: { reason: "not_allowed", peer: "b@h" },
  refused: { reason: "refused", peer: "b@h" },
  simultaneous: { reason: "simultaneous", peer: "b@h", winner: "theirs" },
  already_connected: { reason: "already_connected", peer: "b@h" },
  no_name_given: { reason: "no_name_given", peer: "b@h" },
  closed: { reason: "closed", peer: undefined, step: "name" },
  timeout: { reason: "timeout", peer: "b@h", step: "status", ms: 7000 },
  frame_too_large: { reason: "frame_too_large", bytes: 12, limit: 10 },
  wrong_framing: { reason: "wrong_framing", expected: 112, got: 131 },
  bad_header: { reason: "bad_header", detail: "slot 7" },
  bad_fragment: { reason: "bad_fragment", detail: "sequence 7" },
  fragments_too_large: { reason: "fragments_too_large", what: "bytes", limit: 77 },
  no_control: { reason: "no_control", detail: "tag 97" },
  unknown_op: { reason: "unknown_op", op: 99 },
  obsolete_op: { reason: "obsolete_op", op: 4 },
  wrong_arity: { reason: "wrong_arity", op: 1, expected: 3, got: 4 },
  wrong_element: { reason: "wrong_element", op: 1, field: "from", expected: "pid" },
  missing_payload: { reason: "missing_payload", op: 2 },
  malformed_term: { reason: "malformed_term", where: "message", offset: 31, detail: "truncated" },
  epmd_malformed: { reason: "epmd_malformed", what: "a request", detail: "it starts with 7" },
  epmd_closed: { reason: "epmd_closed", what: "a reply" },
  epmd_too_large: { reason: "epmd_too_large", what: "a reply", limit: 100 },
}

group("every failure", () => {
  it.each(Object.values(EXAMPLES))("has a sentence with a cure: $reason", (failure) => {
    const sentence = describe(failure)
    expect(sentence.length).toBeGreaterThan(30)
    expect(sentence).not.toContain("undefined")
    expect(sentence).not.toContain("[object")
    // After the colon stands what to do.
    expect(sentence).toMatch(/: \S+/)
    for (const [key, value] of Object.entries(failure)) {
      if (key === "reason" || key === "winner" || value === undefined) continue
      for (const part of [value].flat()) expect(sentence).toContain(String(part))
    }
  })

  it("has a sentence of its own", () => {
    const sentences = Object.values(EXAMPLES).map(describe)
    expect(new Set(sentences).size).toBe(sentences.length)
  })

  it("of a close tells what that means in each step", () => {
    const steps = ["name", "status", "alive answer", "challenge", "challenge reply", "challenge ack"] as const
    const sentences = steps.map((step) => describe({ reason: "closed", peer: "b@h", step }))
    expect(new Set(sentences).size).toBe(steps.length)
    expect(sentences[5]).toContain("cookie")
  })

  it("of a link is the message of its ProtocolError", () => {
    const error = new ProtocolError(EXAMPLES.unknown_op)
    expect(error.message).toBe(describe(EXAMPLES.unknown_op))
    expect(error.failure).toBe(EXAMPLES.unknown_op)
    expect(error.name).toBe("ProtocolError")
  })
})
