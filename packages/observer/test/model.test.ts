/** The page's own reckoning: routes, trees and what happens in them, what and how things are printed. */
import { describe, expect, test } from "vitest"
import { count, duration, fitted } from "../page/model/format.ts"
import { grown, happened, placed } from "../page/model/growth.ts"
import { begun, ratesOf, remember, sparkline } from "../page/model/history.ts"
import { layout, neighbour, processesIn, repainted } from "../page/model/layout.ts"
import { linesOf, marked } from "../page/model/marked.ts"
import { pretty } from "../page/model/pretty.ts"
import { href, parseRoute, type Route } from "../page/model/route.ts"
import { matches } from "../page/model/search.ts"
import type { NodeView } from "../src/views/cluster.ts"
import type { TreeView } from "../src/views/tree.ts"

const worker = (id: string, more: Partial<TreeView> = {}): TreeView => ({
  key: `key of ${id}`,
  pid: "<0.7.0>",
  id,
  title: id,
  module: "shop.worker",
  kind: "worker",
  status: "waiting",
  mailbox: 0,
  restart: "permanent",
  restarts: 0,
  supervision: null,
  children: [],
  more: 0,
  ...more,
})
const boss = (
  id: string,
  children: TreeView[],
  strategy = "one_for_one",
  used = 0,
  more: Partial<TreeView> = {},
): TreeView =>
  worker(id, {
    kind: "supervisor",
    module: "shop.boss",
    children,
    supervision: { strategy, intensity: 3, period: 5_000, used },
    ...more,
  })

describe("routes", () => {
  const route = (parts: Partial<Route>): Route => ({
    page: "cluster",
    node: null,
    rest: [],
    query: {},
    process: null,
    ...parts,
  })
  test.each<Route>([
    route({}),
    route({ process: "a@h/1.0.7" }),
    route({ page: "events", query: { kind: "crashes", text: "a b&c" } }),
    route({ page: "node", node: "a@h" }),
    route({ page: "processes", node: "a@h", query: { sort: "memory" }, process: "a@h/1.0.7" }),
    route({ page: "app", node: "a b/c@h", rest: ["shop?"] }),
    route({ page: "process", node: "a@h", rest: ["0.12.0"] }),
  ])("%j is where it says", (where) => {
    expect(parseRoute(href(where))).toEqual(where)
  })

  test("leave out what is empty", () => {
    expect(href({ page: "processes", node: "a@h", query: { filter: "" } })).toBe("#/node/a%40h/processes")
  })

  test.each(["", "#", "#/"])("%j is the cluster", (hash) => {
    expect(parseRoute(hash)).toEqual(route({}))
  })

  test("take half an escape as it stands", () => {
    expect(parseRoute("#/node/%E0%A4/system")).toEqual(route({ page: "system", node: "%E0%A4" }))
  })
})

describe("what happens in a tree", () => {
  const before = placed(boss("top", [worker("a"), worker("b")]))
  const after = (children: TreeView[]) => placed(boss("top", children))

  test("nothing, when nothing did", () => {
    expect(happened(before, after([worker("a"), worker("b", { mailbox: 4 })]))).toEqual(new Map())
  })
  test("a restart, by its count or by another pid", () => {
    expect(happened(before, after([worker("a", { restarts: 1, key: "other" }), worker("b")]))).toEqual(
      new Map([["top/a", "restarted"]]),
    )
    expect(happened(before, after([worker("a", { key: "other" }), worker("b")]))).toEqual(
      new Map([["top/a", "restarted"]]),
    )
  })
  test("an end, a start, and the loss of a child for good", () => {
    const gone = worker("a", { key: null, status: "not running" })
    expect(happened(before, after([gone, worker("b")]))).toEqual(new Map([["top/a", "ended"]]))
    expect(happened(before, after([worker("a"), worker("b"), worker("c")]))).toEqual(new Map([["top/c", "started"]]))
    expect(happened(before, after([worker("a")]))).toEqual(new Map([["top", "lost"]]))
  })
  test("children that share an id are told apart by pid", () => {
    const crowd = (keys: string[]) =>
      placed(
        boss(
          "top",
          keys.map((key) => worker("same", { key })),
        ),
      )
    expect(happened(crowd(["1", "2", "3"]), crowd(["1", "2", "3"]))).toEqual(new Map())
    expect([...happened(crowd(["1", "2", "3"]), crowd(["1", "3", "4"])).values()].sort()).toEqual(["lost", "started"])
  })
  test("an id with a slash makes no path of another child", () => {
    expect(placed(boss("top", [worker("a/b"), boss("a", [worker("b")])])).size).toBe(4)
  })
})

