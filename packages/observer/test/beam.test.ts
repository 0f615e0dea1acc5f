/** BEAM nodes in the same views: read by rpc from real Erlang and Elixir nodes, over HTTP as a program would. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { peers } from "../../../interop/peers.ts"
import type { SystemData } from "../src/facts.ts"
import type { Snapshot } from "../src/index.ts"
import type { ClusterData } from "../src/views/cluster.ts"
import type { FindData } from "../src/views/find.ts"
import type { InsideData } from "../src/views/inside.ts"
import type { LinksData } from "../src/views/links.ts"
import type { PortsData } from "../src/views/ports.ts"
import type { ProcessData } from "../src/views/process.ts"
import type { ProcessesData } from "../src/views/processes.ts"
import type { TableContent, TablesData } from "../src/views/tables.ts"
import type { TreeView } from "../src/views/tree.ts"
import { ELIXIR, ERLANG, FRONT, type TestCluster, testCluster } from "./support/cluster.ts"
import { TestPage } from "./support/page.ts"

describe.skipIf(peers.erlang === undefined || peers.elixir === undefined)("a BEAM node", { timeout: 60_000 }, () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await testCluster({ beam: true })
  }, 60_000)
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  async function read<T>(view: string, params: Record<string, string>): Promise<T> {
    const answer = await fetch(new URL(`/api/${view}?${new URLSearchParams(params)}`, cluster.address))
    const snapshot = (await answer.json()) as Snapshot<T>
    expect(snapshot).toMatchObject({ status: "here" })
    expect(answer.status).toBe(200)
    return snapshot.data!
  }
  const oven = async (): Promise<ProcessesData["rows"][number]> =>
    (await read<ProcessesData>("processes", { node: ELIXIR, filter: "Bakery.Oven" })).rows[0]!

  test("is known for what it is, with its applications", async () => {
    await expect
      .poll(async () => (await read<ClusterData>("cluster", {})).nodes.filter(({ vitals }) => vitals !== null).length)
      .toBe(4)
    const { nodes } = await read<ClusterData>("cluster", {})
    const elixir = nodes.find(({ name }) => name === ELIXIR)
    expect(elixir).toMatchObject({ kind: "beam", status: "up" })
    expect(elixir?.vitals?.release).toMatch(/^Elixir 1\.\d+.*, Erlang\/OTP \d+$/)
    expect(elixir?.vitals?.applications).toContainEqual(
      expect.objectContaining({ name: "bakery", description: "Bakes bread.", version: "1.2.0" }),
    )
    expect(nodes.find(({ name }) => name === ERLANG)?.vitals?.release).toMatch(/^Erlang\/OTP \d+$/)
  })

  test("shows its numbers and limits", async () => {
    const { groups, kind } = await read<SystemData>("system", { node: ERLANG })
    expect(kind).toBe("beam")
    const facts = groups.flatMap((group) => group.facts)
    expect(facts.find(({ key }) => key === "processes")).toMatchObject({ value: expect.any(Number), limit: 262_144 })
    expect(facts.find(({ key, unit }) => key === "total" && unit === "bytes")?.value).toBeGreaterThan(1_000_000)
    expect(facts.find(({ key }) => key === "runtime_tools")?.value).toMatch(/there/)
    expect(facts.find(({ key }) => key === "wordsize")).toMatchObject({ value: 8, unit: "bytes" })
    for (const key of ["dirty_cpu", "dirty_io", "async_threads"])
      expect(facts.find((one) => one.key === key)?.value).toBeGreaterThan(0)
  })

  test("shows its memory allocators: blocks in use, of the carriers that hold them", async () => {
    const { groups } = await read<SystemData>("system", { node: ERLANG })
    const { facts } = groups.find(({ key }) => key === "allocators")!
    expect(facts.map(({ key }) => key)).toEqual(expect.arrayContaining(["eheap_alloc", "binary_alloc", "ets_alloc"]))
    for (const { value, limit } of facts) expect(value).toBeLessThanOrEqual(limit!)
    const total = facts.reduce((sum, { limit }) => sum + limit!, 0)
    expect(total).toBeGreaterThan(5_000_000)
  })

  test("shows the utilisation of each of its schedulers, to who watches", async () => {
    using page = await TestPage.open(cluster.address)
    const { charts } = await page.data<SystemData>(page.watch("system", { node: ERLANG }), (data) =>
      data.charts.some(({ key }) => key === "schedulers"),
    )
    const { lines, max } = charts.find(({ key }) => key === "schedulers")!
    expect(max).toBe(1)
    expect(lines[0]).toMatchObject({ key: "normal1", label: "1" })
    expect(lines.some(({ label }) => label.startsWith("dirty"))).toBe(true)
    for (const { value } of lines) expect(value >= 0 && value <= 1).toBe(true)
  })

  test("shows its tables with size and owner, and the first rows of one when asked, secrets covered", async () => {
    const { tables, kind } = await read<TablesData>("tables", { node: ERLANG })
    expect(kind).toBe("beam")
    const prices = tables.find(({ name }) => name === "prices")!
    expect(prices).toMatchObject({ size: 120, kind: "ordered_set, public", named: true, readable: true })
    expect(prices.bytes).toBeGreaterThan(120 * 8)
    expect(prices.owner?.title).toMatch(/^#PID<|^<|PID/)
    const { rows, more } = await read<TableContent>("table", { node: ERLANG, table: prices.key })
    expect(rows).toHaveLength(50)
    expect(more).toBe(70)
    expect(rows[0]!.text).toMatch(/^\{1, %\{.*bread: :rye.*\[redacted\]/)
    expect(JSON.stringify(rows)).not.toContain("hunter2")
    const answer = await fetch(
      new URL(`/api/table?node=${ERLANG}&table=${tables.find(({ name }) => name === "safe")!.key}`, cluster.address),
    )
    expect([answer.status, ((await answer.json()) as Snapshot).text]).toEqual([
      501,
      "The table is private: only its owner can read it.",
    ])
    // A table without a name is named by its reference.
    const unnamed = tables.find(({ named, readable, size }) => !named && readable && size > 0)!
    expect((await read<TableContent>("table", { node: ERLANG, table: unnamed.key })).rows.length).toBeGreaterThan(0)
  })

  test("shows its ports with their traffic, and its sockets", async () => {
    const { ports, sockets } = await read<PortsData>("ports", { node: ERLANG })
    const tcp = ports.filter(({ name }) => name === "tcp_inet")
    expect(tcp.some(({ input, output }) => input > 0 && output > 0)).toBe(true)
    expect(tcp[0]!.owner).not.toBeNull()
    expect(sockets).toMatchObject([{ kind: "inet stream tcp", owner: { process: expect.any(String) } }])
    expect(sockets![0]!.id).toMatch(/^#Reference</)
    const answer = await fetch(new URL(`/api/ports?node=${FRONT}`, cluster.address))
    expect(answer.status).toBe(501)
  })

  test("shows the trees of its applications, without a message to any of its supervisors", async () => {
    const tree = await read<TreeView>("tree", { node: ELIXIR, application: "bakery" })
    expect(tree).toMatchObject({ title: "Bakery.Supervisor", kind: "supervisor" })
    expect(tree.children.map(({ title }) => title).sort()).toEqual(["Bakery.Oven", "Bakery.Shelf"])
    const kernel = await read<TreeView>("tree", { node: ERLANG, application: "kernel" })
    const titles = JSON.stringify(kernel)
    for (const name of ["kernel_sup", "net_kernel", "logger_sup", "code_server"]) expect(titles).toContain(name)
    const answer = await fetch(new URL(`/api/tree?node=${ERLANG}&application=nothing`, cluster.address))
    expect(answer.status).toBe(404)
  })

  test("shows its processes: sorted, filtered, a window of them", async () => {
    const { rows, total } = await read<ProcessesData>("processes", { node: ERLANG, sort: "memory", count: "5" })
    expect(rows).toHaveLength(5)
    expect(total).toBeGreaterThan(40)
    const sizes = rows.map(({ memory }) => memory ?? 0)
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
    const { found } = await read<FindData>("find", { text: "bakery.o" })
    expect(found).toMatchObject([{ node: ELIXIR, title: "Bakery.Oven" }])
  })

  test("shows a process, its messages, and its state only when that is asked for", async () => {
    const { pid } = await oven()
    const process = await read<ProcessData>("process", { node: ELIXIR, pid })
    expect(process).toMatchObject({ of: "beam", registeredName: "Bakery.Oven", module: "Bakery.Oven" })
    expect(process.stack[0]).toMatch(/^gen_server:loop/)
    expect(process.links.map(({ title }) => title)).toHaveLength(1)
    const without = await read<InsideData>("inside", { node: ELIXIR, pid })
    expect(without.state).toBeNull()
    const { state } = await read<InsideData>("inside", { node: ELIXIR, pid, state: "true" })
    expect(state).toContain("loaves: 3")
    expect(state).not.toContain("hunter2")
    const [counter] = (await read<ProcessesData>("processes", { node: ERLANG, filter: "counter" })).rows
    const plain = await read<InsideData>("inside", { node: ERLANG, pid: counter!.pid, state: "true" })
    expect(plain).toMatchObject({ state: null, stateNote: expect.stringContaining("no OTP process") })
  })

  test("tells of its connections", async () => {
    const { links } = await read<LinksData>("links", {})
    expect(links.map(({ key }) => key)).toEqual(
      expect.arrayContaining([`${FRONT} → ${ERLANG}`, `${ERLANG} → ${FRONT}`, `${ELIXIR} → ${FRONT}`]),
    )
  })

  test("is part of the metrics", async () => {
    const text = await (await fetch(new URL("/metrics", cluster.address))).text()
    expect(text).toContain(`umbel_up{node="${ERLANG}",kind="beam"} 1`)
    expect(text).toMatch(new RegExp(`umbel_memory_bytes\\{node="${ELIXIR}",kind="ets"\\} \\d+`))
    expect(text).toMatch(new RegExp(`umbel_event_loop_utilisation_ratio\\{node="${FRONT}"\\} [\\d.]+`))
    expect(text).toMatch(new RegExp(`umbel_reductions_total\\{node="${ERLANG}"\\} \\d+`))
    expect(text).toMatch(new RegExp(`umbel_link_bytes_total\\{node="${FRONT}",peer="${ERLANG}",direction="in"\\} \\d+`))
    // By the conventions of Prometheus: counters, and nothing else, end in _total; no unit but base units; each name once.
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type = ""]) => ({ name, type }))
    expect(types.length).toBeGreaterThan(20)
    expect(new Set(types.map(({ name }) => name)).size).toBe(types.length)
    for (const { name, type } of types) {
      expect(name.endsWith("_total"), name).toBe(type === "counter")
      expect(name).not.toMatch(/_(ms|milliseconds|kb|percent|share|text|rate|count)(_|$)/)
    }
    for (const line of text.trimEnd().split("\n")) expect(line).toMatch(/^(# (HELP|TYPE) |[a-z_]+\{.*\} -?[\d.e+-]+$)/)
  })

  test("is acted on: a process sent to, suspended, killed, its application stopped and started", async () => {
    using page = await TestPage.open(cluster.address)
    const rows = page.watch("processes", { node: ELIXIR, filter: "Bakery.Oven" })
    const { key } = (await page.data<ProcessesData>(rows)).rows[0]!
    const done = { done: true }
    expect(await page.act("send", { process: key, message: "{:bake, 4}" })).toMatchObject(done)
    const { pid } = await oven()
    await expect
      .poll(async () => (await read<InsideData>("inside", { node: ELIXIR, pid, state: "true" })).state)
      .toContain("loaves: 7")
    expect(await page.act("suspend", { process: key })).toMatchObject(done)
    expect((await read<InsideData>("inside", { node: ELIXIR, pid })).waiting).toBe(0)
    expect(await page.act("resume", { process: key })).toMatchObject(done)
    const told = await page.act("kill", { process: key }, true)
    expect(told.consequences.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/Bakery.Supervisor.* is told/),
    )
    expect(await page.act("kill", { process: key })).toMatchObject(done)
    await expect.poll(async () => (await oven())?.pid).not.toBe(pid)
    const application = { node: ELIXIR, application: "bakery" }
    expect(await page.act("stop-application", application)).toMatchObject(done)
    expect((await fetch(new URL(`/api/tree?node=${ELIXIR}&application=bakery`, cluster.address))).status).toBe(404)
    expect(await page.act("start-application", application)).toMatchObject(done)
    expect(await page.act("collect-garbage", { node: ELIXIR })).toMatchObject(done)
    expect(await page.act("log-level", { node: ELIXIR, level: "warning" })).toMatchObject(done)
    const kernel = await page.data<TreeView>(page.watch("tree", { node: ELIXIR, application: "kernel" }))
    expect(await page.act("kill", { process: kernel.key! })).toMatchObject({ done: false })
    expect(await page.act("stop-application", { node: ELIXIR, application: "kernel" })).toMatchObject({ done: false })
  })
})
