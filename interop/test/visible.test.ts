/** A visible Umbel node among Erlang nodes: a member like any other, and no harm to them when it is killed, stopped or cut off. */
import { EpmdServer } from "umbel/nodejs"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { AskedBeam } from "../support/asked-beam.ts"
import { NodeNews } from "../support/node-news.ts"
import { freePort } from "../support/ports.ts"
import { signalled, stopped } from "../support/signals.ts"
import { UmbelProcess } from "../support/umbel-process.ts"

const COOKIE = "interop"
/** Seconds of silence until a node is given up; small, so that the tests end. */
const TICK_S = 4
/** A stopped node lets others connect, and then says nothing: each waits for its `net_setuptime`. */
const flags = ["-kernel", "net_ticktime", String(TICK_S), "net_setuptime", "1"]

const erlang = (name: string, epmdPort: number): Promise<AskedBeam> =>
  AskedBeam.start({ name, cookie: COOKIE, epmdPort, flags })
const umbel = (name: string, epmdPort: number): Promise<UmbelProcess> =>
  UmbelProcess.start(name, COOKIE, epmdPort, TICK_S * 1_000)
/** How long an answer may take at the most, on any machine: many times what is waited for. A wait without end is one that is longer. */
const PATIENCE_MS = 60_000
const nodesOf = (beam: AskedBeam): Promise<string> => beam.ask("lists:sort(nodes())")
const printed = (...nodes: readonly string[]): string => `[${nodes.map((node) => `'${node}'`).join(",")}]`
const sleeper = "spawn(fun() -> receive stop -> ok end end)"

/** Whose names it shares, itself included. */
async function partitionOf(node: AskedBeam | UmbelProcess): Promise<readonly string[]> {
  const known =
    node instanceof AskedBeam
      ? (await node.ask("gen_server:call(global_name_server, get_known)"))
          .match(/'[^']+'/g)
          ?.map((one) => one.slice(1, -1))
      : (await node.ask("known")).split(" ").filter((one) => one !== "")
  return [node.name, ...(known ?? [])].sort()
}
/** Whether all of them know each other, and nobody else. */
async function isWhole(all: readonly (AskedBeam | UmbelProcess)[]): Promise<boolean> {
  const everybody = all.map(({ name }) => name).sort()
  const seen = await Promise.all(all.map(partitionOf))
  return seen.every((one) => one.join() === everybody.join())
}
const whole = (...all: readonly (AskedBeam | UmbelProcess)[]): Promise<void> =>
  expect.poll(() => isWhole(all), { timeout: 20_000, interval: 100 }).toBe(true)

/** Who has told that the node is gone. */
async function gone(news: NodeNews, name: string): Promise<readonly string[]> {
  const told = (await news.all()).filter((text) => text.includes(` down ${name} `))
  return told.map((text) => text.split(" ")[0]!).sort()
}
/** What was told but that the node is gone, and that by each once: anything here is a second thing that was waited for. */
async function unlike(news: NodeNews, name: string): Promise<readonly string[]> {
  const all = await news.all()
  const teller = (text: string): string => text.split(" ")[0]!
  const first = (text: string, i: number): boolean => all.findIndex((one) => teller(one) === teller(text)) === i
  return all.filter((text, i) => !(text.includes(` down ${name} `) && first(text, i)))
}

/** Two Erlang nodes and an Umbel node that all know each other. The EPMD is the test's own: it outlives each of them. */
async function cluster(prefix: string) {
  const epmdPort = await freePort()
  const epmd = await EpmdServer.listen(epmdPort, "127.0.0.1")
  const [one, two, ours] = ["one", "two", "umbel"].map((word) => `${prefix}${word}@127.0.0.1`) as [
    string,
    string,
    string,
  ]
  const b1 = await erlang(one, epmdPort)
  const b2 = await erlang(two, epmdPort)
  const u = await umbel(ours, epmdPort)
  await b1.ask(`net_adm:ping('${two}')`)
  await u.ask(`connect ${one}`)
  await whole(b1, b2, u)
  // To know a node comes a moment before being connected with it.
  await expect.poll(() => u.ask("nodes")).toBe(`${one} ${two}`)
  const end = async (): Promise<void> => {
    for (const node of [u, b2, b1]) await node[Symbol.asyncDispose]()
    await epmd?.close()
  }
  return { b1, b2, u, epmdPort, [Symbol.asyncDispose]: end }
}

