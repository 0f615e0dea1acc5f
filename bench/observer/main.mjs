/**
 * The observer at its largest: a tree of 10,000 boxes and a list of 100,000 processes in a real Chromium, while they change; and what a node with 100,000
 * processes pays when nobody looks.
 *
 *     npm run bench:observer
 *     npm run bench:observer -- tree --seconds 20
 *     npm run bench:observer -- --json
 *
 * Frames are counted by the page itself (`requestAnimationFrame`), while the tree is dragged and zoomed and the list is scrolled without a pause. The goal is 50 a
 * second; missing it is no failure, as timings fail no run.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { chromium } from "playwright-core"
import { buildPage } from "../../packages/observer/scripts/build-page.mjs"
import { commandLine, wrong } from "../../scripts/command-line.mjs"
import { findPeers } from "../../scripts/peers.mjs"

const ARGUMENTS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
const peers = findPeers()
const GOAL = 50
const VIEW = { width: 1280, height: 800 }

const ROWS = ["tree", "list", "alone"]
const USAGE = `npm run bench:observer -- [${ROWS.join("] [")}] [--seconds 10] [--json] [--profile FILE]`
const { values, positionals } = commandLine(
  {
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: "10" },
      json: { type: "boolean", default: false },
      profile: { type: "string" },
    },
  },
  USAGE,
)
const seconds = Number(values.seconds)
const odd = positionals.find((one) => !ROWS.includes(one))
if (odd !== undefined) wrong(`There is no row ${odd}.`, USAGE)
if (!(seconds > 0)) wrong(`--seconds is a number above 0, not ${values.seconds}`, USAGE)
const wanted = positionals.length === 0 ? ROWS : positionals

/** @typedef {{ row: string, what: string, value: number, unit: string, note: string }} Figure */

/** @param {Figure} figure */
function say(figure) {
  const { row, what, value, unit, note } = figure
  if (values.json) console.log(JSON.stringify(figure))
  else console.log(`${row.padEnd(6)} ${what.padEnd(34)} ${value.toFixed(2).padStart(8)} ${unit.padEnd(10)} ${note}`)
}

/** A node of that kind in a process of its own; `ask` gives what its inspector says. @param {string} kind */
async function started(kind) {
  const child = spawn(
    process.execPath,
    ["--max-semi-space-size=64", fileURLToPath(new URL("node.mjs", import.meta.url)), kind],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  )
  const lines = createInterface({ input: child.stdout })
  const line = async () => JSON.parse(String((await once(lines, "line"))[0]))
  const about = /** @type {{ node: string, address: string, processes: number }} */ (await line())
  return {
    about,
    async ask() {
      const answer = line()
      child.stdin.write("\n")
      return await answer
    },
    async stop() {
      child.stdin.end()
      await once(child, "exit")
    },
  }
}

/** Counts frames for so long, and what held them up. @param {import("playwright-core").Page} page @param {() => Promise<void>} move */
async function frames(page, move) {
  await page.evaluate(`globalThis.gaps = []; (() => {
    let before = performance.now()
    const count = (now) => { globalThis.gaps.push(now - before); before = now; globalThis.counting = requestAnimationFrame(count) }
    globalThis.counting = requestAnimationFrame(count)
  })()`)
  const until = performance.now() + seconds * 1_000
  while (performance.now() < until) await move()
  const gaps = /** @type {number[]} */ (
    await page.evaluate("cancelAnimationFrame(globalThis.counting), globalThis.gaps")
  )
  gaps.shift()
  const sorted = [...gaps].sort((a, b) => a - b)
  const total = gaps.reduce((sum, gap) => sum + gap, 0)
  return {
    perSecond: (gaps.length * 1_000) / total,
    p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    worst: sorted.at(-1) ?? 0,
  }
}

/** @param {string} row @param {string} what @param {{ perSecond: number, p99: number, worst: number }} found */
function sayFrames(row, what, { perSecond, p99, worst }) {
  const verdict = perSecond >= GOAL ? "ok" : `below ${GOAL}`
  say({
    row,
    what,
    value: perSecond,
    unit: "frames/s",
    note: `99 % within ${p99.toFixed(0)} ms, worst ${worst.toFixed(0)} ms  ${verdict}`,
  })
}

