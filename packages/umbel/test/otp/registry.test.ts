/** The cases of Elixir's `registry_test.exs`, `registry/unique_test.exs` and `registry/duplicate_test.exs` that mean something here. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { boot } from "../../src/nodejs/index.ts"
import {
  AlreadyRegistered,
  child,
  genServer,
  name,
  Registry,
  type RegistryEvent,
  registry,
  Sys,
  supervisor,
  Task,
  UnknownRegistry,
} from "../../src/otp/index.ts"
import { type Node, ProcessEnded, type Running } from "../../src/runtime/index.ts"
import { atom, kill, killed, local, NotATerm, normal, type Pid, shutdown, tuple } from "../../src/term/index.ts"

type Value = unknown
const UNIQUE = registry<unknown, Value>("test.unique", { keys: "unique", listeners: [name("listener")] })
const DUPLICATE = registry<unknown, Value>("test.duplicate", { keys: "duplicate", listeners: [name("listener")] })
const BOTH = [UNIQUE, DUPLICATE] as const

let node: Node
let started: Map<string, Pid>
beforeEach(async () => {
  node = await boot({ name: "registry@127.0.0.1", report: () => {} })
  started = new Map()
  for (const one of BOTH) started.set(one.module, await node.start(one))
})
afterEach(() => node.stop())

/** Runs `run` in a process, and gives what it came to. */
function inProcess<T>(run: (self: Running) => T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    node.spawn(async (self) => {
      try {
        resolve(await run(self))
      } catch (thrown) {
        reject(thrown)
      }
    })
  })
}
/** A process that is registered, and waits. */
const holder = (where: (typeof BOTH)[number], key: unknown, value?: unknown): Promise<Pid> =>
  new Promise((resolve, reject) => {
    node.spawn(async (self) => {
      try {
        Registry.register(self, where, key, value)
        resolve(self.pid)
      } catch (thrown) {
        reject(thrown)
      }
      await self.receive()
    })
  })
function ended(pid: Pid): Promise<unknown> {
  return new Promise((resolve) => void node.monitor(pid, ({ reason }) => resolve(reason)))
}
async function end(pid: Pid): Promise<void> {
  const down = ended(pid)
  node.exit(pid, kill)
  await down
}
function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
const never = (): Promise<never> => new Promise(() => {})

