/**
 * The graph as one HTML file that opens anywhere: applications as columns, their files in them, imports and, apart, who calls whose server.
 *
 * Everything is laid out here; the few lines of script in the page only dim what has nothing to do with the file under the pointer. Pure.
 */
import { applicationEdges, type Graph } from "./graph.ts"
import type { MessageEdge } from "./messages.ts"

const [WIDTH, ROW, GAP, TOP] = [250, 26, 130, 56]

interface Box {
  readonly path: string
  readonly x: number
  readonly y: number
}
interface Line {
  readonly from: Box
  readonly to: Box
  readonly kind: "import" | "types" | "message"
  readonly title: string
}

export function page(graph: Graph, messages: readonly MessageEdge[], keep: (path: string) => boolean): string {
  const columns = columnsOf(graph, keep)
  const boxes = new Map<string, Box>()
  for (const [i, { files }] of columns.entries()) {
    for (const [j, path] of files.entries()) boxes.set(path, { path, x: 30 + i * (WIDTH + GAP), y: TOP + j * ROW })
  }
  const lines = linesOf(graph, messages, boxes)
  const width = 90 + columns.length * (WIDTH + GAP) - GAP
  const height = TOP + 30 + ROW * Math.max(1, ...columns.map(({ files }) => files.length))
  const titles = columns.map(
    ({ name }, i) => `<text class="title" x="${30 + i * (WIDTH + GAP)}" y="34">${escaped(name)}</text>`,
  )
  const drawn = [...lines.map(path), ...[...boxes.values()].map(box)].join("\n")
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(graph.workspace.name)}</title>
<style>${STYLE}</style>
<header><h1>${escaped(graph.workspace.name)}</h1>
${(["import", "types", "message"] as const).map((kind) => `<label class="${kind}"><input type="checkbox" checked data-kind="${kind}"> ${LABELS[kind]} (${lines.filter((one) => one.kind === kind).length})</label>`).join("\n")}
</header>
<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Files and what they need of each other">
${titles.join("\n")}
${drawn}
</svg>
<script>${SCRIPT}</script>
</html>
`
}

const LABELS = { import: "imports", types: "imports of types", message: "calls and casts" } as const

/** Applications, those that need nobody last; files of the root before all. */
function columnsOf(
  graph: Graph,
  keep: (path: string) => boolean,
): readonly { readonly name: string; readonly files: readonly string[] }[] {
  const edges = applicationEdges(graph)
  const depth = (name: string, seen: readonly string[]): number =>
    seen.includes(name)
      ? 0
      : 1 + Math.max(-1, ...[...(edges.get(name)?.keys() ?? [])].map((to) => depth(to, [...seen, name])))
  const filesOf = (name: string | undefined): readonly string[] =>
    [...graph.files.values()]
      .filter((file) => file.application?.name === name && keep(file.path))
      .map((file) => file.path)
  const names = [...edges.keys()].sort((a, b) => depth(b, []) - depth(a, []) || (a < b ? -1 : 1))
  return [
    { name: graph.workspace.name, files: filesOf(undefined) },
    ...names.map((name) => ({ name, files: filesOf(name) })),
  ].filter(({ files }) => files.length > 0)
}

function linesOf(graph: Graph, messages: readonly MessageEdge[], boxes: ReadonlyMap<string, Box>): readonly Line[] {
  const imports = [...graph.files.values()].flatMap((file) =>
    file.edges.flatMap(({ to, typeOnly, specifier, line }): readonly Line[] => {
      const [from, target] = [boxes.get(file.path), to === undefined ? undefined : boxes.get(to)]
      if (from === undefined || target === undefined) return []
      return [
        { from, to: target, kind: typeOnly ? "types" : "import", title: `${file.path}:${line} imports ${specifier}` },
      ]
    }),
  )
  const asked = messages.flatMap((one): readonly Line[] => {
    const [from, to] = [boxes.get(one.from), boxes.get(one.to)]
    if (from === undefined || to === undefined) return []
    return [{ from, to, kind: "message", title: `${one.from} ${one.verb}s ${one.name} of ${one.to}` }]
  })
  return [...imports, ...asked]
}

const MIDDLE = (ROW - 6) / 2

/** A curve from side to side; within a column a bow beside it. */
function path({ from, to, kind, title }: Line): string {
  const right = to.x >= from.x
  const same = to.x === from.x
  const [x1, y1] = [from.x + (right ? WIDTH : 0), from.y + MIDDLE]
  const [x2, y2] = [to.x + (same || !right ? WIDTH : 0), to.y + MIDDLE]
  const bend = same ? 20 + Math.abs(y2 - y1) / 6 : GAP / 2
  const [c1, c2] = same ? [x1 + bend, x2 + bend] : right ? [x1 + bend, x2 - bend] : [x1 - bend, x2 + bend]
  return `<path class="${kind}" data-from="${escaped(from.path)}" data-to="${escaped(to.path)}" d="M${x1} ${y1}C${c1} ${y1} ${c2} ${y2} ${x2} ${y2}"><title>${escaped(title)}</title></path>`
}

function box({ path, x, y }: Box): string {
  const short = path.split("/").slice(2).join("/") || path
  return `<g class="file" data-path="${escaped(path)}"><title>${escaped(path)}</title><rect x="${x}" y="${y}" width="${WIDTH}" height="${ROW - 6}" rx="4"/><text x="${x + 8}" y="${y + 14}">${escaped(short)}</text></g>`
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[one]!)

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#222, #ddd); --paper: light-dark(#fff, #16181c); --box: light-dark(#f1f3f5, #262a31);
  --import: light-dark(#6b7280, #9aa3b2); --types: light-dark(#a5b4c4, #5b6675); --message: light-dark(#d9480f, #ff922b); }
body { margin: 0; font: 13px system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header { position: sticky; top: 0; left: 0; display: flex; gap: 20px; align-items: baseline; padding: 12px 30px; background: var(--paper); }
h1 { font-size: 18px; margin: 0; }
label { cursor: pointer; } label.import { color: var(--import); } label.types { color: var(--types); } label.message { color: var(--message); }
text { fill: var(--ink); font-size: 12px; } text.title { font-size: 16px; font-weight: 600; }
rect { fill: var(--box); } .file { cursor: default; }
path { fill: none; stroke-width: 1.4; } path.import { stroke: var(--import); }
path.types { stroke: var(--types); stroke-dasharray: 4 3; } path.message { stroke: var(--message); stroke-width: 2; }
svg.hover path:not(.near), svg.hover .file:not(.near) { opacity: .12; }
path.off { display: none; }
`

const SCRIPT = `
const svg = document.querySelector("svg")
const paths = [...svg.querySelectorAll("path")], files = [...svg.querySelectorAll(".file")]
for (const file of files) {
  file.onpointerenter = () => {
    const near = new Set([file.dataset.path])
    for (const one of paths) {
      const own = one.dataset.from === file.dataset.path || one.dataset.to === file.dataset.path
      one.classList.toggle("near", own)
      if (own && !one.classList.contains("off")) near.add(one.dataset.from).add(one.dataset.to)
    }
    for (const one of files) one.classList.toggle("near", near.has(one.dataset.path))
    svg.classList.add("hover")
  }
  file.onpointerleave = () => svg.classList.remove("hover")
}
for (const input of document.querySelectorAll("input")) {
  input.onchange = () => { for (const one of paths) if (one.classList.contains(input.dataset.kind)) one.classList.toggle("off", !input.checked) }
}
`
