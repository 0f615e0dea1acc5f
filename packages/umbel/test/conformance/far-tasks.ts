/**
 * Tasks under a supervisor of another node. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import { type DynamicSupervisorApi, name, Task, taskSupervisor } from "../../src/otp/index.ts"
import type { Node, Running } from "../../src/runtime/index.ts"
import { inspect, noconnection, type Pid } from "../../src/term/index.ts"
import { type Fixture, inProcess, rejection } from "./fixture.ts"

const TASKS = name<DynamicSupervisorApi>("tasks")
/** What the other node lets tasks call. */
const work = {
  double: (_self: Running, by: number) => by * 2,
  crash: (self: Running) => self.exit("bad"),
  wait: (self: Running) => self.receive((message): message is never => message === 0),
}
const call = (f: keyof typeof work, ...args: unknown[]) => ({ module: "work", function: f, args })

export function farTasks(platform: Fixture): void {
  const two = async (): Promise<readonly [here: Node, there: Node]> => {
    const [here, there] = await platform.bootTwo({ cookie: "tasks" }, { cookie: "tasks" })
    there.exposed.set("work", work)
    await there.start(taskSupervisor("far.tasks"), { name: TASKS })
    return [here, there]
  }

  describe("a task under a supervisor of another node", () => {
    test("calls a function that is exposed there, and gives its value, or how it ended", async () => {
      const [here, there] = await two()
      await inProcess(platform, here, async (self) => {
        const far = TASKS.at(there.name)
        const task = await Task.asyncNoLink<number>(self, far, call("double", 21))
        expect([task.pid.node, await Task.await(self, task)]).toEqual([there.name, 42])
        const pid = await Task.startUnder(self, far, call("wait"), { shutdown: "brutal_kill" })
        expect([pid.node, await self.call(far).terminateChild(pid)]).toEqual([there.name, "ok"])
        const bad = await Task.asyncNoLink(self, far, call("crash"))
        expect(await Task.yield(self, bad)).toEqual({ kind: "exit", reason: "bad" })
      })
      await platform.until(() => there.find(there.whereis(TASKS)!)?.describe().supervision?.count === 0)
    })
    test("that is linked takes its owner along, and ends with it", async () => {
      const [here, there] = await two()
      const crashed = inProcess(platform, here, async (self) => {
        self.trapExit(true)
        const task = await Task.asyncUnder(self, TASKS.at(there.name), call("crash"))
        return ((await self.receive()) as { reason: unknown; pid: Pid }).pid.key === task.pid.key
      })
      expect(await crashed).toBe(true)
      let below: Pid | undefined
      const owner = here.spawn(async (self) => {
        below = (await Task.asyncUnder(self, TASKS.at(there.name), call("wait"))).pid
        await self.receive()
      })
      await platform.until(() => below !== undefined)
      here.exit(owner, "gone")
      await platform.until(() => there.find(below!) === undefined)
    })
    test("ends with noconnection when the other node does: await rejects, yield, shutdown and ignore tell", async () => {
      const [here, there] = await two()
      const exit = { kind: "exit", reason: noconnection }
      let begun = 0
      there.exposed.set("work", {
        wait(self: Running) {
          begun++
          return work.wait(self)
        },
      })
      const told = await inProcess(platform, here, async (self) => {
        const tasks = await Promise.all(
          [1, 2, 3, 4].map(() => Task.asyncNoLink(self, TASKS.at(there.name), call("wait"))),
        )
        while (begun < 4) await self.receive((message): message is never => message === 0, { timeout: 1 })
        here.disconnect(there.name)
        const [first, second, third, fourth] = tasks as [Task<never>, Task<never>, Task<never>, Task<never>]
        const ends = [
          await rejection(Task.await(self, first)),
          await Task.yield(self, second),
          await Task.shutdown(self, third),
          await Task.ignore(self, fourth),
          await Task.shutdown(self, second, "brutal_kill"),
        ]
        return ends
      })
      // They were nobody's but their supervisor's, and run on.
      expect(there.find(there.whereis(TASKS)!)?.describe().supervision?.count).toBe(4)
      expect(told).toMatchObject([{ reason: noconnection }, exit, exit, exit, exit])
    })
    test("is refused where there is no such node, supervisor or function, and functions do not go there", async () => {
      const [here, there] = await two()
      await inProcess(platform, here, async (self) => {
        const nowhere = await rejection(Task.asyncNoLink(self, TASKS.at("nobody@nowhere.invalid"), call("wait")))
        expect(nowhere).toMatchObject({ reason: noconnection })
        const far = TASKS.at(there.name)
        const local = await rejection(Task.asyncNoLink(self, far, () => 1))
        expect(String(local)).toMatch(/functions do not go there: name one that it exposes/)
        const hidden = await Task.asyncNoLink(self, far, { module: "work", function: "toString" })
        const { reason } = (await Task.yield(self, hidden)) as { reason: unknown }
        expect(inspect(reason)).toMatch(/exposes no work.toString/)
      })
    })
  })
}
