/**
 * Brings this machine to where the benchmarks run: installs the packages if need be, and builds the library (and nothing else).
 *
 * A program of its own, so that what npm and the compiler print can be kept out of `--json`.
 */
import { run, SetUpError, setUp, tsc } from "../scripts/setup.mjs"

try {
  await setUp({ build: false })
  const projects = ["packages/umbel/src/umbel", "packages/umbel/src/nodejs"]
  if ((await run(process.execPath, [tsc(), "-b", ...projects])) !== 0) throw new SetUpError("the build failed.")
} catch (error) {
  if (!(error instanceof SetUpError)) throw error
  console.error(`umbel: ${error.message}`)
  process.exitCode = 1
}
