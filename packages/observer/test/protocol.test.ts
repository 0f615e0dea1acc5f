/** What the server accepts from a page: exactly the messages of the protocol. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type ClientMessage, FRAME_MAX, parseClientMessage, TEXT_MAX } from "../src/protocol.ts"

const good: ClientMessage[] = [
  { type: "watch", id: 1, view: "tree", params: { node: "a@h", application: "shop" } },
  { type: "watch", id: 2, view: "processes", params: { node: "a@h", from: 20, ascending: true } },
  { type: "unwatch", id: 1 },
  { type: "ask", id: 3, view: "find", params: { text: "till" } },
  { type: "act", id: 4, action: "kill", params: { process: "a@h/1.0.7" }, preview: true },
]

describe("parseClientMessage", () => {
  test.each(good)("takes %j as it was meant", (message) => {
    expect(parseClientMessage(JSON.stringify(message))).toEqual(message)
  })

  test("leaves out what is no part of the protocol", () => {
    const frame = '{"type":"unwatch","id":1,"__proto__":{"x":1},"reason":"normal"}'
    expect(parseClientMessage(frame)).toEqual({ type: "unwatch", id: 1 })
  })

  test.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["null", "null"],
    ["no type", '{"id":1}'],
    ["another type", '{"type":"eval","id":1,"text":"1","params":{}}'],
    ["a type that every object has", '{"type":"constructor","id":1,"params":{}}'],
    ["an id that is no count", '{"type":"unwatch","id":-1}'],
    ["no parameters", '{"type":"watch","id":1,"view":"tree"}'],
    ["parameters that are a list", '{"type":"watch","id":1,"view":"tree","params":[]}'],
    ["a parameter that is an object", '{"type":"watch","id":1,"view":"tree","params":{"node":{}}}'],
    ["a parameter that is null", '{"type":"watch","id":1,"view":"tree","params":{"node":null}}'],
    ["a parameter with a dangerous name", '{"type":"watch","id":1,"view":"tree","params":{"__proto__":"x"}}'],
    ["a view that is no text", '{"type":"watch","id":1,"view":7,"params":{}}'],
    ["an action that does not say whether it is a preview", '{"type":"act","id":1,"action":"kill","params":{}}'],
    ["a very long text", JSON.stringify({ ...good[3], params: { text: "x".repeat(TEXT_MAX + 1) } })],
    ["a very long frame", `{"type":"unwatch","id":1${" ".repeat(FRAME_MAX)}}`],
    [
      "very many parameters",
      JSON.stringify({ ...good[0], params: Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`p${n}`, n])) }),
    ],
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
          type: fc.constantFrom("watch", "unwatch", "ask", "act"),
          id: fc.anything(),
          view: fc.anything(),
          action: fc.anything(),
          params: fc.oneof(fc.anything(), fc.object()),
          preview: fc.anything(),
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
