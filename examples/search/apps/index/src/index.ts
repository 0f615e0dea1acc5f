/** What other applications may know of the index. */
export { INDEX, type IndexApi } from "./api.ts"
export type { Document, Hit } from "./inverted-index.ts"
export { partitionOf } from "./partition.ts"