/** @param {string} kind @param {(page: import("playwright-core").Page, where: { node: string, address: string }) => Promise<void>} see */
async function withPage(kind, see) {
  if (peers.chromium === undefined) {
    console.error("there is no Chromium: apt-get install chromium")
    process.exit(1)
  }
  await buildPage()
  const node = await started(kind)
  const browser = await chromium.launch({ executablePath: peers.chromium, args: ARGUMENTS.split(" ") })
  try {
    const page = await browser.newPage({ viewport: VIEW })
    await see(page, node.about)
    await page.locator(".cost").waitFor()
    say({
      row: kind,
      what: "cost of the viewer",
      value: Number.parseFloat((await page.locator(".cost").textContent()) ?? ""),
      unit: "ms/s",
      note: "on the node, as the page says",
    })
  } finally {
    await browser.close()
    await node.stop()
  }
}

/** @param {import("playwright-core").Page} page @param {() => Promise<void>} work */
async function profiled(page, work) {
  if (values.profile === undefined) return work()
  const session = await page.context().newCDPSession(page)
  await session.send("Profiler.enable")
  await session.send("Profiler.start")
  await work()
  const { profile } = await session.send("Profiler.stop")
  const { writeFileSync } = await import("node:fs")
  writeFileSync(values.profile, JSON.stringify(profile))
}

async function tree() {
  await withPage("tree", async (page, { node, address }) => {
    await page.goto(`${address}#/node/${encodeURIComponent(node)}/app/forest?open=all`)
    await page.locator("[data-boxes='10001']").waitFor({ timeout: 60_000 })
    const drag = async () => {
      await page.mouse.move(200, 300)
      await page.mouse.down()
      for (let x = 0; x < 20; x++) await page.mouse.move(200 + x * 30, 300 + (x % 7) * 20)
      for (let x = 20; x > 0; x--) await page.mouse.move(200 + x * 30, 300)
      await page.mouse.up()
    }
    await profiled(page, async () => {
      sayFrames("tree", "at reading size, dragged", await frames(page, drag))
      await page.getByRole("button", { name: "Whole" }).click()
      sayFrames("tree", "all 10,000 in sight", await frames(page, () => page.waitForTimeout(200)))
      sayFrames("tree", "all 10,000 in sight, dragged", await frames(page, drag))
      sayFrames(
        "tree",
        "zoomed in and out",
        await frames(page, async () => {
          for (const delta of [-120, -120, -120, -120, -120, 120, 120, 120, 120, 120]) await page.mouse.wheel(0, delta)
        }),
      )
    })
  })
}

async function list() {
  await withPage("list", async (page, { node, address }) => {
    await page.goto(`${address}#/node/${encodeURIComponent(node)}/processes?sort=handledRate`)
    await page.locator("[aria-rowcount]").waitFor({ timeout: 60_000 })
    await page.getByRole("row").nth(20).waitFor({ timeout: 60_000 })
    sayFrames("list", "100,000, sorted by a rate", await frames(page, () => page.waitForTimeout(200)))
    await page.mouse.move(700, 500)
    await profiled(page, async () =>
      sayFrames(
        "list",
        "100,000, scrolled",
        await frames(page, async () => {
          for (let i = 0; i < 10; i++) await page.mouse.wheel(0, 340)
        }),
      ),
    )
  })
}

async function alone() {
  const node = await started("alone")
  await node.ask()
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  const shares = []
  let before = await node.ask()
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
    const after = await node.ask()
    shares.push((100 * (after.recorderMs - before.recorderMs)) / (after.at - before.at))
    before = after
  }
  await node.stop()
  shares.sort((a, b) => a - b)
  say({
    row: "alone",
    what: "100,000 processes, nobody looks",
    value: shares[1] ?? 0,
    unit: "% of the loop",
    note: `${before.processes} processes; rounds ${shares.map((share) => share.toFixed(2)).join(", ")}; recorder ${(before.recorderBytes / 2 ** 20).toFixed(1)} MB`,
  })
}

for (const row of wanted) await { tree, list, alone }[/** @type {"tree" | "list" | "alone"} */ (row)]()
