/**
 * The application `index`: an inverted index in partitions.
 *
 *     search.index.supervisor
 *     ├─ search.index.partitions
 *     │  ├─ index_0  …  index_3
 *     └─ index
 */
import { application, child, supervisor } from "umbel"
import { INDEX } from "./api.ts"
import { indexServer } from "./index-server.ts"
import { partitionName, partitionServer } from "./partition-server.ts"

const partitions = supervisor("search.index.partitions", {
  // A partition is cheap to lose, as it is fed again: a person who kills some of them in a row should not end the application.
  intensity: 10,
  children: (count: number) =>
    Array.from({ length: count }, (_, i) => child(partitionServer, { name: partitionName(i) })),
})

export default application({
  name: "index",
  description: "An inverted index in partitions",
  config: { partitions: 4 },
  start: ({ partitions: count }) =>
    supervisor("search.index.supervisor", {
      children: [child(partitions, { arg: count, id: "partitions" }), child(indexServer, { arg: count, name: INDEX })],
    }),
})
