/** Prints length and hash of the trace of one seed: run by a test in an operating-system process of its own. */
import { simulate } from "../../src/sim/index.ts"
import { busy } from "./scenario.ts"

const world = simulate({ seed: Number(process.argv[2]) })
await busy(world)
process.stdout.write(`${world.trace.count} ${world.trace.hash}\n`)
