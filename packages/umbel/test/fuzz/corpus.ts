/**
 * The corpus: inputs worth keeping, one for each way in which each target takes or refuses them, and every one that once found a bug.
 *
 * A file is a target's name on the first line, then one input to a line: what it comes to, and its bytes in hex.
 */
import { readdirSync, readFileSync } from "node:fs"

const FOLDER = new URL("./corpus/", import.meta.url)

export interface Kept {
  readonly target: string
  readonly outcome: string
  readonly bytes: Uint8Array
}

export function corpus(): readonly Kept[] {
  return readdirSync(FOLDER).flatMap((file) => {
    const [target = "", ...lines] = readFileSync(new URL(file, FOLDER), "utf8").trimEnd().split("\n")
    return lines.map((line) => {
      const [outcome = "", hex = ""] = line.split(" ")
      return { target, outcome, bytes: new Uint8Array(Buffer.from(hex, "hex")) }
    })
  })
}
