/** What was typed before, in the user's state folder: one line per entry, as JSON, so that several lines of text are one entry. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"

const ENTRIES_MAX = 1_000

/** `$XDG_STATE_HOME/umbel/shell-history`, `~/.local/state/…` unless that is set. */
export function historyFile(env: Readonly<Record<string, string | undefined>>): string {
  const state = env["XDG_STATE_HOME"]
  return join(
    state === undefined || state === "" ? join(homedir(), ".local", "state") : state,
    "umbel",
    "shell-history",
  )
}

/** The newest first, as readline wants it. None where the file cannot be read. */
export function readHistory(file: string): string[] {
  let text: string
  try {
    text = readFileSync(file, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
    throw error
  }
  return text.split("\n").flatMap(entryOf).slice(-ENTRIES_MAX).reverse()
}

function entryOf(line: string): string[] {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === "string" ? [entry] : []
  } catch {
    // A line that was cut off when the machine went down.
    return []
  }
}

/** Adds an entry, for its owner only. What other shells have added meanwhile stays. */
export function remember(file: string, entry: string): void {
  const older = readHistory(file).reverse()
  const entries = [...older.filter((one) => one !== entry), entry].slice(-ENTRIES_MAX)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, `${entries.map((one) => JSON.stringify(one)).join("\n")}\n`, { mode: 0o600 })
}
