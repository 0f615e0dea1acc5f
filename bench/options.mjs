/**
 * What the command line asks for.
 *
 *     readOptions(["--json", "local-call"], ["local-call", "ping-pong"])
 *     // { json: true, rows: ["local-call"], rounds: 7, build: true, help: false, erl: undefined }
 */

/** Rounds of each side, unless told. Odd, so that the median is one that was measured. */
const ROUNDS = 7
const ROUNDS_MAX = 1000

export const HELP = `npm run bench: Umbel beside the BEAM, JSON and HTTP, in one run on this machine.

  npm run bench                                all rows; takes some three minutes
  npm run bench -- local-call etf-encode       only these
  npm run bench -- --rounds 15 remote-cast     more rounds: steadier medians on a busy machine
  npm run bench -- --json > results.jsonl      one object a line; everything else goes to standard error
                                               (npm itself prints two lines first; npm run --silent does not)

Options:
  --rounds N     rounds of each side, interleaved (1 to ${ROUNDS_MAX}, ${ROUNDS} unless told)
  --json         {"row","peer","umbel","other","unit","ratio","goal"}; a ratio above 1 is in Umbel's favour
  --erl PATH     another Erlang than the first one on the PATH, to compare with another OTP
  --no-build     measure what is built already
  --help         this

Rows:`

/**
 * @typedef {object} Options
 * @property {readonly string[]} rows Which rows, in the order in which they are known.
 * @property {number} rounds
 * @property {boolean} json
 * @property {boolean} build
 * @property {boolean} help
 * @property {string | undefined} erl
 */

/** The command line asks for something that there is not. Its message is for people. */
export class UsageError extends Error {
  /** @override */
  name = "UsageError"
}

/**
 * @param {readonly string[]} args
 * @param {readonly string[]} known The names of all rows.
 * @returns {Options}
 */
export function readOptions(args, known) {
  const asked = new Set()
  const options = {
    rounds: ROUNDS,
    json: false,
    build: true,
    help: false,
    erl: /** @type {string | undefined} */ (undefined),
  }
  const left = [...args]
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1
    if (equals > 0) {
      left.unshift(arg.slice(equals + 1))
      arg = arg.slice(0, equals)
    }
    if (arg === "--rounds") options.rounds = roundsOf(left.shift())
    else if (arg === "--erl") options.erl = pathOf(left.shift())
    else if (equals > 0) throw new UsageError(`${arg} takes no value.`)
    else if (arg === "--json") options.json = true
    else if (arg === "--no-build") options.build = false
    else if (arg === "--help" || arg === "-h") options.help = true
    else if (arg.startsWith("-")) throw new UsageError(`there is no option ${arg}; see --help.`)
    else if (!known.includes(arg)) throw new UsageError(`there is no row ${arg}; there are ${known.join(", ")}.`)
    else asked.add(arg)
  }
  return { ...options, rows: asked.size === 0 ? known : known.filter((row) => asked.has(row)) }
}

/** @param {string | undefined} text */
function roundsOf(text) {
  const rounds = Number(text)
  if (text !== undefined && /^\d+$/.test(text) && rounds >= 1 && rounds <= ROUNDS_MAX) return rounds
  throw new UsageError(`--rounds: expected a whole number from 1 to ${ROUNDS_MAX}, got ${text ?? "nothing"}.`)
}

/** @param {string | undefined} text */
function pathOf(text) {
  if (text === undefined || text === "" || text.startsWith("-")) {
    throw new UsageError(`--erl: expected the path of an erl, got ${text || "nothing"}.`)
  }
  return text
}
