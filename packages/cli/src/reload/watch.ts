/**
 * Tells which files below some folders change. One watch per folder, so that files that an editor replaces are seen as well as those it writes.
 *
 * ```ts
 * const watching = watchFolders(["/abc/apps/b/src"], (files) => …)
 * watching.close()
 * ```
 */
import { type FSWatcher, readdirSync, statSync, watch } from "node:fs"
import { join } from "node:path"

/** A save is several events; what comes within so many milliseconds is one change. */
const SETTLE_MS = 12
/** A file that is empty for so many milliseconds is meant to be. */
const EMPTY_MS = 200
const SKIPPED = new Set(["node_modules", "dist", "coverage"])

export interface Watching {
  close(): void
}

/** `changed` gets the paths, and the time of the first event on the clock of `performance.now()`. Folders that come later are watched too. */
export function watchFolders(
  folders: readonly string[],
  changed: (files: ReadonlySet<string>, at: number) => void,
  deep = true,
): Watching {
  const watchers = new Map<string, FSWatcher>()
  let files = new Set<string>()
  let at = 0
  let timer: NodeJS.Timeout | undefined
  const tell = (): void => {
    // Most editors empty a file before they write it: what is empty is not finished yet, unless it stays so.
    if (performance.now() - at < EMPTY_MS && [...files].some(isEmpty)) {
      timer = setTimeout(tell, SETTLE_MS)
      return
    }
    const told = files
    files = new Set()
    timer = undefined
    changed(told, at)
  }
  const add = (folder: string): void => {
    if (watchers.has(folder)) return
    let watcher: FSWatcher
    try {
      watcher = watch(folder, (_, name) => {
        if (name === null) return
        if (timer === undefined) at = performance.now()
        clearTimeout(timer)
        timer = setTimeout(tell, SETTLE_MS)
        files.add(join(folder, name))
        if (deep) look(folder)
      })
    } catch (error) {
      // It has gone again meanwhile.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return
      throw error
    }
    // A folder that is removed: its own watch has nothing to say any more.
    watcher.on("error", () => forget(folder))
    watchers.set(folder, watcher)
    if (deep) look(folder)
  }
  const forget = (folder: string): void => {
    watchers.get(folder)?.close()
    watchers.delete(folder)
  }
  const look = (folder: string): void => {
    try {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory() && !SKIPPED.has(entry.name) && !entry.name.startsWith("."))
          add(join(folder, entry.name))
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
      forget(folder)
    }
  }
  for (const folder of folders) add(folder)
  return {
    close: () => {
      clearTimeout(timer)
      for (const folder of [...watchers.keys()]) forget(folder)
    },
  }
}

const isEmpty = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.size === 0