describe.each(BOTH)("$keys keys", (where) => {
  test("an empty registry has no entries, and one counts them", async () => {
    expect(Registry.count(node, where)).toBe(0)
    expect(Registry.entries(node, where)).toEqual([])
    await holder(where, "hello")
    await holder(where, "world")
    expect(Registry.count(node, where)).toBe(2)
  })

  test("a process finds its own entries, and those of others", async () => {
    const other = await holder(where, "hello", "theirs")
    await inProcess((self) => {
      Registry.register(self, where, "world", "mine")
      expect(Registry.keys(self, where, self.pid)).toEqual(["world"])
      expect(Registry.values(self, where, "world", self.pid)).toEqual(["mine"])
      expect(Registry.values(self, where, "hello", self.pid)).toEqual([])
      expect(Registry.keys(self, where, other)).toEqual(["hello"])
      expect(Registry.values(self, where, "hello", other)).toEqual(["theirs"])
      expect(Registry.lookup(self, where, "hello")).toEqual([{ pid: other, value: "theirs" }])
      expect(Registry.lookup(self, where, "nobody")).toEqual([])
    })
  })

  test("every entry is there to look through, with conditions on key, process and value", async () => {
    const one = await holder(where, "hello", tuple(1, atom("a"), 1))
    const two = await holder(where, "world", { a: "a", b: "b" })
    const all = Registry.entries(node, where)
    expect(all).toEqual([
      { key: "hello", pid: one, value: tuple(1, atom("a"), 1) },
      { key: "world", pid: two, value: { a: "a", b: "b" } },
    ])
    expect(Registry.entries(node, where, ({ key }) => key === "world")).toEqual([all[1]])
    expect(Registry.entries(node, where, ({ pid }) => pid === one)).toEqual([all[0]])
    expect(Registry.count(node, where, ({ key }) => key === "hello" || key === "world")).toBe(2)
    expect(Registry.count(node, where, ({ value }) => value === undefined)).toBe(0)
  })

  test("keys are compared as terms, and none of them is a pattern", async () => {
    const keys = [atom("_"), tuple(atom("$1"), 1), { b: "b" }, { a: "a", b: "b" }, ["x"], "x", atom("x"), 1, 1.5, null]
    for (const [index, key] of keys.entries()) await holder(where, key, index)
    for (const [index, key] of keys.entries()) {
      expect(Registry.lookup(node, where, key).map(({ value }) => value)).toEqual([index])
      expect(Registry.countOf(node, where, key)).toBe(1)
    }
    expect(Registry.lookup(node, where, 1n)).toEqual(Registry.lookup(node, where, 1))
    expect(Registry.lookup(node, where, tuple(atom("$1"), 1)).map(({ value }) => value)).toEqual([1])
    expect(Registry.lookup(node, where, new Map([[atom("b"), "b"]])).map(({ value }) => value)).toEqual([2])
  })

  test("a process takes its entries out by key, and nobody else's", async () => {
    await holder(where, "theirs")
    await inProcess((self) => {
      Registry.unregister(self, where, "hello")
      Registry.register(self, where, "hello")
      Registry.register(self, where, "world")
      Registry.unregister(self, where, "hello")
      expect(Registry.keys(self, where, self.pid)).toEqual(["world"])
      Registry.unregister(self, where, "theirs")
      Registry.unregister(self, where, "world")
      expect(Registry.keys(self, where, self.pid)).toEqual([])
      expect(Registry.count(self, where)).toBe(1)
    })
  })

  test("dispatch runs in the caller, once, with all under the key; not at all when there are none", async () => {
    const calls: (readonly { pid: Pid; value: Value }[])[] = []
    Registry.dispatch(node, where, "hello", (entries) => calls.push(entries))
    expect(calls).toEqual([])
    const one = await holder(where, "hello", 1)
    await holder(where, "world", 2)
    Registry.dispatch(node, where, "hello", (entries) => calls.push(entries))
    expect(calls).toEqual([[{ pid: one, value: 1 }]])
    const fail = (): never => {
      throw new Error("of the caller")
    }
    expect(() => Registry.dispatch(node, where, "hello", fail)).toThrow("of the caller")
  })

  test("the entries of a process that ends are gone, however it ends", async () => {
    const killedOne = await holder(where, "hello")
    const other = await holder(where, "world")
    await end(killedOne)
    expect(Registry.lookup(node, where, "hello")).toEqual([])
    expect(Registry.keys(node, where, killedOne)).toEqual([])
    const down = ended(other)
    node.send(other, "return")
    expect(await down).toBe(normal)
    expect(Registry.count(node, where)).toBe(0)
    expect(Registry.entries(node, where)).toEqual([])
  })

  test("a registry that is suspended is no hindrance: nothing is asked of it", async () => {
    await Sys.suspend(node, started.get(where.module)!)
    const former = await holder(where, "hello", "former")
    await end(former)
    const latter = await holder(where, "hello", "latter")
    expect(Registry.lookup(node, where, "hello")).toEqual([{ pid: latter, value: "latter" }])
  })

  test("who watched a process hears of its end when its key is free already, whoever watched first", async () => {
    const { promise, resolve } = deferred<unknown>()
    const pid = node.spawn(async (self) => {
      await self.receive()
      Registry.register(self, where, "hello")
      self.exit("done")
    })
    node.monitor(pid, () => resolve(Registry.lookup(node, where, "hello")))
    node.send(pid, "go")
    expect(await promise).toEqual([])
  })

  test("what is registered ends with its registry, what is registered no more lives on", async () => {
    const pid = await holder(where, "hello")
    const left = node.spawn(async (self) => {
      Registry.register(self, where, "hello once")
      Registry.register(self, where, "hello twice")
      Registry.unregister(self, where, "hello once")
      Registry.unregister(self, where, "hello twice")
      await self.receive()
    })
    await expect.poll(() => Registry.keys(node, where, left)).toEqual([])
    const down = ended(pid)
    node.exit(started.get(where.module)!, kill)
    expect(await down).toBe(killed)
    const leftDown = ended(left)
    node.send(left, "return")
    expect(await leftDown).toBe(normal)
  })

  test("an unknown registry is an error that names it", async () => {
    const unknown = registry<string>("test.unknown", { keys: "unique" })
    await expect(inProcess((self) => Registry.register(self, unknown, "hello"))).rejects.toThrow(
      new UnknownRegistry("test.unknown", node.name),
    )
    expect(() => Registry.lookup(node, unknown, "hello")).toThrow(UnknownRegistry)
    node.exit(started.get(where.module)!, kill)
    await expect.poll(() => node.whereis(name(where.module))).toBeUndefined()
    expect(() => Registry.count(node, where)).toThrow(UnknownRegistry)
  })

  test("a registry runs once on a node", async () => {
    await expect(node.start(where)).rejects.toThrow(/the name test\.\w+ is taken/)
  })

  test("only a process that lives registers itself", async () => {
    expect(() => Registry.register(node.root as never, where, "hello")).toThrow("nothing to register")
    const { self } = await inProcess((self) => ({ self }))
    await expect.poll(() => node.find(self.pid)).toBeUndefined()
    expect(() => Registry.register(self, where, "hello")).toThrow(ProcessEnded)
    expect(Registry.count(node, where)).toBe(0)
  })

  test("what is no term is refused by its path, and leaves no trace", async () => {
    await inProcess((self) => {
      expect(() => Registry.register(self, where, { f: () => {} })).toThrow(/^key\.f cannot be sent/)
      expect(() => Registry.register(self, where, "hello", [() => {}])).toThrow(/^value\[0\] cannot be sent/)
      expect(() => Registry.lookup(self, where, Symbol("x"))).toThrow(NotATerm)
    })
    expect(Registry.count(node, where)).toBe(0)
  })

  test("nobody changes what another sees: not who registered, not who reads", async () => {
    const key = { list: [1] }
    const value = { list: [1], bytes: new Uint8Array([255]) }
    const pid = await holder(where, key, value)
    key.list.push(2)
    value.list.push(2)
    value.bytes[0] = 0
    const [found] = Registry.lookup(node, where, { list: [1] }) as { value: typeof value }[]
    expect(found?.value).toEqual({ list: [1], bytes: new Uint8Array([255]) })
    found!.value.bytes[0] = 1
    expect(() => Registry.keys(node, where, pid).map((key) => (key as { list: number[] }).list.push(3))).toThrow(
      TypeError,
    )
    expect(Registry.entries(node, where)).toEqual([
      { key: { list: [1] }, pid, value: { list: [1], bytes: new Uint8Array([255]) } },
    ])
    Registry.dispatch(node, where, { list: [1] }, ([entry]) => {
      ;(entry!.value as typeof value).bytes[0] = 2
    })
    Registry.countOf(node, where, { list: [1] }, (value) => ((value as { bytes: Uint8Array }).bytes[0] = 3) > 0)
    expect((Registry.lookup(node, where, { list: [1] })[0]!.value as typeof value).bytes[0]).toBe(255)
  })

  test("listeners are told of what comes and what goes, also with its process", async () => {
    const events: RegistryEvent<unknown, unknown>[] = []
    const { promise: up, resolve: isUp } = deferred<void>()
    node.spawn(async (self) => {
      self.register(name("listener"))
      isUp()
      for (;;) {
        const message = await self.receive()
        if (Registry.isEvent(where, message)) events.push(message)
      }
    })
    await up
    const pid = await holder(where, "hello", "world")
    const own = await inProcess((self) => {
      Registry.register(self, where, "own", 1)
      Registry.unregister(self, where, "own")
      return self.pid
    })
    await end(pid)
    const common = { registry: where.module }
    await expect
      .poll(() => events)
      .toEqual([
        { ...common, kind: "registered", key: "hello", pid, value: "world" },
        { ...common, kind: "registered", key: "own", pid: own, value: 1 },
        { ...common, kind: "unregistered", key: "own", pid: own, value: 1 },
        { ...common, kind: "unregistered", key: "hello", pid, value: "world" },
      ])
  })

  test("metadata is kept with the registry", () => {
    expect(Registry.meta(node, where, "custom")).toBeUndefined()
    Registry.putMeta(node, where, "custom", { since: 1 })
    expect(Registry.meta(node, where, "custom")).toEqual({ since: 1 })
    Registry.deleteMeta(node, where, "custom")
    expect(Registry.meta(node, where, "custom")).toBeUndefined()
  })

  test("what a tool shows of a registry is its size", async () => {
    await holder(where, "hello")
    expect(node.find(started.get(where.module)!)!.describe().state).toEqual({ keys: where.keys, entries: 1 })
  })
})

