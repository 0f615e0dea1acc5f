/**
 * The feeder: keeps the index fed with every Markdown file of a folder, whatever happens to the index.
 *
 * It knows which life of each partition it has fed. A partition with another pid has started anew, with nothing in it, and is fed again; so is everything when
 * the node of the index comes back. A bounded number of readers works at a time.
 */
import { INDEX, partitionOf } from "@search/index"
import {
  type ApiFor,
  child,
  type DynamicSupervisorApi,
  genServer,
  isDown,
  locate,
  name,
  Pid,
  reportProgress,
  type Self,
  Tuple,
} from "umbel"
import { INDEX_AWAY, reader, type Task } from "./reader.ts"
import { walk } from "./walk.ts"

export const READERS = name<DynamicSupervisorApi>("ingest_readers")

/** Milliseconds until an index that could not be asked is asked again. */
const AGAIN_MS = 500
const LABEL = "indexing"

class Feeding {
  readonly folder: string
  readonly atOnce: number
  /** All files there are, found once. */
  files: readonly Task[] = []
  /** Files still to be read. */
  queue: Task[] = []
  /** What each live reader reads, by the key of its pid. */
  readonly reading = new Map<string, Task>()
  /** The life of each partition that was fed, by number. */
  readonly fed = new Map<number, string>()
  /** Whether the index has been asked for its partitions and has not answered. */
  asking = false
  done = 0
  failed = 0
  total = 0
  toldAt = 0

  constructor(folder: string, atOnce: number) {
    this.folder = folder
    this.atOnce = atOnce
  }
}

/** Where feeding stands. */
export interface Feed {
  readonly files: number
  readonly waiting: number
  readonly failed: number
}

export const feeder = genServer("search.ingest.feeder", {
  init(options: { folder: string; atOnce: number }, self) {
    reportProgress(self, { label: LABEL, done: 0, total: undefined })
    self.sendAfter(0, "walk")
    return new Feeding(options.folder, options.atOnce)
  },
  calls: {
    feed: ({ state }): Feed => ({
      files: state.files.length,
      waiting: state.queue.length + state.reading.size,
      failed: state.failed,
    }),
  },
  async info(self, message) {
    if (message === "walk") await findFiles(self)
    else if (message === "ask") ask(self)
    else if (isDown(message)) ended(self, message.target, message.reason)
    else if (isPartitions(message)) feedNewLives(self, message.partitions)
    await readMore(self)
    tell(self)
  },
  formatStatus: ({ folder, files, queue, reading, done, failed }) => ({
    folder,
    files: files.length,
    waiting: queue.length,
    reading: [...reading.values()].map((task) => task.path),
    done,
    failed,
  }),
})

export const FEEDER = name<ApiFor<typeof feeder>>("feeder")

async function findFiles(self: Self<Feeding>): Promise<void> {
  const files: Task[] = []
  for await (const found of walk(self.state.folder)) {
    if (found.kind === "file") files.push({ path: found.path, file: found.file })
    else self.state.failed++
  }
  self.state.files = files
  ask(self)
}

interface Partitions {
  readonly kind: "partitions"
  readonly partitions: readonly unknown[]
}
const isPartitions = (message: unknown): message is Partitions =>
  typeof message === "object" && message !== null && "partitions" in message

/** Which lives the partitions have now. The answer, or that there is none, comes as a message. */
function ask(self: Self<Feeding>): void {
  if (self.state.asking) return
  self.state.asking = true
  const asked = self.call(locate(self, INDEX, "index")).partitions()
  self.pipe(asked, (outcome) => ({
    kind: "partitions",
    partitions: outcome.status === "fulfilled" ? outcome.value : [],
  }))
}

function feedNewLives(self: Self<Feeding>, partitions: readonly unknown[]): void {
  const { state } = self
  state.asking = false
  partitions.forEach((partition, number) => {
    if (!(partition instanceof Pid) || state.fed.get(number) === partition.key) return
    self.monitor(partition)
    state.fed.set(number, partition.key)
    feedAgain(state, (task) => partitionOf(task.path, partitions.length) === number)
  })
  const missing = partitions.length === 0 || partitions.some((partition) => !(partition instanceof Pid))
  if (missing) self.sendAfter(AGAIN_MS, "ask")
}

function feedAgain(state: Feeding, which: (task: Task) => boolean): void {
  const waiting = new Set(state.queue.map((task) => task.path))
  const again = state.files.filter((task) => which(task) && !waiting.has(task.path))
  if (state.queue.length === 0 && state.reading.size === 0) {
    state.done = 0
    state.total = 0
  }
  state.queue.push(...again)
  state.total += again.length
}

/** A reader has ended, or a partition has. */
function ended(self: Self<Feeding>, target: unknown, reason: unknown): void {
  const { state } = self
  const key = target instanceof Pid ? target.key : ""
  const task = state.reading.get(key)
  if (task === undefined) {
    // A partition: its next life is up in a moment, that of its whole node later.
    self.sendAfter(10, "ask")
    return
  }
  state.reading.delete(key)
  if (reason instanceof Tuple && reason.elements[1] === INDEX_AWAY) {
    state.queue.push(task)
    self.sendAfter(AGAIN_MS, "ask")
    return
  }
  state.done++
  if (reason instanceof Tuple) state.failed++
}

async function readMore(self: Self<Feeding>): Promise<void> {
  const { state } = self
  // While the index is away there is nobody to read for.
  while (!state.asking && state.reading.size < state.atOnce && state.queue.length > 0) {
    const task = state.queue.shift()!
    const pid = await self.call(READERS).startChild(child(reader, { arg: task, restart: "temporary" }))
    state.reading.set(pid.key, task)
    self.monitor(pid)
  }
}

const TELL_EVERY = 25

function tell(self: Self<Feeding>): void {
  const { done, total, queue, reading, files, toldAt } = self.state
  if (files.length === 0) return
  const finished = queue.length === 0 && reading.size === 0
  const news = Math.abs(done - toldAt) >= TELL_EVERY || (finished && done !== toldAt)
  if (!news) return
  self.state.toldAt = done
  reportProgress(self, { label: LABEL, done, total, finished })
}
