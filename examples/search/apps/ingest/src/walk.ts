/**
 * A walk: every Markdown file of a folder tree, one after the other.
 *
 * ```ts
 * for await (const found of walk("/srv/docs")) {
 *   if (found.kind === "file") await start(found.file)        // "/srv/docs/guide/otp.md"
 *   else console.warn(found.path, found.reason)               // a folder that could not be read: the walk goes on
 * }
 * ```
 *
 * `node_modules` is walked, `.git` is not. Symbolic links are not followed: what one points to is either in the tree, and
 * found there, or outside of it and none of our business; so a link cannot lead round in a circle, nor show a
 * file twice. One folder is open at a time: its names are read, it is closed, and only then is anything handed out, so
 * that a slow consumer holds no descriptor. The order is that of the names, the same on every machine.
 */
import type { Dirent } from "node:fs"
import { opendir } from "node:fs/promises"
import { join } from "node:path"

/** What a walk comes upon. `path` is below the root, with `/` between names; the root itself is `"."`. */
export type Found =
  | { readonly kind: "file"; readonly path: string /** Where to read it. */; readonly file: string }
  | {
      readonly kind: "unreadable"
      readonly path: string /** As `EACCES: permission denied, …`. */
      readonly reason: string
    }

const MARKDOWN = /\.(md|markdown)$/i
const IGNORED: ReadonlySet<string> = new Set([".git"])

/** Walks the tree under `root`. Never throws: a folder that cannot be read, the root too, is handed out as such. */
export async function* walk(root: string): AsyncGenerator<Found, void, undefined> {
  // Depth first, the next folder on top. It holds at most the siblings of the folders on the way down.
  const waiting = [""]
  for (;;) {
    const folder = waiting.pop()
    if (folder === undefined) return
    const read = await entries(join(root, folder))
    if (read.reason !== undefined) yield { kind: "unreadable", path: folder || ".", reason: read.reason }
    const below = folder === "" ? "" : `${folder}/`
    for (const { name } of read.entries.filter((entry) => entry.isFile() && MARKDOWN.test(entry.name))) {
      yield { kind: "file", path: below + name, file: join(root, folder, name) }
    }
    const folders = read.entries.filter((entry) => entry.isDirectory() && !IGNORED.has(entry.name))
    for (const { name } of folders.reverse()) waiting.push(below + name)
  }
}

/** What a folder holds, sorted by name. When reading breaks off, what was read until then, and why. */
async function entries(folder: string): Promise<{ entries: Dirent[]; reason: string | undefined }> {
  const entries: Dirent[] = []
  let reason: string | undefined
  try {
    // Leaving the loop, by its end or by an error, closes the folder.
    for await (const entry of await opendir(folder)) {
      if (entry.isDirectory() || MARKDOWN.test(entry.name)) entries.push(entry)
    }
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error)
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return { entries, reason }
}
