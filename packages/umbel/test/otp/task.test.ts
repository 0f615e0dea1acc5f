/** The cases of Elixir's `task_test.exs` and `task/supervisor_test.exs` that mean something here. */
import {
  atom,
  CallExit,
  isExit,
  kill,
  killed,
  type Node,
  NotATerm,
  name,
  noproc,
  normal,
  type Pid,
  type Running,
  shutdown,
  supervisor,
  timeout,
} from "umbel"
import { boot } from "umbel/nodejs"
import { type DynamicSupervisorApi, Task, taskSupervisor } from "umbel/otp"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { supervisedChild } from "../../src/otp/task-supervisor.ts"

let node: Node
beforeEach(async () => {
  node = await boot({ name: "task@127.0.0.1", report: () => {} })
})
afterEach(() => node.stop())

/** Runs `run` in a process, and gives what it came to. */
function inProcess<T>(run: (self: Running) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const pid = node.spawn(async (self) => resolve(await run(self)))
    node.monitor(pid, ({ reason }) => {
      if (reason !== normal) reject(reason)
    })
  })
}
const never = (): Promise<never> => new Promise(() => {})
/** Waits for a message that never comes: unlike {@link never} it leaves nothing running when it is ended. */
const waiting = (its: Running): Promise<never> => its.receive((message): message is never => message === never)
const collect = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const one of stream) all.push(one)
  return all
}

describe("Task.async and await", () => {
  test("give the value the function returns", async () => {
    expect(
      await inProcess(async (self) =>
        Task.await(
          self,
          Task.async(self, () => 1 + 1),
        ),
      ),
    ).toBe(2)
    expect(
      await inProcess(async (self) =>
        Task.await(
          self,
          Task.async(self, async () => [1, 2]),
        ),
      ),
    ).toEqual([1, 2])
  })
  test("run the function in a process of its own, linked to the owner", async () => {
    const [own, linked] = await inProcess(async (self) => {
      const task = Task.async(self, async (its) => its.pid)
      return [self.pid, await Task.await(self, task)]
    })
    expect(own).not.toBe(linked)
  })
  test("copy the value, and refuse one that is no term", async () => {
    const given = { list: [1] }
    const received = await inProcess(async (self) =>
      Task.await(
        self,
        Task.async(self, () => given),
      ),
    )
    expect(received).toEqual(given)
    expect(received).not.toBe(given)
    const refused = await inProcess(async (self) => {
      self.trapExit(true)
      return Task.yield(
        self,
        Task.async(self, () => () => {}),
      )
    })
    expect(refused?.kind).toBe("exit")
    expect(String((refused as { reason: { elements: [Error] } }).reason.elements[0].message)).toContain(
      "function is no term",
    )
    expect(NotATerm).toBeDefined()
  })
  test("take the owner along when the task crashes", async () => {
    const reason = await inProcess(async (self) => {
      Task.async(self, () => {
        throw new Error("boom")
      })
      await self.receive()
    }).catch((reason: unknown) => reason)
    expect((reason as { elements: [Error] }).elements[0].message).toBe("boom")
  })
  test("reject an owner that traps exits with what the task ended with", async () => {
    const error = await inProcess(async (self) => {
      self.trapExit(true)
      const task = Task.async(self, (its) => its.exit("oops"))
      return Task.await(self, task).catch((error: unknown) => error)
    })
    expect(error).toBeInstanceOf(CallExit)
    expect((error as CallExit).reason).toBe("oops")
  })
  test("reject with timeout a task that is late, which runs on", async () => {
    const [error, value] = await inProcess(async (self) => {
      let go: (value: string) => void = () => {}
      const gate = new Promise<string>((resolve) => {
        go = resolve
      })
      const task = Task.async(self, () => gate)
      const error = await Task.await(self, task, 1).catch((error: unknown) => error)
      go("late")
      return [error, await Task.await(self, task)]
    })
    expect((error as CallExit).reason).toBe(timeout)
    expect(value).toBe("late")
  })
  test("refuse to wait for the task of somebody else", async () => {
    const task = await inProcess(async (self) => {
      const mine = Task.async(self, () => 1)
      await Task.await(self, mine)
      return { theirs: mine }
    }).catch(() => undefined)
    expect(task).toBeDefined()
    await expect(Task.await(node, task!.theirs)).rejects.toThrow("only its owner can wait")
  })
  test("end the task when its owner ends", async () => {
    let task: Pid | undefined
    const owner = node.spawn(async (self) => {
      task = Task.async(self, never).pid
      await never()
    })
    await expect.poll(() => task).toBeDefined()
    const ended = new Promise<unknown>((resolve) => node.monitor(task!, ({ reason }) => resolve(reason)))
    node.exit(owner, "gone")
    expect(await ended).toBe("gone")
  })
})