describe("unique keys", () => {
  test("have one process, and say which", async () => {
    const pid = await holder(UNIQUE, "hello", "first")
    const error = await holder(UNIQUE, "hello", "second").catch((error: unknown) => error)
    expect(error).toBeInstanceOf(AlreadyRegistered)
    expect(error).toMatchObject({ registry: "test.unique", key: "hello", holder: pid })
    expect((error as Error).message).toBe(`test.unique: the key "hello" is taken by ${pid}`)
    expect(Registry.lookup(node, UNIQUE, "hello")).toEqual([{ pid, value: "first" }])
    expect(Registry.count(node, UNIQUE)).toBe(1)
  })
  test("are not even taken twice by one process", async () => {
    await inProcess((self) => {
      Registry.register(self, UNIQUE, "hello", 1)
      expect(() => Registry.register(self, UNIQUE, "hello", 2)).toThrow(AlreadyRegistered)
      expect(Registry.keys(self, UNIQUE, self.pid)).toEqual(["hello"])
      expect(Registry.values(self, UNIQUE, "hello", self.pid)).toEqual([1])
      Registry.register(self, UNIQUE, "world")
      expect(Registry.keys(self, UNIQUE, self.pid)).toEqual(["hello", "world"])
    })
  })
  test("a process changes its own value, and no other", async () => {
    const fail = (): never => {
      throw new Error("will never be called")
    }
    await holder(UNIQUE, "theirs", 1)
    await inProcess((self) => {
      expect(Registry.updateValue(self, UNIQUE, "hello", fail)).toBeUndefined()
      expect(Registry.updateValue(self, UNIQUE, "theirs", fail)).toBeUndefined()
      Registry.register(self, UNIQUE, "world", 1)
      expect(Registry.updateValue(self, UNIQUE, "world", (value) => (value as number) + 1)).toEqual({
        value: 2,
        before: 1,
      })
      expect(Registry.lookup(self, UNIQUE, "world")).toEqual([{ pid: self.pid, value: 2 }])
    })
  })
  test("match tells whether the value fits", async () => {
    const pid = await holder(UNIQUE, "hello", 1)
    expect(Registry.match(node, UNIQUE, "hello", (value) => value === 1)).toEqual([{ pid, value: 1 }])
    expect(Registry.match(node, UNIQUE, "hello", (value) => value === 2)).toEqual([])
    expect(Registry.countOf(node, UNIQUE, "hello", (value) => value === 1)).toBe(1)
  })
  test("an entry is taken out if its value fits", async () => {
    await inProcess((self) => {
      Registry.register(self, UNIQUE, "hello", 1)
      Registry.unregisterMatch(self, UNIQUE, "hello", (value) => value === 2)
      expect(Registry.count(self, UNIQUE)).toBe(1)
      Registry.unregisterMatch(self, UNIQUE, "hello", (value) => value === 1)
      expect(Registry.count(self, UNIQUE)).toBe(0)
    })
  })
})

