/**
 * Dynamic supervisors: children that come and go. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import { type Child, child, dynamicSupervisor, type Restart } from "../../src/otp/index.ts"
import type { CallRefused } from "../../src/runtime/index.ts"
import { atom, inspect, kill, shutdown } from "../../src/term/index.ts"
import { endOf, type Fixture, rejection, settled } from "./fixture.ts"

import { worker } from "./servers.ts"

export function dynamicSupervisors(platform: Fixture): void {
  describe("a dynamic supervisor", () => {
    const started = async (max?: number) => {
      const log: string[] = []
      const node = await platform.boot()
      const pid = await node.start(
        dynamicSupervisor("conformance.dynamic", max === undefined ? {} : { maxChildren: max }),
      )
      const one = (id: string, restart: Restart = "permanent"): Child => child(worker(log), { arg: id, restart })
      return { node, pid, log, one }
    }

    test("starts any number of children of one kind, and stops them by pid", async () => {
      const { node, pid, one, log } = await started()
      const pids = await Promise.all(Array.from({ length: 50 }, (_, n) => node.call(pid).startChild(one(String(n)))))
      expect(await node.call(pid).countChildren()).toEqual({ active: 50 })
      expect(await node.call(pid).terminateChild(pids[7]!)).toBe("ok")
      expect(await node.call(pid).terminateChild(pids[7]!)).toBe("not_found")
      expect(log.at(-1)).toBe("-7")
      expect(await node.call(pid).children()).toHaveLength(49)
    })

    test("refuses more than maxChildren, until one has ended", async () => {
      const { node, pid, one } = await started(2)
      const first = await node.call(pid).startChild(one("a", "temporary"))
      await node.call(pid).startChild(one("b"))
      expect(await rejection(node.call(pid).startChild(one("c")))).toMatchObject({
        name: "CallRefused",
        reason: atom("max_children"),
      })
      node.exit(first, kill)
      await settled(platform, node)
      expect(node.find(await node.call(pid).startChild(one("c")))).toBeDefined()
    })

    test("a start that fails is refused with the reason, and leaves nothing", async () => {
      const { node, pid } = await started()
      const bad = worker([], { failAt: () => true })
      expect(
        inspect(((await rejection(node.call(pid).startChild(child(bad, { arg: "x" })))) as CallRefused).reason),
      ).toContain("no start of x")
      expect(await node.call(pid).countChildren()).toEqual({ active: 0 })
    })

    test("starts a permanent child again, and forgets a temporary one", async () => {
      const { node, pid, one, log } = await started()
      const [permanent, temporary] = [
        await node.call(pid).startChild(one("p")),
        await node.call(pid).startChild(one("t", "temporary")),
      ]
      node.exit(permanent, kill)
      node.exit(temporary, kill)
      await platform.until(() => log.length === 3)
      await settled(platform, node)
      expect(log).toEqual(["+p", "+t", "+p"])
      const left = await node.call(pid).children()
      expect(left).toHaveLength(1)
      expect(left[0]).not.toBe(permanent)
    })

    test("gives up after too many restarts over all children", async () => {
      const { node, pid, one } = await started()
      const end = endOf(platform, node, pid)
      for (let n = 0; n < 4; n++) node.exit(await node.call(pid).startChild(one(String(n))), kill)
      expect(await end).toBe(shutdown)
    })

    test("starts a definition that the node knows by its module, when the specification came as a term", async () => {
      const { node, pid } = await started()
      const spec = {
        id: "x",
        start: ["conformance.unknown", "x"],
        restart: "temporary",
        shutdown: 100,
      } as unknown as Child
      const error = await rejection(node.call(pid).startChild(spec))
      expect(inspect((error as CallRefused).reason)).toContain("unknown_module")
    })
  })
}