describe("Task.yield", () => {
  test("gives undefined for a task that runs, and its outcome once it has one", async () => {
    await inProcess(async (self) => {
      let go: (value: number) => void = () => {}
      const task = Task.async(self, () => new Promise<number>((resolve) => (go = resolve)))
      expect(await Task.yield(self, task, 0)).toBeUndefined()
      go(3)
      expect(await Task.yield(self, task)).toEqual({ kind: "ok", value: 3 })
    })
  })
})

describe("Task.shutdown", () => {
  test("gives the value of a task that had one", async () => {
    await inProcess(async (self) => {
      const task = Task.async(self, () => 7)
      await Task.await(self, task)
      expect(await Task.shutdown(self, task)).toEqual({ kind: "ok", value: 7 })
    })
  })
  test("ends a task that runs, without harm to its owner", async () => {
    await inProcess(async (self) => {
      const task = Task.async(self, never)
      expect(await Task.shutdown(self, task)).toBeUndefined()
      expect(await Task.shutdown(self, Task.async(self, never), "brutal_kill")).toBeUndefined()
    })
  })
  test("kills a task that traps exits and does not end in time", async () => {
    await inProcess(async (self) => {
      const task = Task.async(self, async (its) => {
        its.trapExit(true)
        self.send(self.pid, "up")
        await never()
      })
      await self.receive()
      expect(await Task.shutdown(self, task, 1)).toBeUndefined()
    })
  })
  test("tells of a crash that came first", async () => {
    await inProcess(async (self) => {
      self.trapExit(true)
      const task = Task.async(self, (its) => its.exit("early"))
      await self.receive(isExit)
      expect(await Task.shutdown(self, task)).toEqual({ kind: "exit", reason: "early" })
    })
  })
})

describe("Task.asyncStream", () => {
  test("gives outcomes in the order of the items, however they finish", async () => {
    const outcomes = await inProcess(async (self) => {
      const gates: (() => void)[] = []
      const opened = (item: number) => new Promise<number>((resolve) => gates.push(() => resolve(item * 10)))
      const stream = collect(Task.asyncStream(self, [1, 2, 3], opened, { maxConcurrency: 3 }))
      await expect.poll(() => gates.length).toBe(3)
      for (const open of gates.reverse()) open()
      return stream
    })
    expect(outcomes).toEqual([10, 20, 30].map((value) => ({ kind: "ok", value })))
  })
  test("gives them as they come when order does not matter", async () => {
    const first = await inProcess(async (self) => {
      const stream = Task.asyncStream(self, [1, 2], (item) => (item === 1 ? never() : item), { ordered: false })
      const { value } = await stream.next()
      await stream.return()
      return value
    })
    expect(first).toEqual({ kind: "ok", value: 2 })
  })
  test("never runs more than it may at a time", async () => {
    let running = 0
    let most = 0
    await inProcess(async (self) => {
      const work = async (): Promise<void> => {
        most = Math.max(most, ++running)
        await new Promise(setImmediate)
        running--
      }
      await collect(Task.asyncStream(self, Array(50).keys(), work, { maxConcurrency: 4 }))
    })
    expect(most).toBe(4)
  })
  test("says of a task that is late that it was, and goes on", async () => {
    const outcomes = await inProcess((self) =>
      collect(Task.asyncStream(self, [1, 2], (item) => (item === 1 ? never() : item), { timeout: 1 })),
    )
    expect(outcomes).toEqual([
      { kind: "exit", reason: timeout },
      { kind: "ok", value: 2 },
    ])
  })
  test("ends what runs when the loop is left", async () => {
    const pids = await inProcess(async (self) => {
      const pids: unknown[] = []
      const stream = Task.asyncStream(self, [1, 2, 3], (item, its) => {
        pids.push(its.pid)
        return item === 1 ? 1 : never()
      })
      for await (const _ of stream) break
      return pids as never[]
    })
    for (const pid of pids) expect(node.find(pid)).toBeUndefined()
  })
  test("refuses a concurrency that is none", async () => {
    await expect(collect(Task.asyncStream(node, [1], () => 1, { maxConcurrency: 0 }))).rejects.toThrow(
      "whole number from 1",
    )
  })
})

