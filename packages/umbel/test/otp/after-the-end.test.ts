/** What happens to work that outlives its server, what is shown of states and messages, and how processes print. */
import { inspect as print } from "node:util"
import { describe, expect, test } from "vitest"
import { genServer, name, type StatusAbout, Sys } from "../../src/otp/index.ts"
import { CallExit, type CrashReport, type Process } from "../../src/runtime/index.ts"
import { Zombies } from "../../src/runtime/zombies.ts"
import { atom, inspect, type Pid } from "../../src/term/index.ts"
import { rejection, settled } from "../conformance/fixture.ts"
import { simulated } from "../support/simulated.ts"

describe("a promise given to self.later", () => {
  const server = () => {
    let fail: (error: unknown) => void = () => {}
    const definition = genServer("end.later", {
      init: () => ({}),
      calls: {
        work: (self) =>
          self.later(
            new Promise<number>((_, reject) => {
              fail = reject
            }),
          ),
      },
    })
    return { definition, fail: (error: unknown) => fail(error) }
  }
  test("that rejects after the server's end is reported, and not lost", async () => {
    const { node, platform, notes } = await simulated()
    const { definition, fail } = server()
    const pid = await node.start(definition)
    const asked = rejection(node.call(pid).work())
    await settled(platform, node)
    node.exit(pid, atom("boom"))
    expect(await asked).toBeInstanceOf(CallExit)
    fail(new Error("too late"))
    await settled(platform, node)
    expect(notes()).toContain(`end.later ${pid} threw after it had ended: Error: too late`)
  })
  test("that rejects before it crashes the server, as a throw would", async () => {
    const { node, platform, all } = await simulated()
    const { definition, fail } = server()
    const pid = await node.start(definition)
    const asked = rejection(node.call(pid).work())
    await settled(platform, node)
    fail(new Error("in time"))
    expect(await asked).toBeInstanceOf(CallExit)
    expect(all.map(({ kind }) => kind)).toEqual(["crash"])
  })
})

test("zombies are found by their pid, also by another one that is equal", async () => {
  const { node } = await simulated()
  const zombies = new Zombies()
  const processes = await Promise.all(
    Array.from(
      { length: 3 },
      async () => node.find(await node.start(genServer("end.idle", { init: () => ({}) }))) as Process,
    ),
  )
  for (const process of processes) zombies.add(process)
  const gone: number[] = []
  for (const [i, { pid }] of processes.entries()) zombies.whenGone({ key: pid.key } as Pid, () => void gone.push(i))
  expect([zombies.size, [...zombies.all()]]).toEqual([3, processes])
  zombies.settled(processes[1]!)
  zombies.whenGone(processes[1]!.pid, () => void gone.push(11))
  expect([gone, zombies.size]).toEqual([[1, 11], 2])
})

test("a pid and a process print as one line, and not as the node behind them", async () => {
  const { node } = await simulated()
  const pid = await node.start(genServer("end.idle", { init: () => ({}) }))
  expect(print({ pid })).toBe(`{ pid: #PID${pid} of a@sim }`)
  expect(print(node.find(pid))).toBe(`#Process end.idle ${pid}`)
})

test("a crash report calls a process by its label, and a registered one by its name", async () => {
  const { node, platform, all } = await simulated()
  for (const NAME of [undefined, name<{ calls: {}; casts: {} }>("bob")]) {
    const pid = node.spawn(async (self) => {
      self.label({ job: 7 })
      if (NAME !== undefined) self.register(NAME)
      throw new Error("no more")
    })
    await platform.until(() => node.find(pid) === undefined)
  }
  expect(all.map((report) => report.kind === "crash" && report.title)).toEqual(["%{job: 7}", "bob"])
})

test("a message that no info handler takes is noted without its secrets", async () => {
  const { node, platform, notes } = await simulated()
  const pid = await node.start(genServer("end.idle", { init: () => ({}) }))
  node.send(pid, { user: "ann", password: "hunter2" })
  await settled(platform, node)
  expect(notes().join()).toMatch(/no info handler for the message .*ann.*\[redacted\]/)
  expect(notes().join()).not.toContain("hunter2")
})

test("formatStatus is told what it is asked for: by somebody who looks, or by a crash report, with reason and message", async () => {
  const { node, all } = await simulated()
  const seen: StatusAbout[] = []
  const server = genServer("end.formatted", {
    init: () => ({ secret: 1 }),
    casts: {
      crash: (_self, why: string) => {
        throw new Error(why)
      },
    },
    formatStatus: (_state, about) => {
      seen.push(about)
      return about.why
    },
  })
  const pid = await node.start(server)
  expect(inspect(await Sys.getStatus(node, pid))).toContain("normal")
  expect(seen).toEqual([{ why: "normal" }])
  seen.length = 0
  node.cast(pid).crash("on purpose")
  await rejection(node.call(pid as never as Pid<{ calls: { x(): void }; casts: {} }>).x())
  const crash = all.find((report): report is CrashReport => report.kind === "crash")
  expect(crash?.state).toBe("terminate")
  const about = seen.find(({ why }) => why === "terminate")
  expect(inspect(about?.reason)).toMatch(/on purpose/)
  expect(inspect(about?.message)).toMatch(/:crash, "on purpose"/)
})
