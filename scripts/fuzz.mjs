/**
 * `npm run fuzz`: damaged frames, handshakes, epmd messages and terms against everything that reads bytes from a network.
 *
 *     npm run fuzz                                a million inputs of a fresh seed
 *     npm run fuzz -- --count 10000000 --seed 42  so many, of this seed
 *     npm run fuzz -- --seed 42 --from 977 --count 1   one input again, as a failure's last line says it
 *     npm run fuzz -- --save FILE                 keeps what a failure was found with, for packages/umbel/test/fuzz/corpus
 *
 * Runs the sources, through tsx, with a copy of Node of its own. The exit code is 1 when something crashed, hung or grew, 2 for arguments that are none.
 */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("../packages/umbel/test/fuzz/run-fuzz.ts", import.meta.url))
const args = ["--expose-gc", "--conditions=@umbel/source", "--import=tsx", program, ...process.argv.slice(2)]
const child = spawn(process.execPath, args, { stdio: "inherit" })
child.on("exit", (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1
})
