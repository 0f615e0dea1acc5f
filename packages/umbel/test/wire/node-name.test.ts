import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { latin1Bytes, latin1Text, nodeName, parseNodeName } from "../../src/wire/node-name.ts"

describe("a node name", () => {
  it("has a name, a host, and is long or short", () => {
    expect(nodeName("back@10.0.0.7")).toEqual({ full: "back@10.0.0.7", name: "back", host: "10.0.0.7", long: true })
    expect(nodeName("back@::1")).toMatchObject({ host: "::1", long: true })
    expect(nodeName("back-2_x@box")).toMatchObject({ name: "back-2_x", host: "box", long: false })
    expect(nodeName("été@h")).toMatchObject({ name: "été" })
  })

  it.each(["", "a", "@", "a@", "@h", "a@b@c", "a b@h", "a@h\n", "a\0@h", "łódź@h", `${"a".repeat(254)}@h`])(
    "is not %j",
    (text) => {
      expect(parseNodeName(text)).toBeUndefined()
      expect(() => nodeName(text)).toThrow(/^".*" is no node name: expected name@host/)
    },
  )

  it("is at most 255 characters", () => {
    expect(parseNodeName(`${"a".repeat(253)}@h`)?.full).toHaveLength(255)
  })

  it("survives Latin-1, byte for byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(latin1Bytes(latin1Text(bytes), "it")).toEqual(bytes)
      }),
    )
    expect(() => latin1Bytes("ł", "a cookie")).toThrow('a cookie may hold Latin-1 characters only, not "ł"')
  })
})
