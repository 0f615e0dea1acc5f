/** What somebody's own code threw, with the lines that are theirs: not those of Node.js, of the command, or of the library. */
import { inspect } from "umbel"

const LINES = 6
const NOT_THEIRS =
  /node:|\(<anonymous>\)|at <anonymous>:\d|[\\/](?:umbel|cli)[\\/](?:src|dist|bin)[\\/]|[\\/]node_modules[\\/](?:commander|@umbel|umbel)[\\/]/

export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${inspect(error)}`
  const lines = (error.stack ?? String(error)).split("\n")
  const first = lines.findIndex((line) => /^\s+at /.test(line))
  if (first < 0) return lines.join("\n")
  const frames = lines.slice(first).filter((frame) => !NOT_THEIRS.test(frame))
  return [...lines.slice(0, first), ...frames.slice(0, LINES)].join("\n")
}