describe.skipIf(!peers.erlang)("a visible node", { timeout: 180_000 }, () => {
  test("is met by all when it meets one, is in nodes() of all, and answers what is asked of all", async () => {
    await using all = await cluster("v1")
    const { b1, b2, u } = all
    expect(await u.ask("nodes")).toBe(`${b1.name} ${b2.name}`)
    const three = `[${[b1, b2, u].map(({ name }) => `'${name}'`).join(",")}]`
    expect(await b1.ask(`rpc:multicall(${three}, erlang, node, [])`)).toBe(`{${three},[]}`)
    const versions = [b1, b2, u].map(({ name }) => `{'${name}',8}`).join(",")
    expect(await b1.ask(`gen_server:multi_call(${three}, global_name_server, get_protocol_version)`)).toBe(
      `{[${versions}],[]}`,
    )
    expect(await b1.ask(`element(2, gen_server:multi_call([node()|nodes()], nobody, hello)) -- ${three}`)).toBe("[]")
    expect(await b1.ask("global:trans({res, self()}, fun() -> done end)")).toBe("done")
    expect(await b2.ask(`lists:sort(erpc:call('${u.name}', erlang, nodes, []))`)).toBe(printed(b1.name, b2.name))
  })

  test("that is killed holds nobody up, and its names are gone at once", async () => {
    await using all = await cluster("v2")
    const { b1, b2, u } = all
    expect(await u.ask("register ours")).toBe("true")
    expect(await b2.ask("node(global:whereis_name(ours))")).toBe(`'${u.name}'`)
    const news = await NodeNews.of(b1, b2)
    await signalled(u, "SIGKILL")
    expect(await b1.ask(`global:register_name(theirs, ${sleeper})`, PATIENCE_MS)).toBe("yes")
    expect(await b2.ask("global:sync()", PATIENCE_MS)).toBe("ok")
    // Each lost it once, by its closed socket (or as the other told it so) and not by its silence, and nobody else.
    await expect.poll(() => gone(news, u.name)).toEqual([b1.name, b2.name])
    expect((await news.all()).filter((text) => text.includes("net_tick_timeout"))).toEqual([])
    await expect.poll(() => b2.ask("global:whereis_name(ours)")).toBe("undefined")
    expect([await nodesOf(b1), await nodesOf(b2)]).toEqual([printed(b2.name), printed(b1.name)])
  })

  // What is asked of all nodes waits for each: for a stopped one until it is given up, for a killed one not at all.
  const REQUESTS = {
    multicall: "element(2, rpc:multicall([node()|nodes()], erlang, node, []))",
    multi_call: "element(2, gen_server:multi_call([node()|nodes()], global_name_server, get_protocol_version))",
    trans: "global:trans({resource, self()}, fun() -> done end)",
    register_name: `global:register_name(late, ${sleeper})`,
    sync: "global:sync()",
  }
  type Asked = keyof typeof REQUESTS
  /** Four nodes; either kind of node is the greatest of them, whose lock all ask for first, and goes. The others say who comes and goes. */
  async function scene(prefix: string, kind: "umbel" | "erlang") {
    const all = await cluster(prefix)
    const { b1, b2, u, epmdPort } = all
    const third = await erlang(`${prefix}${kind === "umbel" ? "three" : "west"}@127.0.0.1`, epmdPort)
    await third.ask(`net_adm:ping('${b1.name}')`)
    await whole(b1, b2, u, third)
    // To know a node comes a moment before being connected with it.
    await expect.poll(async () => (await u.ask("nodes")).split(" ").length).toBe(3)
    for (const one of [b1, b2, third]) await expect.poll(() => one.ask("length(nodes())")).toBe("3")
    const news = await NodeNews.of(b1, ...(kind === "umbel" ? [b2, third] : [b2]))
    const end = async (): Promise<void> => {
      await third[Symbol.asyncDispose]()
      await all[Symbol.asyncDispose]()
    }
    return { ...all, third, goes: kind === "umbel" ? u : third, news, [Symbol.asyncDispose]: end }
  }

  // An Erlang node in that state is the measure: what is true with it gone must be true with ours gone, word for word.
  describe.each(["umbel", "erlang"] as const)(
    "holds the others up as an Erlang node does, here of kind %s,",
    (kind) => {
      test("that is stopped: until they give it up, and then for nothing else; they keep each other", async () => {
        await using all = await scene(kind === "umbel" ? "v3" : "v4", kind)
        const { b1, b2, u, third, goes, news } = all
        {
          using _ = await stopped(goes)
          expect(await b1.ask(REQUESTS.register_name, PATIENCE_MS)).toBe("yes")
          expect(await b2.ask(REQUESTS.sync, PATIENCE_MS)).toBe("ok")
          await whole(b1, b2, kind === "umbel" ? third : u)
          expect(await unlike(news, goes.name)).toEqual([])
          const staying = kind === "umbel" ? [b1.name, third.name, b2.name] : [b1.name, b2.name]
          await expect.poll(() => gone(news, goes.name)).toEqual(staying)
        }
        // An Erlang node that runs on can make the others part (it blames them for what it lost), ours does not.
        if (kind === "erlang") return
        const again = async (): Promise<boolean> => {
          await whole(b1, b2, third)
          for (const one of [b1, b2, third]) await one.ask(`net_adm:ping('${u.name}')`)
          return isWhole([b1, b2, u, third])
        }
        await expect.poll(again, { timeout: 40_000, interval: 500 }).toBe(true)
        expect(await b2.ask("node(global:whereis_name(late))")).toBe(`'${b1.name}'`)
      })

      test.each(["SIGSTOP", "SIGKILL"] as const)("after %s, for rpc, gen_server and global", async (signal) => {
        await using all = await scene(`${signal === "SIGSTOP" ? "w" : "x"}${kind === "umbel" ? 1 : 2}`, kind)
        const { b1, goes, news } = all
        await signalled(goes, signal)
        const asked = (Object.keys(REQUESTS) as Asked[]).map(async (what) => {
          // An answer, and whether the one that went was still connected by then.
          const both = await b1.ask(`{${REQUESTS[what]}, lists:member('${goes.name}', nodes())}`, PATIENCE_MS)
          return [what, both] as const
        })
        const { sync, ...answers } = Object.fromEntries(await Promise.all(asked)) as Record<Asked, string>
        expect(sync).toMatch(/^\{ok,/)
        expect(answers).toMatchObject({ trans: "{done,false}", register_name: "{yes,false}" })
        // It never answered: a killed one may have been gone before it was asked.
        const silent = [`{${printed(goes.name)},false}`, ...(signal === "SIGKILL" ? ["{[],false}"] : [])]
        for (const what of ["multicall", "multi_call"] as const) expect(silent, what).toContain(answers[what])
        expect(await unlike(news, goes.name)).toEqual([])
        const silence = (await news.all()).filter((text) => text.endsWith(" net_tick_timeout"))
        if (signal === "SIGKILL") expect(silence).toEqual([])
        else expect(silence.length).toBeGreaterThan(0)
      })
    },
  )

  test("obeys lost_connection as an Erlang node does: it does not stay with two that have lost each other", async () => {
    await using all = await cluster("v5")
    const { b1, b2, u } = all
    expect(await b1.ask(`erlang:disconnect_node('${b2.name}')`)).toBe("true")
    await u.line((line) => /lets .* go, so that no partitions overlap/.test(line))
    // How long they stay apart is not ours to say: the others may meet again at any moment.
    const again = async (): Promise<boolean> => {
      for (const one of [b1, b2]) await one.ask(`net_adm:ping('${u.name}')`)
      return isWhole([b1, b2, u])
    }
    await expect.poll(again, { timeout: 20_000, interval: 500 }).toBe(true)
    expect(await b1.ask("global:sync()")).toBe("ok")
  })
})