describe("duplicate keys", () => {
  test("have any number of processes, and of entries of one process, oldest first", async () => {
    const other = await holder(DUPLICATE, "hello", 1)
    await inProcess((self) => {
      Registry.register(self, DUPLICATE, "hello", 2)
      Registry.register(self, DUPLICATE, "hello", 2)
      Registry.register(self, DUPLICATE, "world", 3)
      expect(Registry.keys(self, DUPLICATE, self.pid)).toEqual(["hello", "hello", "world"])
      expect(Registry.values(self, DUPLICATE, "hello", self.pid)).toEqual([2, 2])
      const mine = { pid: self.pid, value: 2 }
      expect(Registry.lookup(self, DUPLICATE, "hello")).toEqual([{ pid: other, value: 1 }, mine, mine])
      expect(Registry.count(self, DUPLICATE)).toBe(4)
      expect(Registry.countOf(self, DUPLICATE, "hello", (value) => value === 2)).toBe(2)
      Registry.unregister(self, DUPLICATE, "hello")
      expect(Registry.keys(self, DUPLICATE, self.pid)).toEqual(["world"])
      expect(Registry.lookup(self, DUPLICATE, "hello")).toEqual([{ pid: other, value: 1 }])
    })
  })
  test("match gives those whose value fits, and unregisterMatch takes only one's own of them out", async () => {
    const other = await holder(DUPLICATE, "hello", 1)
    await inProcess((self) => {
      for (const value of [1, 2, 3]) Registry.register(self, DUPLICATE, "hello", value)
      const odd = (value: unknown): boolean => (value as number) % 2 === 1
      expect(Registry.match(self, DUPLICATE, "hello", odd).map(({ value }) => value)).toEqual([1, 1, 3])
      Registry.unregisterMatch(self, DUPLICATE, "hello", odd)
      expect(Registry.lookup(self, DUPLICATE, "hello")).toEqual([
        { pid: other, value: 1 },
        { pid: self.pid, value: 2 },
      ])
    })
  })
  test("dispatch gives them all at once", async () => {
    await inProcess(async (self) => {
      Registry.register(self, DUPLICATE, "hello", "one")
      Registry.register(self, DUPLICATE, "hello", "two")
      Registry.register(self, DUPLICATE, "world", "three")
      Registry.dispatch(self, DUPLICATE, "hello", (entries) => {
        for (const { pid, value } of entries) self.send(pid, value)
      })
      expect([await self.receive(), await self.receive()]).toEqual(["one", "two"])
    })
  })
  test("have no one value to change", async () => {
    await inProcess((self) => {
      // @ts-expect-error a registry of duplicate keys
      expect(() => Registry.updateValue(self, DUPLICATE, "hello", (value) => value)).toThrow("which value is meant?")
    })
  })
})

