/** A visible Umbel node among Erlang nodes: a member like any other, and no harm to them when it is killed, stopped or cut off. */
import { EpmdServer } from "umbel/nodejs"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { AskedBeam, stopped } from "../support/asked-beam.ts"
import { freePort } from "../support/ports.ts"
import { UmbelProcess } from "../support/umbel-process.ts"

const COOKIE = "interop"
/** Seconds of silence until a node is given up; small, so that the tests end. */
const TICK_S = 4
/** Where nobody may wait for silence: who does is not answered while the test lasts. */
const LONG_TICK_S = 120
/** How long the silence may last until it is noticed, as it is looked at every quarter of the time; and what a busy machine may add. In milliseconds. */
const GIVEN_UP_MS = TICK_S * 1_250 + 15_000

const erlang = (name: string, epmdPort: number, tickS = TICK_S): Promise<AskedBeam> => {
  // A stopped node lets others connect, and then says nothing: each waits for its `net_setuptime`.
  const flags = ["-kernel", "net_ticktime", String(tickS), "net_setuptime", "1"]
  return AskedBeam.start({ name, cookie: COOKIE, epmdPort, flags })
}
const umbel = (name: string, epmdPort: number, tickS = TICK_S): Promise<UmbelProcess> =>
  UmbelProcess.start(name, COOKIE, epmdPort, tickS * 1_000)
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

/** Two Erlang nodes and an Umbel node that all know each other. The EPMD is the test's own: it outlives each of them. */
async function cluster(prefix: string, tickS = TICK_S) {
  const epmdPort = await freePort()
  const epmd = await EpmdServer.listen(epmdPort, "127.0.0.1")
  const [one, two, ours] = ["one", "two", "umbel"].map((word) => `${prefix}${word}@127.0.0.1`) as [
    string,
    string,
    string,
  ]
  const b1 = await erlang(one, epmdPort, tickS)
  const b2 = await erlang(two, epmdPort, tickS)
  const u = await umbel(ours, epmdPort, tickS)
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
    await using all = await cluster("v2", LONG_TICK_S)
    const { b1, b2, u } = all
    expect(await u.ask("register ours")).toBe("true")
    expect(await b2.ask("node(global:whereis_name(ours))")).toBe(`'${u.name}'`)
    u.signal("SIGKILL")
    expect(await b1.ask(`global:register_name(theirs, ${sleeper})`)).toBe("yes")
    await expect.poll(() => b2.ask("global:whereis_name(ours)")).toBe("undefined")
    expect(await b2.ask("global:sync()")).toBe("ok")
    expect([await nodesOf(b1), await nodesOf(b2)]).toEqual([printed(b2.name), printed(b1.name)])
  })

  test("that is stopped holds the others up no longer than a stopped Erlang node, and they keep each other", async () => {
    const waits = async (prefix: string, stop: "umbel" | "erlang"): Promise<number> => {
      await using all = await cluster(prefix)
      const { b1, b2, u, epmdPort } = all
      // Either time the greatest node is stopped, whose lock all ask for first.
      const name = stop === "umbel" ? "three" : "west"
      await using third = await erlang(`${prefix}${name}@127.0.0.1`, epmdPort)
      await third.ask(`net_adm:ping('${b1.name}')`)
      await whole(b1, b2, u, third)
      await expect.poll(async () => (await u.ask("nodes")).split(" ").length).toBe(3)
      const [stays, goes] = stop === "umbel" ? [third, u] : [u, third]
      let times = 0
      {
        using _ = stopped(goes)
        const { term, ms, givenUp } = await b1.until(`global:register_name(late, ${sleeper})`, goes.name)
        expect(term).toBe("yes")
        expect(ms).toBeLessThan(GIVEN_UP_MS)
        times = givenUp
        expect(await b2.ask("global:sync()")).toBe("ok")
        await whole(b1, b2, stays)
      }
      // An Erlang node that runs on can make the others part (it blames them for what it lost), ours does not.
      if (stop === "erlang") return times
      const again = async (): Promise<boolean> => {
        await whole(b1, b2, third)
        for (const one of [b1, b2, third]) await one.ask(`net_adm:ping('${u.name}')`)
        return isWhole([b1, b2, u, third])
      }
      await expect.poll(again, { timeout: 40_000, interval: 500 }).toBe(true)
      expect(await b2.ask("node(global:whereis_name(late))")).toBe(`'${b1.name}'`)
      return times
    }
    const [ours, theirs] = [await waits("v3", "umbel"), await waits("v4", "erlang")]
    // They wait for it until it is given up, once; the answer may be there a moment before the word of that.
    expect(ours).toBeLessThanOrEqual(Math.max(1, theirs))
  })

  // What is asked of all nodes waits for each: for a stopped one until it is given up, for a killed one not at all.
  const REQUESTS = {
    multicall: "element(1, rpc:multicall([node()|nodes()], erlang, node, []))",
    multi_call: "element(1, gen_server:multi_call([node()|nodes()], global_name_server, get_protocol_version))",
    trans: "global:trans({resource, self()}, fun() -> done end)",
    register_name: `global:register_name(late, ${sleeper})`,
    sync: "global:sync()",
  }
  type Asked = keyof typeof REQUESTS
  test.each(["SIGSTOP", "SIGKILL"] as const)(
    "is waited for no longer than an Erlang node after %s, by rpc, gen_server and global",
    async (signal) => {
      const tickS = signal === "SIGSTOP" ? TICK_S : LONG_TICK_S
      const waits = async (prefix: string, goes: "umbel" | "erlang"): Promise<Record<Asked, number>> => {
        await using all = await cluster(prefix, tickS)
        const { b1, b2, u, epmdPort } = all
        // Either time it is the greatest node that goes, whose lock all ask for first.
        const name = `${prefix}${goes === "umbel" ? "three" : "west"}@127.0.0.1`
        await using third = await erlang(name, epmdPort, tickS)
        await third.ask(`net_adm:ping('${b1.name}')`)
        await whole(b1, b2, u, third)
        await expect.poll(async () => (await u.ask("nodes")).split(" ").length).toBe(3)
        const gone = goes === "umbel" ? u : third
        process.kill(gone.pid!, signal)
        const asked = (Object.keys(REQUESTS) as Asked[]).map(
          async (what) => [what, await b1.until(REQUESTS[what], gone.name)] as const,
        )
        const answers = Object.fromEntries(await Promise.all(asked))
        expect(answers.trans!.term).toBe("done")
        expect(answers.register_name!.term).toBe("yes")
        expect(answers.sync!.term).toBe("ok")
        for (const what of ["multicall", "multi_call"] as const) expect(answers[what]!.term).toContain(b2.name)
        // With the long tick time, answers within the short one have waited for no silence.
        for (const { ms } of Object.values(answers)) expect(ms).toBeLessThan(GIVEN_UP_MS)
        return Object.fromEntries(Object.entries(answers).map(([what, one]) => [what, one.givenUp])) as Record<
          Asked,
          number
        >
      }
      const prefix = signal === "SIGSTOP" ? "w" : "x"
      const [ours, theirs] = [await waits(`${prefix}1`, "umbel"), await waits(`${prefix}2`, "erlang")]
      for (const what of Object.keys(REQUESTS) as Asked[]) {
        // An answer may be there a moment before the word that the node is gone.
        expect(ours[what], `${what}: ${JSON.stringify({ ours, theirs })}`).toBeLessThanOrEqual(
          Math.max(1, theirs[what]),
        )
      }
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
