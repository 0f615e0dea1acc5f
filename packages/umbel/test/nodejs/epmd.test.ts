/** Our EPMD: against our own client, against Erlang's `epmd -names` and a real node, and taken over when its node stops. */
import { execFile, spawnSync } from "node:child_process"
import { createConnection } from "node:net"
import { promisify } from "node:util"
import { afterEach, describe, expect, test } from "vitest"
import { freePort } from "../../../../interop/support/ports.ts"
import { lookUp, register } from "../../src/nodejs/epmd-client.ts"
import { boot, EpmdError, EpmdServer, epmdPort, registeredNodes } from "../../src/nodejs/index.ts"
import type { Node, Report } from "../../src/runtime/index.ts"
import { type EpmdReply, EpmdReplyReader, encodeEpmdRequest } from "../../src/wire/index.ts"

const run = promisify(execFile)
const has = (program: string, ...args: string[]): boolean => spawnSync(program, args).error === undefined
const withErlang = has("epmd", "-names") && has("erl", "-noshell", "-eval", "halt().")
const host = "127.0.0.1"

const closing: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
const served = async () => {
  const epmd = { host, port: await freePort() }
  const server = await EpmdServer.listen(epmd.port, host)
  expect(server).toBeDefined()
  closing.push(() => server!.close())
  return epmd
}
const until = async (condition: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
}
const node = async (name: string, port: number, report: (report: Report) => void = () => {}): Promise<Node> => {
  const booted = await boot({ name: `${name}@${host}`, cookie: "epmd", epmdPort: port, report })
  closing.push(() => booted.stop())
  return booted
}

describe("our EPMD and our client", () => {
  test("a name is found as long as its connection is open", async () => {
    const epmd = await served()
    expect(await lookUp(epmd, "shop")).toBeUndefined()
    const socket = await register(epmd, "shop", 1234, true)
    expect(await lookUp(epmd, "shop")).toBe(1234)
    expect(await registeredNodes(epmd)).toEqual([{ name: "shop", port: 1234 }])
    socket.destroy()
    await until(async () => (await lookUp(epmd, "shop")) === undefined)
  })
  test.each([true, false])("a node says whether it is hidden: %s", async (hidden) => {
    const epmd = await served()
    const booted = await boot({ name: `shown@${host}`, cookie: "epmd", epmdPort: epmd.port, hidden, report: () => {} })
    closing.push(() => booted.stop())
    const reader = new EpmdReplyReader("port")
    const reply = await new Promise<EpmdReply | undefined>((resolve) => {
      const socket = createConnection(epmd)
      socket.write(encodeEpmdRequest({ request: "port", name: "shown" }))
      socket.on("data", (bytes) => resolve(reader.receive(bytes)))
    })
    expect(reply).toMatchObject({ reply: "port", found: { hidden } })
  })
  test("a name that is taken is refused, in words", async () => {
    const epmd = await served()
    closing.push(
      (
        (socket) => () =>
          socket.destroy()
      )(await register(epmd, "shop", 1, false)),
    )
    await expect(register(epmd, "shop", 2, false)).rejects.toThrow(/the name shop is taken by another running node/)
    expect(await lookUp(epmd, "shop")).toBe(1)
  })
  test("whoever speaks something else gets a closed connection, and the others notice nothing", async () => {
    const epmd = await served()
    const socket = createConnection(epmd)
    socket.on("error", () => {})
    const closed = new Promise((resolve) => socket.once("close", resolve))
    socket.write("GET / HTTP/1.1\r\n\r\n")
    socket.resume()
    await closed
    expect(await registeredNodes(epmd)).toEqual([])
  })
  test("an EPMD that is not there is an EpmdError that says where it was looked for", async () => {
    const port = await freePort()
    const error = await lookUp({ host, port }, "shop").catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(EpmdError)
    expect(String(error)).toContain(`EPMD at ${host}:${port}`)
  })
  test("a second one on the port gives way to the first", async () => {
    const { port } = await served()
    expect(await EpmdServer.listen(port, host)).toBeUndefined()
  })
  test("ERL_EPMD_PORT is heeded, and refused when it is no port", () => {
    expect([epmdPort({}), epmdPort({ ERL_EPMD_PORT: "" }), epmdPort({ ERL_EPMD_PORT: "5000" })]).toEqual([
      4369, 4369, 5000,
    ])
    expect(() => epmdPort({ ERL_EPMD_PORT: "70000" })).toThrow('ERL_EPMD_PORT is a port from 1 to 65535, not "70000"')
  })
})

