/**
 * A snapshot of V8's heap, read as it comes: only the numbers that say how large objects are and which points at which.
 *
 * ```ts
 * const reader = new HeapSnapshotReader()
 * for (const chunk of chunks) reader.add(chunk)
 * retainedSize(reader.heap(), objectId)
 * ```
 *
 * The text of a snapshot is several times as large as the heap, so it is never held as one: nodes and edges become typed arrays (44 bytes a node and 12 an
 * edge), the names of kinds of objects are kept, and of all else nothing.
 *
 * What an object retains is what would be freed without it: what is reached from the roots, minus what still is when the object is left out.
 */

/** A list of numbers that grows. */
class Numbers {
  #values = new Uint32Array(2 ** 16)
  length = 0
  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Uint32Array(this.#values.length * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.length++] = value
  }
  get values(): Uint32Array {
    return this.#values.subarray(0, this.length)
  }
}

/** The heap as a graph; fields of nodes and edges one after the other, as the snapshot has them. */
export interface Heap {
  readonly nodes: Uint32Array
  readonly edges: Uint32Array
  readonly nodeFields: readonly string[]
  readonly edgeFields: readonly string[]
  readonly nodeTypes: readonly string[]
  readonly edgeTypes: readonly string[]
  /** By index; only as many as were asked for. */
  readonly strings: readonly string[]
}

type Part = "before" | "nodes" | "edges" | "between" | "strings" | "after"

const CHAR_0 = 48
const CHAR_9 = 57
const CHAR_MINUS = 45
const CHAR_CLOSE = 93
/** Names longer than this are text of the program, and no kinds of objects. */
const NAME_MAX = 80

export class HeapSnapshotReader {
  readonly #nodes = new Numbers()
  readonly #edges = new Numbers()
  readonly #strings: string[] = []
  #meta = ""
  #part: Part = "before"
  #pending = ""
  #number = -1
  #text = ""
  #inText = false
  #escaped = false

  add(chunk: string): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#part === "nodes") at = this.#numbers(chunk, at, this.#nodes)
      else if (this.#part === "edges") at = this.#numbers(chunk, at, this.#edges)
      else if (this.#part === "strings") at = this.#texts(chunk, at)
      else if (this.#part === "after") return
      else at = this.#seek(chunk, at)
    }
  }

  /** Looks for the next list; before the first one stands what the numbers mean. */
  #seek(chunk: string, at: number): number {
    this.#pending += chunk.slice(at)
    for (const [mark, part] of MARKS[this.#part as "before" | "between"]) {
      const found = this.#pending.indexOf(mark)
      if (found < 0) continue
      if (this.#part === "before") this.#meta = this.#pending.slice(0, found)
      const behind = this.#pending.length - (found + mark.length)
      this.#pending = ""
      this.#part = part
      return chunk.length - behind
    }
    // What might be the beginning of a mark is kept.
    if (this.#part === "between") this.#pending = this.#pending.slice(-12)
    return chunk.length
  }

  #numbers(chunk: string, from: number, into: Numbers): number {
    let number = this.#number
    for (let at = from; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at)
      if (code >= CHAR_0 && code <= CHAR_9) number = (number < 0 ? 0 : number * 10) + code - CHAR_0
      else if (code === CHAR_MINUS) number = 0
      else {
        if (number >= 0) into.push(number)
        number = -1
        if (code === CHAR_CLOSE) {
          this.#number = -1
          this.#part = "between"
          return at + 1
        }
      }
    }
    this.#number = number
    return chunk.length
  }

  #texts(chunk: string, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const char = chunk[at]!
      if (!this.#inText) {
        if (char === '"') this.#inText = true
        else if (char === "]") {
          this.#part = "after"
          return chunk.length
        }
      } else if (this.#escaped) {
        this.#escaped = false
        this.#text += char
      } else if (char === "\\") this.#escaped = true
      else if (char === '"') {
        this.#inText = false
        this.#strings.push(this.#text)
        this.#text = ""
      } else if (this.#text.length < NAME_MAX) this.#text += char
    }
    return chunk.length
  }

