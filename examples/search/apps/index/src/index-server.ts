/**
 * The door of the index: knows the partitions, routes documents to them, asks all of them and merges what they answer.
 *
 * It holds no documents itself and never waits: what a partition takes, only the caller waits for.
 */
import { CallExit, type GenServer, genServer, refuse } from "umbel"
import type { IndexApi } from "./api.ts"
import { type Document, merge } from "./inverted-index.ts"
import { partitionOf } from "./partition.ts"
import { partitionName } from "./partition-server.ts"

const SEARCH_MS = 3_000
const ADD_MS = 30_000

export const indexServer: GenServer<number, IndexApi> = genServer("search.index.server", {
  init: (partitions: number) => ({ partitions, names: Array.from({ length: partitions }, (_, i) => partitionName(i)) }),
  calls: {
    search(self, words: readonly string[], limit: number) {
      const answers = self.state.names.map((name) =>
        unlessDown(self.call(name, { timeout: SEARCH_MS }).search(words, limit)),
      )
      return self.later(
        Promise.all(answers).then((all) =>
          merge(
            all.filter((answer) => answer !== undefined),
            limit,
          ),
        ),
      )
    },
    add(self, document: Document) {
      const name = self.state.names[partitionOf(document.path, self.state.partitions)]!
      // A partition that is down is the caller's matter: it hears so, and this server goes on.
      return self.later(
        unlessDown(self.call(name, { timeout: ADD_MS }).add(document)).then((done) => done ?? refuse("down")),
      )
    },
    partitions: (self) => self.state.names.map((name) => self.whereis(name)),
    documents(self) {
      const counts = self.state.names.map((name) => unlessDown(self.call(name).documents()))
      return self.later(Promise.all(counts).then((all) => all.reduce<number>((sum, count) => sum + (count ?? 0), 0)))
    },
  },
})

/** Undefined from a partition that is down or late: an answer without it is better than none. */
function unlessDown<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof CallExit) return undefined
    throw error
  })
}
