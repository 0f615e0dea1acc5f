/** MD5 against the test suite of RFC 1321 (A.5), and against Node's own for every length around a block. */
import { createHash } from "node:crypto"
import { expect, test } from "vitest"
import { md5 } from "../../src/sim/index.ts"

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

const VECTORS: Record<string, string> = {
  "": "d41d8cd98f00b204e9800998ecf8427e",
  a: "0cc175b9c0f1b6a831c399e269772661",
  abc: "900150983cd24fb0d6963f7d28e17f72",
  "message digest": "f96b697d7cb7938d525a2f31aaf161d0",
  abcdefghijklmnopqrstuvwxyz: "c3fcd3d76192e4007dfb496cca67e13b",
  ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789: "d174ab98d277d9f5a5611c2c9f419d9f",
  "12345678901234567890123456789012345678901234567890123456789012345678901234567890":
    "57edf4a22be3c955ac49da2e2107b67a",
}

for (const [text, digest] of Object.entries(VECTORS)) {
  test(`the digest of ${JSON.stringify(text)} is that of the RFC`, () => {
    expect(hex(md5(Buffer.from(text)))).toBe(digest)
  })
}

test("texts of every length from 0 to 200 have the digest that Node.js finds", () => {
  for (let length = 0; length <= 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length) & 0xff)
    expect(hex(md5(bytes)), `${length} bytes`).toBe(createHash("md5").update(bytes).digest("hex"))
  }
})
