/**
 * What the command line of a script asks for; or, before anything is done, its usage, or what is wrong in one line.
 *
 *     const { values } = commandLine({ options: { seed: { type: "string" } } }, "npm run soak -- [--seed 42]")
 *
 * `--help` prints the usage and ends with 0. An option that there is not ends with 2, and so does what {@link wrong} is told.
 */
import { parseArgs } from "node:util"

/**
 * @template {import("node:util").ParseArgsConfig} const C
 * @param {C} config As of `parseArgs`; `--help` is known besides.
 * @param {string} usage
 * @returns {ReturnType<typeof parseArgs<C>>}
 */
export function commandLine(config, usage) {
  if (process.argv.slice(2).some((arg) => arg === "--help" || arg === "-h")) {
    console.log(usage)
    process.exit(0)
  }
  try {
    return parseArgs(config)
  } catch (error) {
    if (!(error instanceof TypeError && "code" in error)) throw error
    // What comes behind tells of arguments that begin with a dash: there are none.
    return wrong(error.message.split(". ", 1)[0] ?? "", usage)
  }
}

/**
 * Ends the script.
 * @param {string} problem
 * @param {string} usage
 * @returns {never}
 */
export function wrong(problem, usage) {
  console.error(`${problem}\n${usage}`)
  process.exit(2)
}
