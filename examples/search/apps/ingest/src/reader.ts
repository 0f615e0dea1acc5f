/**
 * A reader: reads one file, sends its words to the index, and ends. One process a file, so whatever is wrong with a file ends nothing but its reader.
 */
import { open } from "node:fs/promises"
import { INDEX } from "@search/index"
import { CallExit, CallRefused, genServer, locate, shutdown, tuple } from "umbel"
import { MAX_BYTES, readDocument, tooLarge } from "./document.ts"

export interface Task {
  readonly path: string
  readonly file: string
}

/** The reason a reader ends with when the index could not take its document: the file is fine, and is to be fed again. */
export const INDEX_AWAY = "index_away"

const ADD_MS = 30_000

export const reader = genServer("search.ingest.reader", {
  init(task: Task, self) {
    self.label(task.path)
    self.sendAfter(0, "read")
    return task
  },
  async info(self) {
    const { path, file } = self.state
    const document = readDocument(path, await contents(path, file))
    try {
      await self.call(locate(self, INDEX, "index"), { timeout: ADD_MS }).add(document)
      self.stop()
    } catch (error) {
      if (!(error instanceof CallExit || error instanceof CallRefused)) throw error
      self.stop(tuple(shutdown, INDEX_AWAY))
    }
  },
})

async function contents(path: string, file: string): Promise<Uint8Array> {
  await using handle = await opened(file)
  const { size } = await handle.file.stat()
  if (size > MAX_BYTES) throw tooLarge(path, size, MAX_BYTES)
  return handle.file.readFile()
}

async function opened(path: string) {
  const file = await open(path)
  return { file, [Symbol.asyncDispose]: () => file.close() }
}
