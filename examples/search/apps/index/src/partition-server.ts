/** One partition of the index, as a process: its documents are its state, and gone when it ends. */
import { type ApiFor, genServer, type Name, name } from "umbel"
import { type Document, InvertedIndex } from "./inverted-index.ts"

export const partitionServer = genServer("search.index.partition", {
  init: () => ({ index: new InvertedIndex() }),
  calls: {
    add({ state }, document: Document) {
      state.index.add(document)
      return "ok" as const
    },
    search: ({ state }, words: readonly string[], limit: number) => state.index.search(words, limit),
    documents: ({ state }) => state.index.holdings.documents,
  },
  formatStatus: ({ index }) => index.holdings,
})

export type PartitionApi = ApiFor<typeof partitionServer>

/** `index_0`, `index_1`, … */
export const partitionName = (number: number): Name<PartitionApi> => name<PartitionApi>(`index_${number}`)
