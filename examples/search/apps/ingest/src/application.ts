/**
 * The application `ingest`: reads files, and sends their words to `index`, on whatever node that is.
 *
 *     search.ingest.supervisor
 *     ├─ ingest_readers     one temporary process per file
 *     └─ feeder
 */
import { application, child, dynamicSupervisor, supervisor } from "umbel"
import { FEEDER, feeder, READERS } from "./feeder.ts"
import { reader } from "./reader.ts"

const readers = dynamicSupervisor("search.ingest.readers", {})

export default application({
  name: "ingest",
  description: "Reads Markdown files",
  modules: [reader],
  config: {
    /** The folder whose Markdown files are read; where the node was started unless told. */
    folder: ".",
    /** Files read at a time. */
    atOnce: 32,
  },
  start: ({ folder, atOnce }) =>
    supervisor("search.ingest.supervisor", {
      // Without its readers the feeder's bookkeeping is wrong: it starts again with them.
      strategy: "rest_for_one",
      children: [child(readers, { name: READERS }), child(feeder, { arg: { folder, atOnce }, name: FEEDER })],
    }),
})
