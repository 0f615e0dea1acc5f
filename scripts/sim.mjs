/**
 * `npm run sim`: a busy cluster in a simulated world, from one seed.
 *
 *     npm run sim -- 42                     this seed: its options, its trace's hash, and, should an invariant break, which
 *     npm run sim -- 42 --without 3,7       the same without the faults 3 and 7, as a failure's last line says it
 *     npm run sim                           fresh seeds for a minute; the first that fails is shrunk and told
 *     npm run sim -- --seconds 600          for longer
 *
 * Runs the sources, through tsx, with a copy of Node of its own. The exit code is 1 when an invariant broke, 2 for arguments that are none.
 */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("../packages/umbel/test/sim/run-seeds.ts", import.meta.url))
const args = ["--conditions=@umbel/source", "--import=tsx", program, ...process.argv.slice(2)]
const child = spawn(process.execPath, args, { stdio: "inherit" })
child.on("exit", (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1
})
