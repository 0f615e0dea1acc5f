import { describe, expect, it } from "vitest"
import { announced, FLAGS, flag, flagNames, has, missingFlags, negotiate, profileOf } from "../../src/wire/flags.ts"

/** What OTP 25 and 27 announce, as captured from running nodes; visible. */
const OTP = 0xd07df7fbdn

describe("distribution flags", () => {
  it("have the values of OTP", () => {
    expect(flag("PUBLISHED")).toBe(1n)
    expect(flag("DIST_HDR_ATOM_CACHE")).toBe(0x2000n)
    expect(flag("UTF8_ATOMS")).toBe(0x10000n)
    expect(flag("BIG_CREATION")).toBe(0x40000n)
    expect(flag("FRAGMENTS")).toBe(0x800000n)
    expect(flag("HANDSHAKE_23")).toBe(0x1000000n)
    expect(flag("UNLINK_ID")).toBe(0x2000000n)
    expect(flag("MANDATORY_25_DIGEST")).toBe(0x4000000n)
    expect(flag("SPAWN")).toBe(1n << 32n)
    expect(flag("V4_NC")).toBe(1n << 34n)
    expect(flag("ALTACT_SIG")).toBe(1n << 37n)
  })

  it("have a bit each", () => {
    const bits = Object.values(FLAGS).map(({ bit }) => bit)
    expect(new Set(bits).size).toBe(bits.length)
    expect(bits).toEqual([...bits].sort((a, b) => a - b))
  })

  it("that OTP announces are all known, and what we announce is the same but for visibility, our own bit, and what OTP 28 has brought", () => {
    const ours = announced({ visible: true })
    expect(flagNames(OTP).reduce((bits, name) => bits | flag(name), 0n)).toBe(OTP)
    expect(ours & ~OTP).toBe(flag("UMBEL") | flag("ALTACT_SIG"))
    expect(flagNames(OTP & ~ours)).toEqual([])
  })

  it("announce a hidden node unless told otherwise, and nothing internal", () => {
    expect(has(announced(), "PUBLISHED")).toBe(false)
    expect(has(announced({ visible: true }), "PUBLISHED")).toBe(true)
    expect(has(announced({ visible: true, nameMe: true }), "PUBLISHED")).toBe(false)
    expect(has(announced({ nameMe: true }), "NAME_ME")).toBe(true)
    expect(has(announced(), "NAME_ME")).toBe(false)
    expect(has(announced({ without: ["FRAGMENTS"] }), "FRAGMENTS")).toBe(false)
    for (const name of flagNames(announced({ visible: true }))) {
      expect(["mandatory", "optional", "private"]).toContain(FLAGS[name].status)
    }
  })

  it("of a link are those of both ends", () => {
    expect(negotiate(announced(), OTP)).toBe(announced() & OTP)
    expect(has(negotiate(announced(), OTP), "PUBLISHED")).toBe(false)
    expect(has(negotiate(announced({ visible: true }), OTP), "PUBLISHED")).toBe(true)
  })

  it("name the mandatory ones that are missing", () => {
    expect(missingFlags(OTP)).toEqual([])
    expect(missingFlags(announced({ without: ["MANDATORY_25_DIGEST", "MAP_TAG", "V4_NC"] }))).toEqual([
      "MAP_TAG",
      "V4_NC",
    ])
    expect(missingFlags(0n)).toHaveLength(13)
  })

  it("may be given by the digest, which stands for those of OTP 25 and for no later ones", () => {
    const digest = flag("MANDATORY_25_DIGEST")
    expect(missingFlags(digest)).toEqual(["UNLINK_ID", "V4_NC"])
    expect(missingFlags(digest | flag("UNLINK_ID") | flag("V4_NC"))).toEqual([])
    expect(has(negotiate(announced(), digest), "MAP_TAG")).toBe(true)
  })

  it("let Umbel nodes, and only them, recognise one another", () => {
    expect(profileOf(negotiate(announced(), announced({ visible: true })))).toBe("umbel")
    expect(profileOf(negotiate(announced(), OTP))).toBe("beam")
  })
})
