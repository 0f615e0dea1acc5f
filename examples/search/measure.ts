/**
 * Measures the parts of the search engine that compute, without processes and nodes around them:
 *
 *     npx tsx --expose-gc examples/search/measure.ts [folder] [partitions]
 *
 * Indexes every Markdown file below the folder (the repository's node_modules when none is given) and prints how many,
 * how long, how much memory, and what a search costs. One thread; the files are read beforehand.
 */
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { InvertedIndex, merge } from "./apps/index/src/inverted-index.ts"
import { partitionOf } from "./apps/index/src/partition.ts"
import { type Document, NotADocument, readDocument } from "./apps/ingest/src/document.ts"
import { walk } from "./apps/ingest/src/walk.ts"

const root = process.argv[2] ?? fileURLToPath(new URL("../../node_modules", import.meta.url))
const partitions = Number(process.argv[3] ?? 4)
const searches = [
  ["supervisor"],
  ["typescript", "config"],
  ["the"],
  ["how", "to", "install"],
  ["gen_server"],
  ["nosuchword"],
]

const files: { path: string; bytes: Uint8Array }[] = []
const walked = await timed(async () => {
  for await (const found of walk(root)) {
    if (found.kind === "file") files.push({ path: found.path, bytes: await readFile(found.file) })
    else console.log(`unreadable: ${found.path}: ${found.reason}`)
  }
})
const bytes = files.reduce((total, file) => total + file.bytes.byteLength, 0)
console.log(`read      ${files.length} files, ${megabytes(bytes)}, in ${seconds(walked)}`)

const documents: Document[] = []
const refused: string[] = []
const parsed = await timed(() => {
  for (const { path, bytes } of files) {
    try {
      documents.push(readDocument(path, bytes))
    } catch (error) {
      if (!(error instanceof NotADocument)) throw error
      refused.push(error.message)
    }
  }
})
console.log(`parsed    ${documents.length} documents in ${seconds(parsed)}; ${refused.length} refused`)
for (const message of refused.slice(0, 5)) console.log(`          ${message}`)

const before = memory()
const indexes = Array.from({ length: partitions }, () => new InvertedIndex())
let longest = 0
const indexed = await timed(() => {
  for (const document of documents) {
    const start = performance.now()
    indexes[partitionOf(document.path, partitions)]!.add(document)
    longest = Math.max(longest, performance.now() - start)
  }
})
const after = memory()
console.log(`indexed   in ${seconds(indexed)}; the slowest document took ${longest.toFixed(1)} ms`)
console.log(`memory    ${megabytes(after - before)}`)
for (const index of indexes) console.log(`          ${JSON.stringify(index.holdings)}`)

for (const words of searches) {
  const rounds = 200
  const ask = () =>
    merge(
      indexes.map((index) => index.search(words, 10)),
      10,
    )
  for (let round = 0; round < 20; round++) ask()
  const took = await timed(() => {
    for (let round = 0; round < rounds; round++) ask()
  })
  const [best] = ask()
  const title = best === undefined ? "no hits" : `${best.score.toFixed(2)} ${best.title} (${best.path})`
  console.log(`search    ${((took * 1000) / rounds).toFixed(0).padStart(6)} µs  ${words.join(" ")}: ${title}`)
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Heap and array buffers in use, after a collection when node was started with --expose-gc. */
function memory(): number {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`
}
