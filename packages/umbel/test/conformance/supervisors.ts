/**
 * Supervisors: strategies, restart types, giving up, shutdown, and children that come and go. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import {
  type Child,
  child,
  dynamicSupervisor,
  genServer,
  name,
  type Restart,
  type Shutdown,
  type Strategy,
  type SupervisorApi,
  supervisor,
} from "../../src/otp/index.ts"
import { CallRefused, type Node, StartFailed } from "../../src/runtime/index.ts"
import { atom, inspect, kill, killed, normal, type Pid, shutdown } from "../../src/term/index.ts"
import { endOf, type Fixture, rejection, reports, settled } from "./fixture.ts"
import { worker } from "./servers.ts"

const boom = atom("boom")

type Worker = ReturnType<typeof worker>
const NAMES = Object.fromEntries(["a", "b", "c"].map((id) => [id, name<Worker>(id)]))

export function supervisors(platform: Fixture): void {
  const family = async (strategy: Strategy, restart: Restart = "permanent", intensity = 3) => {
    const log: string[] = []
    const { notes, report } = reports()
    const node = await platform.boot({ report })
    const definition = worker(log)
    const top = supervisor("conformance.family", {
      strategy,
      intensity,
      children: ["a", "b", "c"].map((id) => child(definition, { arg: id, name: NAMES[id], restart })),
    })
    const pid = await node.start(top)
    const pids = (): (Pid | undefined)[] => ["a", "b", "c"].map((id) => node.whereis(NAMES[id]!))
    return {
      node,
      pid,
      log,
      notes,
      pids,
      end: (id: string, reason: unknown) => rejectionOrNot(node.call(NAMES[id]!).end(reason)),
    }
  }
  const rejectionOrNot = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error)

  describe("strategies", () => {
    const expected: Record<Strategy, { log: string[]; same: string[] }> = {
      one_for_one: { log: ["-b", "+b"], same: ["a", "c"] },
      rest_for_one: { log: ["-b", "-c", "+b", "+c"], same: ["a"] },
      one_for_all: { log: ["-b", "-c", "-a", "+a", "+b", "+c"], same: [] },
    }
    for (const [strategy, { log: after, same }] of Object.entries(expected)) {
      test(`${strategy}: a death takes those along that it should, in reverse order, and all start again in order`, async () => {
        const { node, log, pids, end } = await family(strategy as Strategy)
        expect(log).toEqual(["+a", "+b", "+c"])
        const before = pids()
        log.length = 0
        await end("b", boom)
        await platform.until(() => log.length >= after.length && pids().every((pid) => pid !== undefined))
        await settled(platform, node)
        expect(log).toEqual(after)
        const kept = ["a", "b", "c"].filter((_, i) => pids()[i] === before[i])
        expect(kept).toEqual(same)
      })
    }
  })

  describe("restart types", () => {
    const cases: [Restart, unknown, boolean][] = [
      ["permanent", normal, true],
      ["permanent", boom, true],
      ["transient", normal, false],
      ["transient", shutdown, false],
      ["transient", boom, true],
      ["temporary", boom, false],
    ]
    for (const [restart, reason, again] of cases) {
      test(`a ${restart} child that ends with ${inspect(reason)} is ${again ? "" : "not "}started again`, async () => {
        const { node, pid, pids, end, log } = await family("one_for_one", restart)
        await end("b", reason)
        await platform.until(() => log.includes("-b") && (!again || pids()[1] !== undefined))
        await settled(platform, node)
        expect(pids()[1] !== undefined).toBe(again)
        const known = (await node.call(pid).children()).map(({ id }) => id)
        expect(known).toEqual(restart === "temporary" ? ["a", "c"] : ["a", "b", "c"])
      })
    }
  })

  describe("giving up", () => {
    test("one restart too many within the period ends the supervisor with shutdown, and all its children, and says why", async () => {
      const { node, pid, pids, notes, log } = await family("one_for_one", "permanent", 2)
      const end = endOf(platform, node, pid)
      for (let life = 0; life < 3; life++) {
        await platform.until(() => pids()[0] !== undefined)
        node.exit(pids()[0]!, kill)
      }
      expect(await end).toBe(shutdown)
      expect(pids()).toEqual([undefined, undefined, undefined])
      expect(log.slice(-2)).toEqual(["-c", "-b"])
      expect(notes().join("\n")).toMatch(/gives up: child a ended with :killed/)
    })

    test("a child that cannot start again counts as further restarts, until there are too many", async () => {
      const log: string[] = []
      const { notes, report } = reports()
      const node = await platform.boot({ report })
      const failing = worker(log, { failAt: (starts) => starts > 1 })
      const pid = await node.start(
        supervisor("conformance.hopeless", { children: [child(failing, { arg: "x", name: NAMES["a"] })] }),
      )
      const end = endOf(platform, node, pid)
      node.exit(node.whereis(NAMES["a"]!)!, kill)
      expect(await end).toBe(shutdown)
      expect(notes().filter((text) => text.includes("no start of x"))).toHaveLength(3)
    })

    test("a supervisor whose child does not start stops the others and does not start itself", async () => {
      const log: string[] = []
      const node = await platform.boot()
      const good = worker(log)
      const bad = worker([], { failAt: () => true })
      const error = await rejection(
        node.start(
          supervisor("conformance.half", {
            children: [child(good, { arg: "a", id: "a" }), child(bad, { arg: "b", id: "b" })],
          }),
        ),
      )
      expect(error).toBeInstanceOf(StartFailed)
      expect(String(error)).toContain("no start of b")
      expect(log).toEqual(["+a", "-a"])
    })
  })

  describe("shutdown", () => {
    const stopped = async (patience: Shutdown) => {
      const log: string[] = []
      const { notes, report } = reports()
      const node = await platform.boot({ report })
      let go = (): void => {}
      const stubborn = new Promise<void>((resolve) => {
        go = resolve
      })
      const pid = await node.start(
        supervisor("conformance.stopping", {
          children: [child(worker(log, { stubborn }), { arg: "x", name: NAMES["a"], shutdown: patience })],
        }),
      )
      const held = rejectionOrNot(node.call(NAMES["a"]!, { timeout: "infinity" }).hold())
      await settled(platform, node)
      const reason = endOf(platform, node, NAMES["a"]!)
      const done = node.call(pid, { timeout: "infinity" }).terminateChild("a")
      return { node, log, notes, go, reason, done, held }
    }

    test("children end in reverse order", async () => {
      const { node, log } = await family("one_for_one")
      await node.stop()
      expect(log.slice(3)).toEqual(["-c", "-b", "-a"])
    })

    test("a child that does not end in its time is killed, and that is reported", async () => {
      const { reason, done, notes, go } = await stopped(20)
      expect(await reason).toBe(killed)
      await platform.until(() => notes().some((text) => text.includes("still runs")))
      expect(await done).toBe("ok")
      expect(notes().join("\n")).toMatch(/child a did not end within 20 ms and was killed/)
      go()
    })

    test("brutal_kill does not ask", async () => {
      const { reason, done, log, go } = await stopped("brutal_kill")
      expect(await reason).toBe(killed)
      go()
      expect(await done).toBe("ok")
      expect(log).toEqual(["+x"])
    })

    test("infinity waits for as long as it takes", async () => {
      const { reason, done, log, node, go } = await stopped("infinity")
      await settled(platform, node)
      go()
      expect(await done).toBe("ok")
      expect(await reason).toBe(shutdown)
      expect(log).toEqual(["+x", "-x"])
    })
  })

  lives(platform)
  requests(platform, family)
}

function lives(platform: Fixture): void {
  describe("two lives", () => {
    test("never run at a time: the next one waits for what the former still awaits", async () => {
      const log: string[] = []
      const node = await platform.boot()
      let go = (): void => {}
      const stubborn = new Promise<void>((resolve) => {
        go = resolve
      })
      await node.start(
        supervisor("conformance.lives", {
          children: [child(worker(log, { stubborn }), { arg: "x", name: NAMES["a"], shutdown: "infinity" })],
        }),
      )
      const held = rejection(node.call(NAMES["a"]!).hold())
      await settled(platform, node)
      node.exit(node.whereis(NAMES["a"]!)!, kill)
      expect(await held).toMatchObject({ reason: killed })
      await settled(platform, node)
      expect(log).toEqual(["+x"])
      expect(node.zombies.size).toBe(1)
      go()
      await platform.until(() => log.length === 2)
      expect(log).toEqual(["+x", "+x"])
    })

    test("overlap where the child says that they may", async () => {
      const log: string[] = []
      const node = await platform.boot()
      let go = (): void => {}
      const stubborn = new Promise<void>((resolve) => {
        go = resolve
      })
      const options = { arg: "x", name: NAMES["a"], shutdown: "infinity", overlap: true } as const
      await node.start(supervisor("conformance.overlap", { children: [child(worker(log, { stubborn }), options)] }))
      const held = rejection(node.call(NAMES["a"]!).hold())
      await settled(platform, node)
      node.exit(node.whereis(NAMES["a"]!)!, kill)
      expect(await held).toMatchObject({ reason: killed })
      await platform.until(() => log.length === 2)
      expect(node.zombies.size).toBe(1)
      go()
      await platform.until(() => node.zombies.size === 0)
    })

    test("each get an argument of their own, that no former life has changed", async () => {
      const node = await platform.boot()
      const seen: string[][] = []
      const greedy = genServer("conformance.greedy", {
        init: (list: string[]) => {
          seen.push([...list])
          list.push("mine")
          return { list }
        },
      })
      const GREEDY = name<typeof greedy>("greedy")
      await node.start(supervisor("conformance.args", { children: [child(greedy, { arg: ["given"], name: GREEDY })] }))
      node.exit(node.whereis(GREEDY)!, kill)
      await platform.until(() => seen.length === 2)
      expect(seen).toEqual([["given"], ["given"]])
    })
  })
}

function requests(
  platform: Fixture,
  family: (
    strategy: Strategy,
  ) => Promise<{ node: Node; pid: Pid<SupervisorApi>; log: string[]; pids: () => unknown[] }>,
): void {
  describe("requests", () => {
    test("children are added, stopped, started again and forgotten", async () => {
      const { node, pid, log } = await family("one_for_one")
      const call = node.call(pid)
      const extra = (id: string): Child => child(worker(log), { arg: id, id })
      const added = await call.startChild(extra("d"))
      expect(node.find(added)).toBeDefined()
      expect(await rejection(call.startChild(extra("d")))).toBeInstanceOf(CallRefused)
      expect(await rejection(call.deleteChild("d"))).toMatchObject({ reason: atom("running") })
      expect(await call.terminateChild("d")).toBe("ok")
      expect(await call.terminateChild("e")).toBe("not_found")
      expect(await rejection(call.startChild(extra("d")))).toMatchObject({ reason: atom("already_present") })
      expect(await call.restartChild("d")).not.toBe(added)
      expect(await call.countChildren()).toEqual({ specs: 4, active: 4, supervisors: 0, workers: 4 })
      await call.terminateChild("d")
      expect(await call.deleteChild("d")).toBe("ok")
      expect((await call.children()).map(({ id }) => id)).toEqual(["a", "b", "c"])
    })

    test("which_children and count_children answer as a BEAM supervisor does", async () => {
      const { node, pid } = await family("one_for_one")
      const which = inspect(await node.ask(pid, atom("which_children")))
      expect(which.replace(/#PID<[^>]*>/g, "PID")).toBe(
        '[{:c, PID, :worker, [:"conformance.worker"]}, {:b, PID, :worker, [:"conformance.worker"]}, {:a, PID, :worker, [:"conformance.worker"]}]',
      )
      expect(inspect(await node.ask(pid, atom("count_children")))).toBe(
        "[specs: 3, active: 3, supervisors: 0, workers: 3]",
      )
    })

    test("two children of one id are refused", async () => {
      const node = await platform.boot()
      const twice = supervisor("conformance.twice", {
        children: [child(worker([]), { arg: "x" }), child(worker([]), { arg: "y" })],
      })
      expect(String(await rejection(node.start(twice)))).toContain("two children are called conformance.worker")
    })

    test("options that are none are refused by name", () => {
      expect(() => supervisor("x", { children: [], max: 1 } as never)).toThrow(
        "x: a supervisor has no max; it has strategy",
      )
      expect(() => supervisor("x", { children: [], strategy: "all" as never })).toThrow("no strategy all")
      expect(() => child(worker([]), { arg: "x", restart: "always" as never })).toThrow(
        "restart is permanent, transient or temporary, not always",
      )
      expect(() => child(worker([]), { arg: "x", shutdown: -1 })).toThrow("shutdown is milliseconds")
      expect(() => child(worker([]), { arg: "x", argh: 1 } as never)).toThrow("no option argh")
      expect(() => dynamicSupervisor("x", { max: 1 } as never)).toThrow("a dynamic supervisor has no max")
    })
  })
}