describe("definitions", () => {
  test("refuse what they do not know, by name", () => {
    expect(() => registry("x", { keys: "unique", partitions: 8 } as never)).toThrow("x: a registry has no partitions")
    expect(() => registry("x", { keys: "both" } as never)).toThrow("x: keys are unique or duplicate, not both")
    expect(() => registry("x", {} as never)).toThrow("x: keys are unique or duplicate")
    expect(() => registry("x", { keys: "unique", listeners: [name("l").at("b@h")] })).toThrow(
      "listener is a plain name",
    )
  })
  test("carry metadata from the start, in every life", async () => {
    const where = registry<string>("test.meta", { keys: "unique", meta: { since: [1] } })
    const top = await node.start(supervisor("test.top", { children: [child(where)] }))
    expect(Registry.meta(node, where, "since")).toEqual([1])
    Registry.putMeta(node, where, "since", [2])
    const [one] = await node.call(top).children()
    await end(one!.pid as Pid)
    await expect.poll(() => node.whereis(name("test.meta"))).toBeDefined()
    expect(Registry.meta(node, where, "since")).toEqual([1])
  })
  test("put a registry under a supervisor, which starts it and what is registered in it again", async () => {
    const where = registry<string>("test.supervised", { keys: "unique" })
    const server = genServer("test.registers", {
      init: (key: string, self) => {
        Registry.register(self, where, key)
        return {}
      },
    })
    await node.start(
      supervisor("test.top", { strategy: "rest_for_one", children: [child(where), child(server, { arg: "hello" })] }),
    )
    const [before] = Registry.lookup(node, where, "hello")
    await end(node.whereis(name("test.supervised"))!)
    await expect.poll(() => node.whereis(name("test.supervised")) && Registry.countOf(node, where, "hello")).toBe(1)
    expect(Registry.lookup(node, where, "hello")[0]!.pid).not.toBe(before!.pid)
  })
})

