/**
 * What the index can be asked, by whichever node: the contract that `ingest` and `web` build on. From Erlang it is
 * `gen_server:call({index, 'back@127.0.0.1'}, {search, [<<"supervisor">>], 5})`.
 */
import { type Api, name, type Pid } from "umbel"
import type { Document, Hit } from "./inverted-index.ts"

export interface IndexApi extends Api {
  calls: {
    /** The best hits for documents with any of these words, best first. Parts of the index that are down are passed over. */
    search(words: readonly string[], limit: number): readonly Hit[]
    /** Adds a document, or replaces the one of that path. Answers when it can be found; refused with `down` while its partition is. */
    add(document: Document): "ok"
    /** The partitions, in their order. One with another pid than before has started anew, with nothing in it. */
    partitions(): readonly (Pid | undefined)[]
    /** How many documents can be found. */
    documents(): number
  }
  casts: {}
}

/** Where the index is registered, on the node that runs it. */
export const INDEX = name<IndexApi>("index")