describe.skipIf(!withErlang && process.env["CI"] !== "true")("our EPMD and Erlang", () => {
  test("epmd -names shows our nodes", async () => {
    const port = await freePort()
    await node("shown", port)
    const { stdout } = await run("epmd", ["-port", String(port), "-names"])
    expect(stdout).toMatch(/^name shown at port \d+$/m)
  })
  test("an Erlang node registers with it, is found by us, and finds us", async () => {
    const port = await freePort()
    const ours = await node("ours", port)
    const eval_ = `io:format("~p~n", [net_adm:ping('${ours.name}')]), io:format("~p~n", [net_adm:names({127,0,0,1})]), halt().`
    const args = ["-noshell", "-start_epmd", "false", "-name", `erl1@${host}`, "-setcookie", "epmd", "-eval", eval_]
    const { stdout } = await run("erl", args, { env: { ...process.env, ERL_EPMD_PORT: String(port) } })
    expect(stdout).toMatch(/^pong$/m)
    expect(stdout).toMatch(/"ours",\d+/)
    expect(stdout).toMatch(/"erl1",\d+/)
    await until(async () => (await lookUp({ host, port }, "erl1")) === undefined)
  })
})

describe("an embedded EPMD", () => {
  test("is brought by the first node, and by another when that one stops; both find one another before and after", async () => {
    const port = await freePort()
    const notes: string[] = []
    const report = (told: Report): void => void (told.kind === "note" && notes.push(told.text))
    const first = await node("first", port)
    const second = await node("second", port, report)
    const third = await node("third", port)
    expect((await registeredNodes({ host, port })).map(({ name }) => name).sort()).toEqual(["first", "second", "third"])
    expect(await second.connect(third.name)).toBe(true)
    second.disconnect(third.name)
    await first.stop()
    const names = async (): Promise<string[]> =>
      (await registeredNodes({ host, port }).catch(() => [])).map(({ name }) => name).sort()
    await until(async () => (await names()).join() === "second,third")
    await until(() => notes.some((text) => text.includes("registered with EPMD again")))
    expect(await second.connect(third.name)).toBe(true)
    await node("first", port)
    expect(await names()).toEqual(["first", "second", "third"])
  })
})

describe("boot", () => {
  test("refuses options that are none, by name", async () => {
    await expect(boot({ name: `x@${host}`, cokie: "x" } as never)).rejects.toThrow(
      "boot has no option cokie; it has name, cookie",
    )
  })
  for (const name of ["nameless", "@host", "a b@host", ""]) {
    test(`refuses ${JSON.stringify(name)} as a name`, async () => {
      await expect(boot({ name })).rejects.toThrow(RangeError)
    })
  }
  test("of a name that is taken fails, and leaves nothing that keeps the process", async () => {
    const port = await freePort()
    await node("twice", port)
    await expect(boot({ name: `twice@${host}`, cookie: "epmd", epmdPort: port, report: () => {} })).rejects.toThrow(
      /the name twice is taken/,
    )
    expect(await registeredNodes({ host, port })).toHaveLength(1)
  })
  test("on a port that is taken says which", async () => {
    const port = await freePort()
    const epmd = await served()
    const options = { name: `bound@${host}`, cookie: "epmd", epmdPort: port, port: epmd.port, report: () => {} }
    await expect(boot(options)).rejects.toThrow(`cannot listen on ${host}:${epmd.port}`)
  })
  test("without a cookie a node is alone: it registers nowhere, and everybody else is unreachable", async () => {
    const alone = await boot({ name: `alone@${host}`, epmdPort: await freePort(), report: () => {} })
    closing.push(() => alone.stop())
    expect(await alone.connect(`x@${host}`)).toBe(false)
  })
})