describe.each(BOTH)("locks of a registry of $keys keys", (where) => {
  const gate = deferred<void>

  test("do not wait for those of other keys", async () => {
    const { promise, resolve } = gate()
    const one = inProcess((self) => Registry.lock(self, where, 1, () => promise))
    expect(await inProcess((self) => Registry.lock(self, where, 2, () => "done"))).toBe("done")
    resolve()
    await one
  })
  test("let one in at a time, in the order they asked", async () => {
    const { promise, resolve } = gate()
    const log: string[] = []
    const one = inProcess((self) =>
      Registry.lock(self, where, "key", async () => {
        log.push("one begins")
        await promise
        log.push("one ends")
        return 1
      }),
    )
    await expect.poll(() => log).toEqual(["one begins"])
    const two = inProcess((self) => Registry.lock(self, where, "key", () => log.push("two")))
    const three = inProcess((self) => Registry.lock(self, where, "key", () => log.push("three")))
    await inProcess(() => {})
    resolve()
    expect([await one, await two, await three]).toEqual([1, 3, 4])
    expect(log).toEqual(["one begins", "one ends", "two", "three"])
  })
  test("are given back by work that throws, which is the caller's", async () => {
    const fail = (): never => {
      throw new Error("oops")
    }
    await expect(inProcess((self) => Registry.lock(self, where, "key", fail))).rejects.toThrow("oops")
    expect(await inProcess((self) => Registry.lock(self, where, "key", () => "done"))).toBe("done")
  })
  test("are given back when the process that has one ends", async () => {
    const { promise: begun, resolve: begin } = gate()
    await inProcess(async (self) => {
      const work = (): Promise<never> => {
        begin()
        return never()
      }
      const one = Task.async(self, (its) => Registry.lock(its, where, "key", work))
      await begun
      const two = Task.async(self, (its) => Registry.lock(its, where, "key", () => "done"))
      await Task.shutdown(self, one, "brutal_kill")
      expect(await Task.await(self, two)).toBe("done")
    })
  })
  test("pass over one that ended while it waited, and leave no zombie of it", async () => {
    const { promise, resolve } = gate()
    await inProcess(async (self) => {
      const one = Task.async(self, (its) => Registry.lock(its, where, "key", () => promise))
      const two = Task.async(self, (its) => Registry.lock(its, where, "key", () => "never"))
      await inProcess(() => {})
      await Task.shutdown(self, two, "brutal_kill")
      await expect.poll(() => node.zombies.size).toBe(0)
      resolve()
      await Task.await(self, one)
      expect(await Registry.lock(self, where, "key", () => "done")).toBe("done")
    })
  })
  test("are not waited for by the process that has it, nor when the registry has ended", async () => {
    await inProcess(async (self) => {
      const again = Registry.lock(self, where, ["a"], () => Registry.lock(self, where, ["a"], () => "never"))
      await expect(again).rejects.toThrow('has asked for the lock ["a"] already')
      const held = Task.async(self, (its) => Registry.lock(its, where, "key", never))
      await inProcess(() => {})
      const waiting = Registry.lock(self, where, "key", () => "never")
      node.exit(started.get(where.module)!, kill)
      await expect(waiting).rejects.toThrow("ended while its lock was waited for")
      await Task.shutdown(self, held, "brutal_kill")
    })
  })
})

test("keys and values are typed by their registry", async () => {
  const rooms = registry<"lobby" | "hall", { topic: string }>("test.typed", { keys: "unique" })
  const bare = registry<number>("test.bare", { keys: "duplicate" })
  await node.start(rooms)
  await node.start(bare)
  await inProcess((self) => {
    Registry.register(self, rooms, "lobby", { topic: "cats" })
    const [found] = Registry.lookup(self, rooms, "lobby")
    expect(found?.value.topic satisfies string | undefined).toBe("cats")
    const [entry] = Registry.entries(self, rooms)
    expect(entry?.key satisfies "lobby" | "hall" | undefined).toBe("lobby")
    Registry.register(self, bare, 1)
    // @ts-expect-error no such key
    Registry.register(self, rooms, "kitchen", { topic: "food" })
    // @ts-expect-error no such key
    Registry.lookup(self, rooms, 1)
    // @ts-expect-error a value of another type
    Registry.register(self, rooms, "hall", "cats")
    Registry.unregister(self, rooms, "hall")
    // @ts-expect-error a value is missing
    Registry.register(self, rooms, "hall")
    // @ts-expect-error there are no values
    Registry.register(self, bare, 1, "value")
    // @ts-expect-error a value of another type
    Registry.updateValue(self, rooms, "lobby", () => "dogs")
    // @ts-expect-error a node registers nobody
    expect(() => Registry.register(node, rooms, "lobby", { topic: "x" })).toThrow(TypeError)
  })
})

test("what is handed over with local(…) is kept as it is", async () => {
  const socket = { write: () => {} }
  await holder(UNIQUE, "socket", local(socket))
  const [found] = Registry.lookup(node, UNIQUE, "socket")
  expect((found!.value as { value: unknown }).value).toBe(socket)
})

test("a registry that is shut down takes its processes along with that reason", async () => {
  const pid = await holder(UNIQUE, "hello")
  const down = ended(pid)
  node.exit(started.get("test.unique")!, shutdown)
  expect(await down).toBe(shutdown)
  const trapping = new Promise<unknown>((resolve) => {
    node.spawn(async (self) => {
      self.trapExit(true)
      Registry.register(self, DUPLICATE, "hello")
      resolve(await self.receive())
    })
  })
  await expect.poll(() => Registry.count(node, DUPLICATE)).toBe(1)
  const registryPid = started.get("test.duplicate")!
  node.exit(registryPid, kill)
  expect(await trapping).toEqual({ kind: "exit", pid: registryPid, reason: killed })
})