describe("where boxes stand", () => {
  const tree = boss("top", [boss("left", [worker("a"), worker("b")]), worker("c")])

  test("parents left of children, none over another", () => {
    const { boxes } = layout(tree, new Set())
    expect(boxes).toHaveLength(5)
    for (const box of boxes) {
      const parent = boxes.find(({ path }) => path === box.parent)
      if (parent !== undefined) expect(box.x).toBeGreaterThan(parent.x)
      for (const other of boxes) {
        const apart = box === other || box.x !== other.x || Math.abs(box.y - other.y) >= (box.height + other.height) / 2
        expect(apart, `${box.path} and ${other.path}`).toBe(true)
      }
    }
  })
  test("a crowd is counted until it is opened, and its supervisors are drawn all the same", () => {
    const many = boss(
      "top",
      [boss("s", []), ...Array.from({ length: 200 }, (_, i) => worker(`w${i}`))],
      "one_for_one",
      0,
      { more: 1_004 },
    )
    const closed = layout(many, new Set())
    expect(closed.boxes.map(({ crowd, view }) => crowd ?? view.id)).toEqual(["top", "s", 1_204])
    const open = layout(many, new Set(["top"]))
    expect(open.boxes).toHaveLength(1 + 1 + 200 + 1)
    expect(open.boxes.at(-1)?.crowd).toBe(1_004)
    expect(processesIn(many)).toBe(1 + 1 + 200 + 1_004)
  })
  test("arrow keys lead to parents, children and neighbours", () => {
    const drawn = layout(tree, new Set())
    expect(neighbour(drawn, "top/left/a", "ArrowLeft")).toBe("top/left")
    expect(neighbour(drawn, "top/left/a", "ArrowDown")).toBe("top/left/b")
    expect(neighbour(drawn, "top/left/b", "ArrowUp")).toBe("top/left/a")
    expect(neighbour(drawn, "top", "ArrowRight")).toMatch(/^top\/(left|c)$/)
    expect(neighbour(drawn, "top/left/a", "Home")).toBe("top")
    expect(neighbour(drawn, "top", "ArrowLeft")).toBeUndefined()
  })
})

describe("printed terms", () => {
  const text = (printed: string) =>
    pretty(printed)
      .map((token) => token.text)
      .join("")

  test("short ones stay on a line", () => {
    expect(text('%{count: 5, name: "ann"}')).toBe('%{count: 5, name: "ann"}')
  })
  test("long ones get a line for each entry", () => {
    expect(text('%{first: "a long enough text for a line", second: [1, 2, 3], third: nil}')).toBe(
      '%{\n  first: "a long enough text for a line",\n  second: [1, 2, 3],\n  third: nil\n}',
    )
  })
  test("nothing is lost or made up, brackets in strings and cut ends included", () => {
    for (const printed of [
      '{:ok, "a } ] \\" b", %{x => 1}}',
      "%{a: [1, 2, ...",
      '"never closed',
      "]}>>",
      "#PID<0.1.0>",
      "<<1, 2>>",
      "",
    ]) {
      expect(text(printed).replaceAll(/\n\s*/g, "").replaceAll(" ", ""), printed).toBe(printed.replaceAll(" ", ""))
    }
  })
  test("kinds are told apart", () => {
    const kinds = new Map(
      pretty('%{key: :atom, n: 12.5, s: "text", p: #PID<0.1.0>}').map(({ kind, text }) => [text, kind]),
    )
    expect(kinds.get("key: ")).toBe("key")
    expect(kinds.get(":atom")).toBe("atom")
    expect(kinds.get("12.5")).toBe("number")
    expect(kinds.get('"text"')).toBe("string")
    expect(kinds.get("#PID<0.1.0>")).toBe("id")
  })
})

