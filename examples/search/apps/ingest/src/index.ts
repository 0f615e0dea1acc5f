/** What other applications may know of reading. */
export { FEEDER, type Feed } from "./feeder.ts"
