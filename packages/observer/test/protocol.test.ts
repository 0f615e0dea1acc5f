/** What the server accepts from a page: exactly the messages of the protocol. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type ClientMessage, FRAME_MAX, parseClientMessage } from "../src/protocol.ts"

const good: ClientMessage[] = [
  { type: "look", tree: null, process: null, events: false },
  { type: "look", tree: { node: "a@h", application: "shop" }, process: "a@h/1.0.7", events: true },
  { type: "kill", id: 1, process: "a@h/1.0.7" },
  { type: "find", id: 0, text: "till" },
]

describe("parseClientMessage", () => {
  test.each(good)("takes %j as it was meant", (message) => {
    expect(parseClientMessage(JSON.stringify(message))).toEqual(message)
  })

  test("leaves out what is no part of the protocol", () => {
    const frame = '{"type":"kill","id":1,"process":"k","__proto__":{"x":1},"reason":"normal"}'
    expect(parseClientMessage(frame)).toEqual({ type: "kill", id: 1, process: "k" })
  })

  test.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["null", "null"],
    ["no type", "{}"],
    ["another type", '{"type":"eval","text":"1"}'],
    ["a type that every object has", '{"type":"constructor"}'],
    ["a key that is no text", '{"type":"kill","id":1,"process":{"node":"a@h","id":7}}'],
    ["an id that is no count", '{"type":"kill","id":-1,"process":"k"}'],
    ["a tree without an application", '{"type":"look","tree":{"node":"a@h"},"process":null,"events":false}'],
    ["a missing part", '{"type":"look","tree":null,"process":null}'],
    ["a very long text", JSON.stringify({ type: "find", id: 1, text: "x".repeat(601) })],
    ["a very long frame", `{"type":"find","id":1,"text":"x"${" ".repeat(FRAME_MAX)}}`],
  ])("refuses %s", (_what, frame) => {
    expect(parseClientMessage(frame)).toBeUndefined()
  })

  test("never throws, whatever comes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (frame) => {
        parseClientMessage(frame)
      }),
    )
    fc.assert(
      fc.property(
        fc.record({
          type: fc.constantFrom("look", "kill", "find"),
          id: fc.anything(),
          tree: fc.anything(),
          process: fc.anything(),
          text: fc.anything(),
          events: fc.anything(),
        }),
        (message) => {
          const parsed = parseClientMessage(
            JSON.stringify(message, (_key, value) => (typeof value === "bigint" ? String(value) : value)),
          )
          if (parsed !== undefined) expect(parseClientMessage(JSON.stringify(parsed))).toEqual(parsed)
        },
      ),
    )
  })
})