describe("numbers and the past", () => {
  const node = (seenAt: number, turns: number): NodeView => ({
    key: "a@h",
    name: "a@h",
    kind: "umbel",
    status: "up",
    home: true,
    seenAt,
    vitals: {
      bootedAt: 0,
      uptime: 0,
      release: "Umbel",
      creation: 1,
      processes: 3,
      processLimit: 0,
      zombies: 0,
      runQueue: 0,
      turns,
      crashes: 0,
      connected: [],
      draining: false,
      applications: [],
      loaded: [],
    },
  })

  test("durations say the two largest parts", () => {
    expect([0, 59_000, 61_000, 3_600_000, 90_061_000].map(duration)).toEqual([
      "0 s",
      "59 s",
      "1 min 1 s",
      "1 h",
      "1 d 1 h",
    ])
  })
  test("counts are grouped, texts are cut to fit", () => {
    expect(count(1_204)).toBe("1\u202f204")
    expect(fitted("a long name", 6, (text) => text.length)).toBe("a lon…")
    expect(fitted("short", 6, (text) => text.length)).toBe("short")
  })
  test("rates are of what passed between two answers; a restarted node starts anew", () => {
    let history = remember(new Map(), [node(1_000, 100)])
    history = remember(history, [node(2_000, 150)])
    history = remember(history, [node(2_000, 150)])
    history = remember(history, [node(3_000, 20)])
    history = remember(history, [node(4_000, 30)])
    expect(ratesOf(history.get("a@h")!)).toEqual([50, 10])
  })
  test("what a recorder had stands before what the page has seen, and never twice", () => {
    const older = [500, 900, 1_100].map((at) => ({ at, processes: 1, rate: at, turns: null }))
    const seen = remember(new Map(), [node(1_000, 100)])
    const history = begun(remember(seen, [node(2_000, 150)]), "a@h", older)
    expect(history.get("a@h")!.map(({ at }) => at)).toEqual([500, 900, 1_000, 2_000])
    expect(ratesOf(remember(history, [node(3_000, 200)]).get("a@h")!)).toEqual([500, 900, 50, 50])
    // And before it has seen anything.
    const first = begun(new Map(), "a@h", older)
    expect(ratesOf(remember(first, [node(2_000, 100)]).get("a@h")!)).toEqual([500, 900, 1_100])
  })
  test("a sparkline ends at the right edge and stays within its height", () => {
    const points = sparkline([1, 5, 2, 9], 100, 40)
      .split(" ")
      .map((point) => point.split(",").map(Number) as [number, number])
    expect(points.at(-1)?.[0]).toBe(100)
    expect(points.every(([, y]) => y >= 0 && y <= 40)).toBe(true)
  })
  test("the search finds by pid, name, id and module", () => {
    const tree = placed(
      boss("top", [worker("a", { title: "Till", pid: "<0.99.0>", module: "shop.till" }), worker("b")]),
    )
    for (const wanted of ["till", "<0.99", "shop.till", "A"]) expect(matches(tree, wanted), wanted).toContain("top/a")
    expect(matches(tree, " ")).toEqual([])
  })
})