describe("tasks under a supervisor", () => {
  const TASKS = name<DynamicSupervisorApi>("tasks")
  beforeEach(() => node.start(taskSupervisor("test.tasks"), { name: TASKS }).then(() => {}))

  test("give their value, and their crash is an outcome that harms nobody", async () => {
    await inProcess(async (self) => {
      const good = await Task.asyncNoLink(self, TASKS, () => "fine")
      expect(await Task.await(self, good)).toBe("fine")
      const bad = await Task.asyncNoLink(self, TASKS, (its) => its.exit("bad"))
      expect(await Task.yield(self, bad)).toEqual({ kind: "exit", reason: "bad" })
      const gone = await Task.asyncNoLink(self, TASKS, never)
      expect(await self.call(TASKS).children()).toContainEqual(gone.pid)
      self.exitOther(gone.pid, kill)
      expect(await Task.yield(self, gone)).toEqual({ kind: "exit", reason: killed })
    })
  })
  test("are ended with their supervisor", async () => {
    const task = await Task.asyncNoLink(node, TASKS, never)
    node.exit(node.whereis(TASKS)!, kill)
    expect(await Task.yield(node, task)).toEqual({ kind: "exit", reason: killed })
    await expect(Task.asyncNoLink(node, TASKS, () => 1)).rejects.toMatchObject({ reason: noproc })
  })
  test("that are linked take their owner along when they crash, and end with it", async () => {
    const crashed = inProcess(async (self) => {
      const task = await Task.asyncUnder(self, TASKS, (its) => its.exit("bad"))
      await Task.yield(self, task)
    })
    await expect(crashed).rejects.toEqual("bad")
    let below: Pid | undefined
    const owner = node.spawn(async (self) => {
      const task = await Task.asyncUnder(self, TASKS, waiting)
      below = task.pid
      await self.receive()
    })
    await expect.poll(() => below).toBeDefined()
    expect(await node.call(TASKS).children()).toContainEqual(below)
    node.exit(owner, "gone")
    await expect.poll(() => node.find(below!)).toBeUndefined()
  })
  test("that are linked give their value", async () => {
    const value = await inProcess(async (self) => {
      const task = await Task.asyncUnder(self, TASKS, () => ({ of: "a supervised task" }))
      expect(task.pid).not.toBe(self.pid)
      return Task.await(self, task)
    })
    expect(value).toEqual({ of: "a supervised task" })
  })
  test("are refused when the supervisor has as many as it may have", async () => {
    const FEW = name<DynamicSupervisorApi>("few")
    await node.start(taskSupervisor("test.few", { maxChildren: 1 }), { name: FEW })
    await Task.asyncNoLink(node, FEW, waiting)
    const refused = { reason: atom("max_children") }
    await expect(Task.asyncUnder(node, FEW, () => 1)).rejects.toMatchObject(refused)
    await expect(Task.asyncNoLink(node, FEW, () => 1)).rejects.toMatchObject(refused)
  })
  test("end as their own shutdown says: one that traps exits is killed at once when that is brutal_kill", async () => {
    for (const start of [Task.asyncNoLink, Task.asyncUnder]) {
      const reason = await inProcess(async (self) => {
        self.trapExit(true)
        const deaf = await start(
          self,
          TASKS,
          (its) => {
            its.trapExit(true)
            return waiting(its)
          },
          { shutdown: "brutal_kill" },
        )
        expect(await self.call(TASKS).terminateChild(deaf.pid)).toBe("ok")
        return Task.yield(self, deaf)
      })
      expect(reason).toEqual({ kind: "exit", reason: killed })
    }
  })
  test("that nobody waits for are started too, with their own shutdown and restart", async () => {
    let runs = 0
    const pid = await Task.startUnder(node, TASKS, waiting, { shutdown: "brutal_kill" })
    expect(await node.call(TASKS).children()).toEqual([pid])
    expect(await node.call(TASKS).terminateChild(pid)).toBe("ok")
    await Task.startUnder(
      node,
      TASKS,
      () => {
        if (++runs < 3) throw new Error("again")
      },
      { restart: "transient" },
    )
    await expect.poll(() => runs).toBe(3)
    await expect.poll(() => node.call(TASKS).children()).toEqual([])
  })
  test("whose owner ends before it asks for the value do nothing", async () => {
    let ran = false
    const owner = node.spawn(async (self) => {
      self.exit("before")
    })
    await expect.poll(() => node.find(owner)).toBeUndefined()
    const spec = supervisedChild(
      node,
      TASKS,
      () => {
        ran = true
      },
      {},
      owner,
    )
    const pid = await node.call(TASKS).startChild(spec)
    await expect.poll(() => node.find(pid)).toBeUndefined()
    expect(ran).toBe(false)
  })

  for (const link of [true, false]) {
    describe(`of a stream, ${link ? "linked" : "not linked"} to their owner`, () => {
      const options = { supervisor: TASKS, link } as const
      const left = (): Promise<readonly Pid[]> => node.call(TASKS).children()

      test("give their outcomes in the order of the items, and leave nothing behind", async () => {
        const outcomes = await inProcess((self) => {
          const gates: (() => void)[] = []
          const opened = (item: number) =>
            new Promise<number>((resolve) => {
              gates.push(() => resolve(item * 10))
              if (gates.length === 3) for (const open of gates.reverse()) open()
            })
          return collect(Task.asyncStream(self, [1, 2, 3], opened, { ...options, maxConcurrency: 4 }))
        })
        expect(outcomes).toEqual([10, 20, 30].map((value) => ({ kind: "ok", value })))
        await expect.poll(left).toEqual([])
      })
      test("tell of crashes as outcomes to an owner that traps exits, linked or not", async () => {
        const outcomes = await inProcess((self) => {
          self.trapExit(link)
          return collect(Task.asyncStream(self, [1, 2], (item, its) => (item === 1 ? its.exit("one") : item), options))
        })
        expect(outcomes).toEqual([
          { kind: "exit", reason: "one" },
          { kind: "ok", value: 2 },
        ])
      })
      test("are ended when the loop is left, and bring no message", async () => {
        const messages = await inProcess(async (self) => {
          self.trapExit(true)
          for await (const _ of Task.asyncStream(
            self,
            [1, 2, 3],
            (item, its) => (item === 1 ? 1 : waiting(its)),
            options,
          ))
            break
          return self.receive((message): message is never => !isExit(message) || message.reason !== normal, {
            timeout: 1,
          })
        })
        expect(messages).toBeUndefined()
        await expect.poll(left).toEqual([])
      })
      test("are ended when the supervisor refuses one more, which the loop throws", async () => {
        const FEW = name<DynamicSupervisorApi>("few")
        await node.start(taskSupervisor("test.few", { maxChildren: 1 }), { name: FEW })
        const few = { ...options, supervisor: FEW, maxConcurrency: 4 }
        const refused = await inProcess((self) =>
          collect(Task.asyncStream(self, [1, 2], (_item, its) => waiting(its), few)).catch((error: unknown) => error),
        )
        expect(refused).toMatchObject({ reason: atom("max_children") })
        await expect.poll(() => node.call(FEW).children()).toEqual([])
      })
    })
  }
  test("of a linked stream take an owner along that traps no exits", async () => {
    const crashed = inProcess((self) =>
      collect(Task.asyncStream(self, [1], (_item, its) => its.exit("one"), { supervisor: TASKS })),
    )
    await expect(crashed).rejects.toBe("one")
  })
})