  /** @throws SyntaxError when it was no complete snapshot */
  heap(): Heap {
    if (this.#part !== "after") throw new SyntaxError("the heap snapshot is not complete")
    const { snapshot } = JSON.parse(`${this.#meta}}`) as {
      snapshot: {
        meta: {
          node_fields: string[]
          node_types: [string[], ...unknown[]]
          edge_fields: string[]
          edge_types: [string[], ...unknown[]]
        }
      }
    }
    const { node_fields, node_types, edge_fields, edge_types } = snapshot.meta
    return {
      nodes: this.#nodes.values,
      edges: this.#edges.values,
      nodeFields: node_fields,
      edgeFields: edge_fields,
      nodeTypes: node_types[0],
      edgeTypes: edge_types[0],
      strings: this.#strings,
    }
  }
}

const MARKS: Readonly<Record<"before" | "between", readonly (readonly [string, Part])[]>> = {
  before: [
    [',\n"nodes":[', "nodes"],
    [',"nodes":[', "nodes"],
  ],
  between: [
    ['"edges":[', "edges"],
    ['"strings":[', "strings"],
  ],
}

export interface Retains {
  readonly bytes: number
  readonly objects: number
  readonly selfBytes: number
  readonly heapBytes: number
  readonly byKind: readonly { readonly name: string; readonly count: number; readonly bytes: number }[]
}

const KINDS_SHOWN = 12

/** What the object of that id (V8's, not an address) keeps alive. @throws RangeError when it is not in the heap */
export function retainedSize(heap: Heap, id: number): Retains {
  const { nodes, nodeFields } = heap
  const width = nodeFields.length
  const idField = nodeFields.indexOf("id")
  const sizeField = nodeFields.indexOf("self_size")
  const count = nodes.length / width
  let object = -1
  for (let node = 0; node < count && object < 0; node++) if (nodes[node * width + idField] === id) object = node
  if (object < 0) throw new RangeError(`object ${id} is not in the snapshot`)
  const first = firstEdges(heap)
  const all = new Uint8Array(count)
  reach(heap, first, all, -1)
  const without = new Uint8Array(count)
  reach(heap, first, without, object)
  let bytes = 0
  let objects = 0
  let heapBytes = 0
  const kinds = new Map<string, { name: string; count: number; bytes: number }>()
  for (let node = 0; node < count; node++) {
    if (all[node] === 0) continue
    const size = nodes[node * width + sizeField]!
    heapBytes += size
    if (without[node] === 1) continue
    bytes += size
    objects++
    const name = kindName(heap, node)
    const kind = kinds.get(name)
    if (kind === undefined) kinds.set(name, { name, count: 1, bytes: size })
    else {
      kind.count++
      kind.bytes += size
    }
  }
  const byKind = [...kinds.values()].sort((a, b) => b.bytes - a.bytes).slice(0, KINDS_SHOWN)
  return { bytes, objects, selfBytes: nodes[object * width + sizeField]!, heapBytes, byKind }
}

/** The place of each node's first edge: edges stand in the order of their nodes. */
function firstEdges({ nodes, nodeFields }: Heap): Uint32Array {
  const width = nodeFields.length
  const countField = nodeFields.indexOf("edge_count")
  const count = nodes.length / width
  const first = new Uint32Array(count + 1)
  for (let node = 0; node < count; node++) first[node + 1] = first[node]! + nodes[node * width + countField]!
  return first
}

/** Marks what is reached from the root (node 0) through edges that keep alive, and not through the node left out. */
function reach(heap: Heap, first: Uint32Array, seen: Uint8Array, without: number): void {
  const { edges, edgeFields, edgeTypes, nodeFields } = heap
  const width = edgeFields.length
  const typeField = edgeFields.indexOf("type")
  const toField = edgeFields.indexOf("to_node")
  const weak = edgeTypes.indexOf("weak")
  const stack = new Uint32Array(seen.length)
  let depth = 0
  seen[0] = 1
  stack[depth++] = 0
  while (depth > 0) {
    const node = stack[--depth]!
    for (let edge = first[node]!; edge < first[node + 1]!; edge++) {
      if (edges[edge * width + typeField] === weak) continue
      const to = edges[edge * width + toField]! / nodeFields.length
      if (to === without || seen[to] === 1) continue
      seen[to] = 1
      stack[depth++] = to
    }
  }
}

/** The class of an object, the type of anything else: "Map", "string", "closure". */
function kindName({ nodes, nodeFields, nodeTypes, strings }: Heap, node: number): string {
  const at = node * nodeFields.length
  const type = nodeTypes[nodes[at + nodeFields.indexOf("type")]!] ?? "?"
  if (type !== "object") return type === "concatenated string" || type === "sliced string" ? "string" : type
  return strings[nodes[at + nodeFields.indexOf("name")]!] || "object"
}
