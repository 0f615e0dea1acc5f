/**
 * `npm run soak`: five nodes under load, two of them BEAM nodes, while Umbel nodes are killed, paused and cut off.
 *
 *     npm run soak                               a minute of it, from a fresh seed
 *     npm run soak -- --minutes 10 --seed 42     ten minutes, of this seed
 *     npm run soak -- --visible                  with Umbel nodes that take part in `global`; they are hidden unless told
 *
 * Needs Erlang. Runs the sources, through tsx, with a copy of Node of its own. The exit code is 1 when a BEAM node lost the other, or the nodes do
 * not agree in the end, or it ended before its time, which it says; 2 for arguments that are none.
 */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("../interop/soak/run-soak.ts", import.meta.url))
const args = ["--conditions=@umbel/source", "--import=tsx", program, ...process.argv.slice(2)]
const child = spawn(process.execPath, args, { stdio: "inherit" })
// What ends this ends the soak, which then says so and takes its nodes with it.
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
  process.on(signal, () => child.kill(signal))
child.on("error", (error) => {
  console.error(`the soak could not be started: ${error.message}`)
  process.exitCode = 1
})
child.on("exit", (code, signal) => {
  if (signal !== null) console.error(`the soak was ended by ${signal} before it was over; its nodes may still run`)
  process.exitCode = signal === null ? (code ?? 1) : 1
})
