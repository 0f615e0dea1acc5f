/**
 * Applications while a node runs: phases, start and stop at any time, how long a stop may take, what is configured where the node runs, and the report of a crash
 * loop. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import {
  type ApplicationSpec,
  application,
  applicationsOf,
  child,
  type DynamicSupervisorApi,
  dynamicSupervisor,
  explainConfig,
  genServer,
  name,
  type Shutdown,
  startApplication,
  stopApplication,
  supervisor,
} from "../../src/otp/index.ts"
import type { Node } from "../../src/runtime/index.ts"
import { atom, type Pid } from "../../src/term/index.ts"
import { endOf, type Fixture, rejection, reports } from "./fixture.ts"

const idle = genServer("lives.idle", { init: () => ({}) })
const WORKER = name<typeof idle>("lives_worker")
const tree = (id = "lives") => supervisor(`${id}.supervisor`, { children: [child(idle, { name: WORKER })] })
const running = (node: Node): string[] => applicationsOf(node).map(({ name }) => name)

export function applicationLives(platform: Fixture): void {
  describe("start phases", () => {
    const phased = (log: string[], failing?: string) => {
      const phase = (title: string) => async (config: { limit: number }, node: Node) => {
        log.push(`${title} ${config.limit} ${node.whereis(WORKER) !== undefined}`)
        if (title === failing) throw new Error("not today")
      }
      return application({
        name: "phased",
        config: { limit: 3 },
        start: () => tree(),
        phases: { load: phase("load"), open: phase("open") },
        stop: () => void log.push("stopped"),
      })
    }
    test("run in their order once the tree is up, and before what needs the application", async () => {
      const log: string[] = []
      const above = application({
        name: "above",
        needs: [phased(log)],
        start: () => {
          log.push("above")
          return supervisor("above.supervisor", { children: [] })
        },
      })
      await platform.boot({ applications: [above] })
      expect(log).toEqual(["load 3 true", "open 3 true", "above"])
    })
    test("that fail stop the application, whose start has failed then", async () => {
      const log: string[] = []
      const node = await platform.boot()
      const error = await rejection(startApplication(node, phased(log, "load")))
      expect(String(error)).toMatch(/application phased did not start: phase load failed: not today/)
      expect(log).toEqual(["load 3 true", "stopped"])
      expect([running(node), node.whereis(WORKER)]).toEqual([[], undefined])
    })
  })

  describe("on a node that runs", () => {
    test("an application starts with what it needs, and stops alone", async () => {
      const node = await platform.boot()
      const base = application({ name: "base" })
      const shop = application({ name: "shop", needs: [base], start: () => tree() })
      await startApplication(node, shop)
      expect(running(node)).toEqual(["base", "shop"])
      await startApplication(node, shop)
      expect(running(node)).toEqual(["base", "shop"])
      expect(await stopApplication(node, "shop")).toBe(true)
      expect([running(node), node.whereis(WORKER)]).toEqual([["base"], undefined])
      expect(await stopApplication(node, "shop")).toBe(false)
      await startApplication(node, shop, { type: "permanent" })
      expect(applicationsOf(node).map(({ type }) => type)).toEqual(["temporary", "permanent"])
    })
    test("one whose need does not start stops what was started for it", async () => {
      const node = await platform.boot()
      const base = application({ name: "base" })
      const broken = application({
        name: "broken",
        needs: [base],
        start: () => {
          throw new Error("no")
        },
      })
      const error = await rejection(startApplication(node, application({ name: "shop", needs: [broken] })))
      expect(error).toMatchObject({ application: "broken" })
      expect(running(node)).toEqual([])
    })
  })

  describe("the configuration of a node that boots", () => {
    const shop = application({ name: "shop", config: { limit: 100, log: { level: "info" } } })

    test("is said by its options too, and can be explained", async () => {
      const node = await platform.boot({
        applications: [shop.with({ limit: 1 })],
        config: ({ node: name, env }) => ({
          shop: { limit: 2, log: { level: `${name.length > 0} ${env["MODE"]}` } },
          other: {},
        }),
        configOrigin: "config/runtime.ts",
        env: { MODE: "test", UMBEL_SHOP_LIMIT: "3" },
      })
      expect(explainConfig(node, "shop.limit")).toEqual({
        path: "shop.limit",
        value: 3,
        origin: "UMBEL_SHOP_LIMIT",
        layers: [
          { origin: "defaults", value: 100 },
          { origin: "with", value: 1 },
          { origin: "config/runtime.ts", value: 2 },
          { origin: "UMBEL_SHOP_LIMIT", value: 3 },
        ],
      })
      expect(explainConfig(node, "shop.log.level")?.value).toBe("true test")
      expect([explainConfig(node, "shop.nothing"), explainConfig(node, "other.limit")]).toEqual([undefined, undefined])
    })
    test("fails the boot where it does not fit, and warns of a variable that sets nothing", async () => {
      const wrong = await rejection(platform.boot({ applications: [shop], env: { UMBEL_SHOP_LIMIT: "many" } }))
      expect(String(wrong)).toMatch(/shop\.limit: expected a number, got "many" \(UMBEL_SHOP_LIMIT\)/)
      const typo = await rejection(
        platform.boot({ applications: [shop], config: { shop: { limti: 1 } }, configOrigin: "rt.ts" }),
      )
      expect(String(typo)).toMatch(/shop\.limti: there is no such key; shop has limit, log \(rt\.ts\)/)
      const odd = await rejection(platform.boot({ applications: [shop], config: (() => 5) as never }))
      expect(String(odd)).toMatch(/expected an object with a part for each application, got 5/)
      const { notes, report } = reports()
      await platform.boot({ applications: [shop], env: { UMBEL_SHOP_LIMTI: "1" }, report })
      expect(notes().join()).toMatch(/UMBEL_SHOP_LIMTI sets nothing/)
    })
  })

  describe("the stop of an application", () => {
    /** Ends when `release` is called, having been told to. */
    const slow = (shutdown: Shutdown) => {
      let release = (): void => {}
      let told = false
      const server = genServer("lives.slow", {
        init: (_: void, self) => {
          self.trapExit(true)
          return {}
        },
        terminate: () => {
          told = true
          return new Promise<void>((resolve) => {
            release = resolve
          })
        },
      })
      const app = (spec: Partial<ApplicationSpec<{}>> = {}) =>
        application({
          name: "slow",
          start: () =>
            supervisor("slow.supervisor", {
              children: [child(supervisor("slow.inner", { children: [child(server, { shutdown })] }))],
            }),
          ...spec,
        })
      return { app, told: () => told, release: () => release() }
    }
    test("takes as long as its children may take, those of inner supervisors included", async () => {
      const { notes, report } = reports()
      const { app, told, release } = slow("infinity")
      const node = await platform.boot({ applications: [app()], report })
      const stopping = node.stop()
      await platform.until(told)
      release()
      await stopping
      expect(notes().filter((text) => /killed/.test(text))).toEqual([])
    })
    test("is cut short by the deadline of the boot, and says so", async () => {
      const { notes, report } = reports()
      const { app } = slow("infinity")
      const node = await platform.boot({ applications: [app()], report, stopTimeoutMs: 20 })
      await stopApplication(node, "slow")
      expect(notes()).toContain("application slow did not stop within 20 ms and was killed")
    })
  })

  describe("a crash loop", () => {
    test("ends the application with a report that says which child, why and how often", async () => {
      const { all, report } = reports()
      let ends = 0
      const crasher = genServer("lives.crasher", {
        init: () => ({}),
        casts: { crash: (self) => self.stop(atom("boom")) },
      })
      const CRASHER = name<typeof crasher>("crasher")
      const inner = supervisor("loop.inner", {
        intensity: 1,
        children: [child(crasher, { name: CRASHER, id: "crasher" })],
      })
      const loop = application({
        name: "loop",
        start: () => supervisor("loop.supervisor", { intensity: 0, children: [child(inner)] }),
      })
      const node = await platform.boot({ applications: [loop], report })
      for (; ends < 2; ends++) {
        await platform.until(() => node.whereis(CRASHER) !== undefined)
        const ended = endOf(platform, node, CRASHER)
        node.cast(CRASHER).crash()
        await ended
      }
      await platform.until(() => running(node).length === 0)
      const note = all.flatMap((one) => (one.kind === "note" && one.from === "application" ? [one] : [])).at(-1)
      expect(note?.level).toBe("error")
      expect(note?.text).toBe(
        "application loop (temporary) ended: loop.supervisor gave up: child loop.inner ended with :shutdown, the 1st time within 5000 ms; " +
          "loop.inner gave up: child crasher ended with :boom, the 2nd time within 5000 ms",
      )
      expect(note?.meta).toMatchObject({
        application: "loop",
        giveUps: [
          { child: "loop.inner" },
          { supervisor: "loop.inner", child: "crasher", reason: atom("boom"), times: 2 },
        ],
      })
    })
    test("of a dynamic supervisor's child says the same", async () => {
      const { notes, report } = reports()
      const loop = application({ name: "loop", start: () => dynamicSupervisor("loop.dynamic", { intensity: 0 }) })
      const node = await platform.boot({ applications: [loop], report })
      const { supervisor: top } = applicationsOf(node)[0]!
      const pid = await node.call(top as Pid<DynamicSupervisorApi>).startChild(child(idle))
      node.exit(pid, atom("boom"))
      await platform.until(() => running(node).length === 0)
      expect(notes().at(-1)).toMatch(
        /application loop \(temporary\) ended: loop.dynamic gave up: child lives.idle ended with :boom, the 1st time within 5000 ms/,
      )
    })
  })
}
