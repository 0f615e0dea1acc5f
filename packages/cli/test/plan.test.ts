import { describe, expect, test } from "vitest"
import { observedFrom, overrides, placementOf, plan } from "../src/plan.ts"
import { defineUmbrella } from "../src/umbrella.ts"
import { UsageError } from "../src/usage-error.ts"

const umbrella = defineUmbrella({
  releases: {
    all: { applications: { a: "permanent", b: "permanent", c: "permanent" } },
    front: { applications: { a: "permanent", b: "temporary" } },
    back: { applications: { c: "permanent" } },
  },
  deployments: { mono: { all: 1 }, split: { back: 3, front: 1 } },
})

describe("a deployment", () => {
  test("becomes nodes in the order it is written, numbered where there are several", () => {
    expect(plan(umbrella, "split", "127.0.0.1").map((node) => node.name)).toEqual([
      "back-1@127.0.0.1",
      "back-2@127.0.0.1",
      "back-3@127.0.0.1",
      "front@127.0.0.1",
    ])
    expect(plan(umbrella, "mono", "10.0.0.7")).toEqual([{ name: "all@10.0.0.7", release: "all" }])
  })
  test("that does not exist is refused with those that do", () => {
    expect(() => plan(umbrella, "triple", "h")).toThrow(UsageError)
    expect(() => plan(umbrella, "triple", "h")).toThrow("there is no deployment triple")
    try {
      plan(umbrella, "triple", "h")
    } catch (error) {
      expect((error as UsageError).cure).toBe("deployments: mono, split")
    }
  })
  test("says where each application runs, and shows the observer on its last node", () => {
    const nodes = plan(umbrella, "split", "h")
    expect(placementOf(umbrella, nodes)).toEqual({
      a: ["front@h"],
      b: ["front@h"],
      c: ["back-1@h", "back-2@h", "back-3@h"],
    })
    expect(observedFrom(nodes)).toBe("front@h")
  })
})

describe("--set", () => {
  test("takes JSON where it is JSON and text where it is not", () => {
    expect(overrides(["web.port=8080", "ingest.folder=/srv/docs", "web.log.level=debug", "web.tls=true"])).toEqual({
      web: { port: 8080, log: { level: "debug" }, tls: true },
      ingest: { folder: "/srv/docs" },
    })
  })
  test("may hold anything behind the first equals sign", () => {
    expect(overrides(["a.b=c=d\ne"])).toEqual({ a: { b: "c=d\ne" } })
  })
  test.each(["port=1", "web.=1", "web", "Web.port=1", ""])("refuses %j with an example", (setting) => {
    expect(() => overrides([setting])).toThrow("is not understood")
  })
})