describe("what has changed in a state", () => {
  const diff = (before: string, after: string) =>
    marked(linesOf(pretty(before)), linesOf(pretty(after))).map(
      ({ tokens, mark }) => `${{ same: " ", new: "+", gone: "-" }[mark]}${tokens.map(({ text }) => text).join("")}`,
    )
  const state = (count: number, more = "") =>
    `%{count: ${count}, name: "a name that is long enough to be broken"${more}}`

  test("nothing, when nothing has", () => {
    expect(diff(state(1), state(1)).every((line) => line.startsWith(" "))).toBe(true)
  })
  test("one line that is another, and one that came", () => {
    expect(diff(state(1), state(2, ", last: 5"))).toEqual([
      " %{",
      "-  count: 1,",
      '-  name: "a name that is long enough to be broken"',
      "+  count: 2,",
      '+  name: "a name that is long enough to be broken",',
      "+  last: 5",
      " }",
    ])
  })
  test("very long ones are marked whole, rather than compared for minutes", () => {
    const long = (from: number) => `[${Array.from({ length: 2_000 }, (_, i) => from + i).join(", ")}]`
    expect(diff(long(0), long(5_000))).toHaveLength(4_002)
  })
})

describe("a tree from look to look", () => {
  const leaf = (id: string, more: Partial<TreeView> = {}) => worker(id, { key: `${id} 1`, ...more })
  const branch = boss("left", [leaf("a"), leaf("b")])
  const first = grown(null, boss("top", [branch, leaf("c")]))

  test("what has changed is painted over, and everything else is the very same", () => {
    const drawn = layout(first.tree, new Set())
    const restarted = leaf("c", { key: "c 2", restarts: 1 })
    const second = grown(first, { ...first.tree, children: [branch, restarted] })
    expect([...second.changed!.keys()]).toEqual(["top", "top/c"])
    expect(second.happened).toEqual(new Map([["top/c", "restarted"]]))
    expect(second.places.get("top/c")?.view).toBe(restarted)
    const again = repainted(drawn, second.changed!)!
    expect(again.byPath.get("top/c")).toEqual({ ...drawn.byPath.get("top/c"), view: restarted })
    expect(again.byPath.get("top/left/a")).toBe(drawn.byPath.get("top/left/a"))
    const { index } = again.byPath.get("top/c")!
    expect(again.boxes[index]).toBe(again.byPath.get("top/c"))
    expect(again).toEqual(layout(second.tree, new Set()))
  })
  test("where a box comes or goes it is laid out anew", () => {
    const second = grown(first, boss("top", [branch, leaf("c"), leaf("d")]))
    expect(second.changed).toBeNull()
    expect(second.happened).toEqual(new Map([["top/d", "started"]]))
  })
  test("ten thousand boxes: an open crowd stands in a block, none over another", () => {
    const tree = boss(
      "top",
      Array.from({ length: 100 }, (_, i) =>
        boss(
          `b${i}`,
          Array.from({ length: 99 }, (_, j) => leaf(`w${i}-${j}`)),
        ),
      ),
    )
    const { boxes, stalks } = layout(tree, "all")
    expect(boxes).toHaveLength(10_001)
    expect(stalks).toHaveLength(200)
    const rows = new Map<number, { from: number; to: number }[]>()
    for (const { x, y, height } of boxes)
      rows.set(x, [...(rows.get(x) ?? []), { from: y - height / 2, to: y + height / 2 }])
    for (const row of rows.values()) {
      row.sort((a, b) => a.from - b.from)
      for (const [at, box] of row.entries()) if (at > 0) expect(box.from).toBeGreaterThanOrEqual(row[at - 1]!.to)
    }
  })
  test("keys walk through a block", () => {
    const tree = boss(
      "top",
      Array.from({ length: 40 }, (_, i) => leaf(`w${i}`)),
    )
    const drawn = layout(tree, "all")
    expect(neighbour(drawn, "top/w0", "ArrowRight")).toBe("top/w1")
    expect(neighbour(drawn, "top/w1", "ArrowLeft")).toBe("top/w0")
    expect(neighbour(drawn, "top/w0", "ArrowLeft")).toBe("top")
    const below = neighbour(drawn, "top/w0", "ArrowDown")!
    expect(drawn.byPath.get(below)?.x).toBe(drawn.byPath.get("top/w0")?.x)
    expect(neighbour(drawn, below, "ArrowUp")).toBe("top/w0")
  })
})
