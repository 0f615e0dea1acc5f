/**
 * Applications: order of need, configuration, failure and end. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import {
  type Application,
  type ApplicationType,
  application,
  applicationsOf,
  child,
  genServer,
  name,
  supervisor,
} from "../../src/otp/index.ts"
import { inspect, kill, type Pid } from "../../src/term/index.ts"
import { type Fixture, rejection, reports } from "./fixture.ts"

/** An application that writes down its start and its stop. */
const noting = (log: string[], title: string, needs: readonly Application[] = []) =>
  application({
    name: title,
    needs,
    config: { limit: 1, log: { level: "info" } },
    start(config) {
      log.push(`+${title} ${config.limit} ${config.log.level}`)
      return supervisor(`${title}.supervisor`, { children: [] })
    },
    stop: () => void log.push(`-${title}`),
  })

export function applications(platform: Fixture): void {
  test("what an application needs is started before it, once, and all are stopped in reverse", async () => {
    const log: string[] = []
    const base = noting(log, "base")
    const left = noting(log, "left", [base])
    const right = noting(log, "right", [base])
    const top = noting(log, "top", [left, right])
    const node = await platform.boot({ applications: [top] })
    expect(log.splice(0)).toEqual(["+base 1 info", "+left 1 info", "+right 1 info", "+top 1 info"])
    expect(applicationsOf(node).map(({ name, type }) => [name, type])).toEqual(
      ["base", "left", "right", "top"].map((name) => [name, "temporary"]),
    )
    await node.stop()
    expect(log).toEqual(["-top", "-right", "-left", "-base"])
  })

  test("configuration replaces defaults in part, also of an application that another one needs", async () => {
    const log: string[] = []
    const base = noting(log, "base")
    await platform.boot({
      applications: [
        noting(log, "top", [base]).with({ limit: 2 }),
        base.with({ log: { level: "debug" } }).with({ limit: 3 }),
      ],
    })
    expect(log).toEqual(["+base 3 debug", "+top 2 info"])
  })

  test("configuration that does not fit fails the boot with the path to it", async () => {
    const wrong = noting([], "shop").with({ log: { levle: "debug" } } as never)
    expect(String(await rejection(platform.boot({ applications: [wrong] })))).toMatch(
      /application shop did not start: configuration shop\.log\.levle: there is no such key; shop\.log has level/,
    )
    const odd = noting([], "shop").with({ limit: "many" } as never)
    expect(String(await rejection(platform.boot({ applications: [odd] })))).toContain(
      "shop.limit: expected a number, got a string",
    )
  })

  test("a schema's issues are told with their path", async () => {
    const schema = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: async (value: unknown) =>
          (value as { port?: unknown }).port === 80
            ? { value }
            : { issues: [{ message: "expected 80", path: [{ key: "port" }] }] },
      },
    } as const
    const seen: unknown[] = []
    const strict = application<{ port: number }>({
      name: "strict",
      config: schema,
      start(config) {
        seen.push(config)
        return supervisor("strict.supervisor", { children: [] })
      },
    })
    expect(String(await rejection(platform.boot({ applications: [strict.with({ port: 81 })] })))).toContain(
      "strict.port: expected 80",
    )
    await platform.boot({ applications: [strict.with({ port: 80 })] })
    expect(seen).toEqual([{ port: 80 }])
  })

  test("needs that go round in a circle fail the boot and name the circle", async () => {
    const circle: Application[] = []
    const a = application({ name: "a", needs: circle })
    circle.push(application({ name: "b", needs: [a] }))
    expect(String(await rejection(platform.boot({ applications: [a] })))).toContain("a needs b needs a")
  })

  test("when one fails to start, those that were started are stopped and the boot fails with the reason", async () => {
    const log: string[] = []
    const base = noting(log, "base")
    const failing = genServer("conformance.no_start", {
      init: (): object => {
        throw new Error("port in use")
      },
    })
    const bad = application({
      name: "bad",
      needs: [base],
      start: () => supervisor("bad.supervisor", { children: [child(failing)] }),
    })
    const after = noting(log, "after", [bad])
    const error = await rejection(platform.boot({ applications: [after] }))
    expect(String(error)).toContain("application bad did not start")
    expect(String(error)).toContain("port in use")
    expect(log).toEqual(["+base 1 info", "-base"])
  })

  describe("an application that ends by itself", () => {
    const ending = async (type: ApplicationType) => {
      const log: string[] = []
      const { notes, report } = reports()
      const ended: unknown[] = []
      const node = await platform.boot({
        applications: [noting(log, "shop")],
        types: { shop: type },
        report,
        onEnd: (title, reason) => ended.push([title, inspect(reason)]),
      })
      node.exit(applicationsOf(node)[0]!.supervisor!, kill)
      await platform.until(() => notes().some((text) => text.includes("application shop")))
      return { node, ended, notes }
    }
    test("and is temporary is reported", async () => {
      const { node, ended } = await ending("temporary")
      expect(applicationsOf(node)).toEqual([])
      expect(node.whereis(name("init"))).toBeDefined()
      expect(ended).toEqual([])
    })
    for (const type of ["permanent", "transient"] as const) {
      test(`and is ${type} ends its node`, async () => {
        const { node, ended } = await ending(type)
        await platform.until(() => ended.length > 0)
        expect(ended).toEqual([["shop", ":killed"]])
        expect(node.count).toBe(0)
      })
    }
  })

  test("definitions under `modules` are started by their module alone", async () => {
    const cell = genServer("conformance.cell", {
      init: (value: number) => ({ value }),
      calls: { get: ({ state }) => state.value },
    })
    const CELL = name<typeof cell>("cell")
    const known = application({ name: "known", modules: [cell] })
    const node = await platform.boot({ applications: [known] })
    const asTerm = JSON.parse(
      JSON.stringify({ id: "cell", start: ["conformance.cell", 7], restart: "permanent", shutdown: 100 }),
    ) as object
    const top = supervisor("conformance.by_module", { children: [{ ...asTerm, name: CELL } as never] })
    await node.start(top)
    expect(await node.call(CELL).get()).toBe(7)
    expect((node.whereis(CELL) as Pid).node).toBe(node.name)
  })
}
