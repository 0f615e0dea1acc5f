/**
 * Links and monitors. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import { isDown, isExit, type Node, type Running } from "../../src/runtime/index.ts"
import { atom, kill, killed, makeName, noproc, type Pid } from "../../src/term/index.ts"
import { endOf, type Fixture, inProcess, isText, settled } from "./fixture.ts"

const boom = atom("boom")
const forever = async (self: Running): Promise<void> => {
  for (;;) await self.receive()
}
/** What binds processes of one node together. */
export function bonds(platform: Fixture): void {
  links(platform)
  monitors(platform)
}

function links(platform: Fixture): void {
  describe("links", () => {
    const pair = async (node: Node, trap: boolean): Promise<{ parent: Pid; child: Pid; got: unknown[] }> => {
      const got: unknown[] = []
      let child: Pid | undefined
      const parent = node.spawn(async (self) => {
        self.trapExit(trap)
        child = self.spawnLink(forever)
        for (;;) got.push(await self.receive())
      })
      await platform.until(() => child !== undefined)
      return { parent, child: child!, got }
    }

    test("end together when one ends abnormally, whichever it is", async () => {
      const node = await platform.boot()
      for (const first of ["parent", "child"] as const) {
        const both = await pair(node, false)
        const other = endOf(platform, node, first === "parent" ? both.child : both.parent)
        node.exit(both[first], boom)
        expect(await other).toBe(boom)
      }
    })
    test("a normal end does not take the other along", async () => {
      const node = await platform.boot()
      let done = false
      const parent = node.spawn(async (self) => {
        self.spawnLink(async () => {})
        await self.receive()
        done = true
      })
      await settled(platform, node)
      node.send(parent, "go on")
      await platform.until(() => done)
    })
    test("are told as a message to one that traps exits, with pid and reason", async () => {
      const node = await platform.boot()
      const { child, got } = await pair(node, true)
      node.exit(child, boom)
      await platform.until(() => got.length > 0)
      expect(got).toEqual([{ kind: "exit", pid: child, reason: boom }])
      expect(isExit(got[0])).toBe(true)
    })
    test("a linked process that ended with the reason kill can be trapped, as in Erlang", async () => {
      const node = await platform.boot()
      const got = await inProcess(platform, node, async (self) => {
        self.trapExit(true)
        self.spawnLink(async (other) => other.exit(kill))
        return self.receive(isExit)
      })
      expect(got.reason).toBe(kill)
    })
    test("a killed process tells its links killed", async () => {
      const node = await platform.boot()
      const { child, got } = await pair(node, true)
      node.exit(child, kill)
      await platform.until(() => got.length > 0)
      expect(got).toMatchObject([{ reason: killed }])
    })
    test("to a process that is no more bring noproc", async () => {
      const node = await platform.boot()
      const gone = node.spawn(async () => {})
      await endOf(platform, node, gone)
      const got = await inProcess(platform, node, async (self) => {
        self.trapExit(true)
        self.link(gone)
        return self.receive(isExit)
      })
      expect(got).toEqual({ kind: "exit", pid: gone, reason: noproc })
    })
    test("hold no more after unlink, on either side", async () => {
      const node = await platform.boot()
      const both = await inProcess(platform, node, async (self) => {
        const other = self.spawnLink(forever)
        self.unlink(other)
        self.exitOther(other, boom)
        return [other, (await self.receive(isText, { timeout: 1 })) ?? "alive"] as const
      })
      expect(both[1]).toBe("alive")
      expect(node.find(both[0])).toBeUndefined()
    })
    test("break along a chain of any length", async () => {
      const node = await platform.boot()
      let last: Pid | undefined
      const chain = (left: number) => async (self: Running) => {
        if (left === 0) last = self.pid
        else self.spawnLink(chain(left - 1))
        await self.receive()
      }
      const first = node.spawn(chain(3_000))
      await platform.until(() => last !== undefined)
      const end = endOf(platform, node, last!)
      node.exit(first, boom)
      expect(await end).toBe(boom)
    })
  })
}

function monitors(platform: Fixture): void {
  describe("monitors", () => {
    test("bring exactly one Down, with the reference, the target and the reason", async () => {
      const node = await platform.boot()
      const got = await inProcess(platform, node, async (self) => {
        const [pid, ref] = self.spawnMonitor(async (other) => other.exit(boom))
        const down = await self.receive(isDown)
        return { pid, ref, down, more: await self.receive(isDown, { timeout: 1 }) }
      })
      expect(got.down).toEqual({ kind: "down", ref: got.ref, target: got.pid, reason: boom })
      expect(got.more).toBeUndefined()
    })
    test("several of one target each bring their own", async () => {
      const node = await platform.boot()
      const got = await inProcess(platform, node, async (self) => {
        const pid = self.spawn(forever)
        const refs = [self.monitor(pid), self.monitor(pid)]
        self.exitOther(pid, boom)
        const downs = [await self.receive(isDown), await self.receive(isDown)]
        return { refs: refs.map(({ key }) => key), downs: downs.map(({ ref }) => ref.key) }
      })
      expect(new Set(got.downs)).toEqual(new Set(got.refs))
    })
    test("of a process that is no more bring noproc at once", async () => {
      const node = await platform.boot()
      const gone = node.spawn(async () => {})
      await endOf(platform, node, gone)
      expect(await endOf(platform, node, gone)).toBe(noproc)
      const target = makeName("nobody", undefined)
      const down = await inProcess(platform, node, async (self) => {
        self.monitor(target)
        return self.receive(isDown)
      })
      expect(down).toMatchObject({ target, reason: noproc })
    })
    test("bring nothing after demonitor", async () => {
      const node = await platform.boot()
      const got = await inProcess(platform, node, async (self) => {
        const pid = self.spawn(forever)
        self.demonitor(self.monitor(pid))
        const gone = self.monitor(makeName("nobody", undefined))
        self.demonitor(gone)
        const [, kept] = [self.exitOther(pid, boom), self.monitor(pid)]
        return [(await self.receive(isDown)).ref.key === kept.key, await self.receive(isDown, { timeout: 1 })]
      })
      expect(got).toEqual([true, undefined])
    })
    test("of the node tell a callback once, or not at all once disposed", async () => {
      const node = await platform.boot()
      const pid = node.spawn(forever)
      const told: unknown[] = []
      const disposed = node.monitor(pid, (down) => told.push(down))
      disposed[Symbol.dispose]()
      node.monitor(pid, ({ reason }) => told.push(reason))
      node.exit(pid, boom)
      await settled(platform, node)
      expect(told).toEqual([boom])
    })
  })
}
