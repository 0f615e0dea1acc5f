/** A graph as text for people, or for Graphviz, Mermaid and programs. Pure. */
import { applicationEdges, type Graph } from "./graph.ts"
import type { MessageEdge } from "./messages.ts"

export type Format = "tree" | "dot" | "mermaid" | "json"

/** What is drawn: nodes by name, edges apart by whether only types cross them. */
export interface Drawing {
  readonly title: string
  readonly nodes: readonly string[]
  readonly edges: readonly { readonly from: string; readonly to: string; readonly typeOnly: boolean }[]
}

export function applicationsOf(graph: Graph): Drawing {
  const rows = applicationEdges(graph)
  return {
    title: "applications",
    nodes: [...rows.keys()],
    edges: [...rows].flatMap(([from, row]) => [...row].map(([to, typeOnly]) => ({ from, to, typeOnly }))),
  }
}

/** Only edges between files of the workspace; tests are left out unless asked for. */
export function filesOf(graph: Graph, keep: (path: string) => boolean): Drawing {
  const files = [...graph.files.values()].filter(({ path }) => keep(path))
  return {
    title: "files",
    nodes: files.map(({ path }) => path),
    edges: files.flatMap(({ path, edges }) =>
      edges.flatMap(({ to, typeOnly }) => (to === undefined || !keep(to) ? [] : [{ from: path, to, typeOnly }])),
    ),
  }
}

/** Who calls or casts to whose server; between files of one application too. */
export function callsOf(messages: readonly MessageEdge[], keep: (path: string) => boolean): Drawing {
  const kept = messages.filter(({ from, to }) => keep(from) && keep(to))
  const pairs = new Map(kept.map(({ from, to }) => [`${from} ${to}`, { from, to, typeOnly: false }]))
  return {
    title: "calls",
    nodes: [...new Set(kept.flatMap(({ from, to }) => [from, to]))].sort(),
    edges: [...pairs.values()],
  }
}

export function draw(format: Format, drawings: readonly Drawing[]): string {
  switch (format) {
    case "tree":
      return drawings.map(tree).join("\n")
    case "dot":
      return drawings.map(dot).join("\n")
    case "mermaid":
      return drawings.map(mermaid).join("\n")
    case "json":
      return `${JSON.stringify(Object.fromEntries(drawings.map(({ title, ...rest }) => [title, rest])), null, 2)}\n`
  }
}

/** As `mix xref graph` has it: each node with what it needs below, one step deep. */
function tree({ title, nodes, edges }: Drawing): string {
  if (nodes.length === 0) return `no ${title}\n`
  const lines = nodes.flatMap((node) => {
    const needs = edges.filter(({ from }) => from === node)
    return [
      node,
      ...needs.map(
        ({ to, typeOnly }, i) => `${i === needs.length - 1 ? "└──" : "├──"} ${to}${typeOnly ? " (types)" : ""}`,
      ),
    ]
  })
  return `${lines.join("\n")}\n`
}

function dot({ title, nodes, edges }: Drawing): string {
  const lines = [
    ...nodes.map((node) => `  ${JSON.stringify(node)}`),
    ...edges.map(
      ({ from, to, typeOnly }) =>
        `  ${JSON.stringify(from)} -> ${JSON.stringify(to)}${typeOnly ? " [style=dashed, label=types]" : ""}`,
    ),
  ]
  return `digraph ${JSON.stringify(title)} {\n  node [shape=box]\n${lines.join("\n")}\n}\n`
}

function mermaid({ nodes, edges }: Drawing): string {
  const id = new Map(nodes.map((node, i) => [node, `n${i}`]))
  const lines = [
    ...nodes.map((node) => `  ${id.get(node)}["${node}"]`),
    ...edges.map(({ from, to, typeOnly }) => `  ${id.get(from)} ${typeOnly ? "-. types .->" : "-->"} ${id.get(to)}`),
  ]
  return `flowchart TD\n${lines.join("\n")}\n`
}