test("a task is a child of any supervisor: its work is done once, or again as its restart says", async () => {
  const log: string[] = []
  const once = Task.child(() => void log.push("once"), { id: "once" })
  const again = Task.child(
    () => {
      log.push("again")
      if (log.length < 4) throw new Error("not yet")
    },
    { id: "again", restart: "transient" },
  )
  const top = await node.start(supervisor("test.top", { children: [once, again] }))
  await expect.poll(() => log.filter((line) => line === "again").length).toBeGreaterThan(1)
  expect(log.filter((line) => line === "once")).toEqual(["once"])
  await expect.poll(() => node.call(top).children()).toMatchObject([{ id: "again", pid: undefined }])
})

test("a task whose result nobody waits for runs beside its starter, and not linked to it", async () => {
  let ran: Pid | undefined
  const starter = node.spawn(async (self) => {
    Task.start(self, (its) => {
      ran = its.pid
      its.exit("bad")
    })
    await self.receive()
  })
  await expect.poll(() => ran).toBeDefined()
  await expect.poll(() => node.find(ran!)).toBeUndefined()
  expect(node.find(starter)).toBeDefined()
})

describe("Task.ignore", () => {
  test("gives the outcome that is there already: a value, or an end", async () => {
    await inProcess(async (self) => {
      self.trapExit(true)
      const good = Task.async(self, () => 3)
      await Task.yield(self, good)
      expect(await Task.ignore(self, good)).toEqual({ kind: "ok", value: 3 })
      const bad = Task.async(self, (its) => its.exit("bad"))
      await Task.yield(self, bad)
      expect(await Task.ignore(self, bad)).toEqual({ kind: "exit", reason: "bad" })
    })
  })
  test("waits for nothing, and lets the task run on: neither its value nor its crash reaches the owner any more", async () => {
    let done = false
    const messages = await inProcess(async (self) => {
      let release = (): void => {}
      const gate = new Promise<void>((resolve) => {
        release = resolve
      })
      const good = Task.async(self, async () => {
        await gate
        done = true
      })
      const bad = Task.async(self, async (its) => {
        await gate
        its.exit("bad")
      })
      expect([await Task.ignore(self, good), await Task.ignore(self, bad)]).toEqual([undefined, undefined])
      release()
      await expect.poll(() => node.find(bad.pid) ?? node.find(good.pid)).toBeUndefined()
      return self.receive((_message): _message is unknown => true, { timeout: 0 })
    })
    expect([done, messages]).toEqual([true, undefined])
  })
  test("is for its owner only", async () => {
    const task = Task.async(node, never)
    await expect(inProcess((self) => Task.ignore(self, task))).rejects.toBeDefined()
    await Task.shutdown(node, task, "brutal_kill")
  })
})

describe("Task.shutdown of a task that has ended before", () => {
  const ended = (how: unknown, brutally: boolean) =>
    inProcess(async (self) => {
      self.trapExit(true)
      const task = Task.async(self, (its) => its.exit(how))
      await Task.yield(self, task)
      return Task.shutdown(self, task, brutally ? "brutal_kill" : 100)
    })
  test("tells how, unless it ended as the signal would have ended it", async () => {
    const exit = (reason: unknown) => ({ kind: "exit", reason })
    expect(await ended(normal, false)).toEqual(exit(normal))
    expect(await ended(normal, true)).toEqual(exit(normal))
    expect(await ended(killed, false)).toEqual(exit(killed))
    expect(await ended(killed, true)).toBeUndefined()
    expect(await ended(shutdown, false)).toBeUndefined()
    expect(await ended(shutdown, true)).toEqual(exit(shutdown))
  })
})
