import { application, child, genServer, Logger, name, supervisor } from "umbel"
import { boot, pinoReports } from "umbel/nodejs"
import { describeReport } from "umbel/otp"
import type { Report } from "umbel/runtime"
import { afterEach, beforeEach, describe, expect, test } from "vitest"

const talker = genServer("test.talker", {
  init: () => ({}),
  calls: {
    say: (self, level: "debug" | "info" | "error", text: string, meta?: object) => Logger[level](self, text, meta),
    enabled: (self) => Logger.enabled(self, "debug"),
  },
})
const [SHOP, OTHER] = [name<typeof talker>("in_shop"), name<typeof talker>("elsewhere")]
const shop = application({
  name: "shop",
  start: () => supervisor("shop.supervisor", { children: [child(talker, { name: SHOP })] }),
})

describe("the logger", () => {
  const reports: Report[] = []
  const lines = (): string[] => reports.map((report) => describeReport(report).replace(/^\S+\s+/, ""))
  let node: Awaited<ReturnType<typeof boot>>
  beforeEach(async () => {
    reports.length = 0
    node = await boot({ name: "logger@127.0.0.1", applications: [shop], report: (report) => reports.push(report) })
    await node.start(talker, { name: OTHER })
    reports.length = 0
  })
  afterEach(() => node.stop())

  test("writes lines with who says them and the facts beside them, secrets covered", async () => {
    await node.call(SHOP).say("info", "order taken", { order: 7, token: "s3cret" })
    expect(lines()).toEqual([`in_shop  order taken %{order: 7, token: "[redacted]"}`])
  })
  test("drops what is below the level of the node", async () => {
    await node.call(OTHER).say("debug", "unheard")
    expect(await node.call(OTHER).enabled()).toBe(false)
    Logger.setLevel(node, "debug")
    await node.call(OTHER).say("debug", "heard")
    Logger.setLevel(node, "error")
    await node.call(OTHER).say("info", "unheard")
    await node.call(OTHER).say("error", "heard too")
    expect(lines()).toEqual(["elsewhere  heard", "elsewhere  heard too"])
  })
  test("may be set for an application or a process, the nearest wins", async () => {
    Logger.setLevel(node, "debug", { application: "shop" })
    await node.call(SHOP).say("debug", "of the shop")
    await node.call(OTHER).say("debug", "unheard")
    const pid = node.whereis(SHOP)!
    Logger.setLevel(node, "error", { process: pid })
    await node.call(SHOP).say("info", "unheard")
    Logger.unsetLevel(node, { process: pid })
    await node.call(SHOP).say("debug", "again")
    Logger.unsetLevel(node, { application: "shop" })
    await node.call(SHOP).say("debug", "unheard")
    expect(lines()).toEqual(["in_shop  of the shop", "in_shop  again"])
  })
  test("does not crash whoever writes what is no term", async () => {
    Logger.error(node, "odd", { socket: () => {} })
    expect(lines()[0]).toContain("odd %{meta:")
  })
  test("goes to pino with its facts as fields", () => {
    const written: [string, object, string][] = []
    const to = (level: string) => (fields: object, text: string) => void written.push([level, fields, text])
    const report = pinoReports({ debug: to("debug"), info: to("info"), warn: to("warn"), error: to("error") })
    report({ kind: "note", at: 0, node: "a@b", level: "warning", from: "x", text: "careful", meta: { n: 1 } })
    report({
      kind: "crash",
      at: 0,
      node: "a@b",
      pid: node.root.pid,
      title: "y",
      reason: "r",
      error: undefined,
      message: "m",
      state: 1,
      ancestors: [],
      unread: 0,
    })
    expect(written).toEqual([
      ["warn", { node: "a@b", kind: "note", from: "x", pid: undefined, n: 1 }, "careful"],
      ["error", expect.objectContaining({ process: "y", reason: '"r"', message: "m" }), "y crashed"],
    ])
  })
})
