import fc from "fast-check"
import { atom, makePid, makeRef, type Pid, type Ref, tuple } from "../../src/term/index.ts"
import type { Control } from "../../src/wire/control.ts"

/** A control message and the payload that goes with it (undefined for none). */
export type Message = readonly [control: Control, payload: unknown]

const NODES = ["a@127.0.0.1", "b@127.0.0.1"]
const u32 = fc.nat({ max: 0xffffffff })
export const pid: fc.Arbitrary<Pid> = fc
  .tuple(fc.constantFrom(...NODES), u32, u32, fc.integer({ min: 1, max: 0xffffffff }))
  .map(([node, id, serial, creation]) => makePid(node, id, serial, creation))
export const ref: fc.Arbitrary<Ref> = fc
  .tuple(fc.constantFrom(...NODES), u32, fc.array(u32, { minLength: 1, maxLength: 5 }))
  .map(([node, creation, words]) => makeRef(node, creation, words))

/** Names of registered processes; the four that are JavaScript values are among them. */
const name = fc.constantFrom("counter", "true", "false", "nil", "undefined", "", "żółw", "Elixir.Shop.Cart")
const unlinkId = fc.oneof(
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  fc.bigInt({ min: BigInt(Number.MAX_SAFE_INTEGER) + 1n, max: (1n << 64n) - 1n }),
)
/** A few terms of each kind; the codec has its own tests. */
export const term: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer(),
  fc.string(),
  fc.constantFrom(null, true, atom("ok"), tuple(atom("error"), 7), [], [1, "b", [2.5]], { id: 1, tags: ["x"] }, -0.5),
  fc.uint8Array({ minLength: 1, maxLength: 70 }),
)
/** Trace tokens are tuples; none is undefined. */
const token = fc.option(fc.constant(tuple(1, 2, 3, 4, 5)), { nil: undefined })

const none = fc.constant(undefined)
const entry = <C extends Control>(
  control: fc.Arbitrary<C>,
  payload: fc.Arbitrary<unknown> = none,
): fc.Arbitrary<Message> => fc.tuple(control, payload)
const op = <Op extends Control["op"]>(value: Op): fc.Arbitrary<Op> => fc.constant(value)

/** One arbitrary for each operation: the compiler refuses this table when one is missing. */
export const MESSAGES: { readonly [Op in Control["op"]]: fc.Arbitrary<Message> } = {
  send: entry(fc.record({ op: op("send"), from: fc.option(pid, { nil: undefined }), to: pid, token }), term),
  regSend: entry(fc.record({ op: op("regSend"), from: pid, name, token }), term),
  aliasSend: entry(fc.record({ op: op("aliasSend"), from: pid, to: ref, token }), term),
  link: entry(fc.record({ op: op("link"), from: pid, to: pid })),
  unlinkId: entry(fc.record({ op: op("unlinkId"), id: unlinkId, from: pid, to: pid })),
  unlinkIdAck: entry(fc.record({ op: op("unlinkIdAck"), id: unlinkId, from: pid, to: pid })),
  exit: entry(fc.record({ op: op("exit"), from: pid, to: pid, reason: term, token })),
  exit2: entry(fc.record({ op: op("exit2"), from: pid, to: pid, reason: term, token })),
  monitor: entry(fc.record({ op: op("monitor"), from: pid, to: fc.oneof(pid, name), ref })),
  demonitor: entry(fc.record({ op: op("demonitor"), from: pid, to: fc.oneof(pid, name), ref })),
  monitorExit: entry(fc.record({ op: op("monitorExit"), from: fc.oneof(pid, name), to: pid, ref, reason: term })),
  groupLeader: entry(fc.record({ op: op("groupLeader"), leader: pid, to: pid })),
  spawnRequest: entry(
    fc.record({
      op: op("spawnRequest"),
      ref,
      from: pid,
      leader: pid,
      module: name,
      function: name,
      arity: fc.nat({ max: 255 }),
      options: fc.constantFrom([], [atom("monitor")], [atom("link"), tuple(atom("priority"), atom("high"))]),
      token,
    }),
    fc.array(term, { maxLength: 3 }),
  ),
  spawnReply: entry(
    fc.record({
      op: op("spawnReply"),
      ref,
      to: pid,
      linked: fc.boolean(),
      monitored: fc.boolean(),
      result: fc.oneof(pid, name),
      token,
    }),
  ),
  altact: entry(
    fc.record({
      op: op("altact"),
      priority: fc.boolean(),
      exit: fc.boolean(),
      from: pid,
      to: fc.oneof(pid, ref, name),
      token,
    }),
    term,
  ),
}

/** Any message, of any operation. */
export const message: fc.Arbitrary<Message> = fc.oneof(...Object.values(MESSAGES))
