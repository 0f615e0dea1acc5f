/**
 * `npm start`: sets this machine up, then brings the search engine of `examples/search` up.
 *
 *     npm start                               [web, ingest] + [index]: two operating-system processes
 *     npm start -- --deployment mono          all three applications in one
 *     npm start -- /srv/docs                  the Markdown files of another folder
 *
 * Everything after the set-up is the command line's work; it runs in this very process, so that Ctrl-C, signals and the
 * exit code are its own.
 */
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { ROOT, SetUpError, setUp } from "./setup.mjs"

// npm moves to the root of the repository, and remembers here where it was called.
const HERE = process.env.INIT_CWD ?? process.cwd()

/** The options of `umbel up` that are followed by a value. */
const VALUED = new Set(["-s", "--set", "--host", "--observer", "--log"])

try {
  await start()
} catch (error) {
  if (!(error instanceof SetUpError)) throw error
  console.error(`umbel: ${error.message}`)
  process.exitCode = 1
}

async function start() {
  const { deployment, rest } = readArguments(process.argv.slice(2))
  await setUp()
  const cli = join(ROOT, "packages", "cli", "bin", "umbel.mjs")
  process.chdir(join(ROOT, "examples", "search"))
  process.argv.splice(1, process.argv.length, cli, "up", deployment, ...rest)
  await import(pathToFileURL(cli).href)
}

/**
 * A word by itself is the folder to read; options, and the values that follow them, are the command's own.
 * @param {string} arg
 * @param {readonly string[]} before
 */
function passedOn(arg, before) {
  const value = VALUED.has(before.at(-1) ?? "")
  return arg.startsWith("-") || value ? [arg] : ["--set", `ingest.folder=${resolve(HERE, arg)}`]
}

/**
 * Takes the deployment out of the arguments; a folder is made absolute, since the working directory changes.
 * @param {readonly string[]} args
 */
function readArguments(args) {
  let deployment = "split"
  /** @type {string[]} */
  const rest = []
  let expected = false
  for (const arg of args) {
    if (expected) deployment = arg
    else if (arg.startsWith("--deployment=")) deployment = arg.slice("--deployment=".length)
    else if (arg !== "--deployment") rest.push(...passedOn(arg, rest))
    expected = !expected && arg === "--deployment"
  }
  if (expected) deployment = ""
  if (deployment === "") throw new SetUpError("--deployment: expected a name, as in --deployment mono.")
  return { deployment, rest }
}
