/** The page's own reckoning: routes, trees and what happens in them, what a kill means, and how things are printed. */
import { describe, expect, test } from "vitest"
import { consequences } from "../page/model/consequences.ts"
import { count, duration, fitted } from "../page/model/format.ts"
import { happened, placed } from "../page/model/growth.ts"
import { ratesOf, remember, sparkline } from "../page/model/history.ts"
import { layout, neighbour, processesIn } from "../page/model/layout.ts"
import { pretty } from "../page/model/pretty.ts"
import { href, parseRoute, type Route } from "../page/model/route.ts"
import { matches } from "../page/model/search.ts"
import type { NodeView, TreeView } from "../src/protocol.ts"

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
  const routes: Route[] = [
    { view: "cluster", process: null },
    { view: "events", process: "a@h/1.2.3" },
    { view: "node", node: "back@127.0.0.1", process: null },
    { view: "tree", node: "a/b?c#d@h", application: "shop", process: "x&y=z" },
  ]
  test.each(routes)("%j is found again by its address", (route) => {
    expect(parseRoute(href(route))).toEqual(route)
  })
  test.each(["", "#", "#/nonsense", "#/node/", "#/%"])("%j leads to the cluster", (hash) => {
    expect(parseRoute(hash)).toEqual({ view: "cluster", process: null })
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

describe("what a kill means", () => {
  const told = (tree: TreeView, id: string) => consequences(placed(tree), `key of ${id}`).map(({ text }) => text)

  test("one_for_one restarts it alone", () => {
    expect(told(boss("top", [worker("a"), worker("b")]), "a")).toEqual([
      "Nothing else runs below it.",
      "top (one_for_one) starts it again; its siblings are left alone.",
      "That is restart 1 of the 3 allowed in 5 s.",
    ])
  })
  test("rest_for_one takes those after it along, one_for_all all", () => {
    expect(told(boss("top", [worker("a"), worker("b"), worker("c")], "rest_for_one"), "b")[1]).toBe(
      "top (rest_for_one) starts it again, and with it c, which come after it.",
    )
    expect(told(boss("top", [worker("a"), worker("b"), worker("c")], "one_for_all"), "b")[1]).toBe(
      "top (one_for_all) starts it again, and with it a and c.",
    )
  })
  test("a supervisor takes its subtree down", () => {
    expect(told(boss("top", [boss("left", [worker("a"), worker("b")])]), "left")[0]).toBe(
      "The 2 processes below it end with it.",
    )
  })
  test("a temporary child stays down", () => {
    expect(told(boss("top", [worker("a", { restart: "temporary" })]), "a")[1]).toBe(
      "It is temporary: top (one_for_one) does not start it again.",
    )
  })
  test("a spent budget ends the supervisor, and so on upwards", () => {
    const spent = boss("left", [worker("a"), worker("b")], "one_for_one", 3)
    expect(told(boss("top", [spent]), "a").slice(1)).toEqual([
      "The restart budget of left is used up (3 in 5 s): it gives up and ends, with all 2 processes below it.",
      "top (one_for_one) starts it again; its siblings are left alone.",
      "That is restart 1 of the 3 allowed in 5 s.",
    ])
    expect(told(spent, "a").at(-1)).toMatch(/the application ends/)
  })
  test("nothing is claimed of a process that is not in the tree", () => {
    expect(told(boss("top", []), "elsewhere")[0]).toMatch(/cannot be told/)
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
    name: "a@h",
    kind: "umbel",
    status: "up",
    home: true,
    seenAt,
    vitals: {
      bootedAt: 0,
      uptime: 0,
      processes: 3,
      zombies: 0,
      runQueue: 0,
      turns,
      crashes: 0,
      connected: [],
      applications: [],
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
