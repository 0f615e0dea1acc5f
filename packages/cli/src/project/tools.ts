/** The tools of a project: its own version of each, or the one this command was installed with. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { UsageError } from "../usage-error.ts"

/** The folder of a package as the project's root sees it. @throws UsageError when it is not installed */
export function packageFolder(name: string, root: string): string {
  for (const from of [join(root, "package.json"), import.meta.url]) {
    try {
      return dirname(createRequire(from).resolve(`${name}/package.json`))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error
    }
  }
  throw new UsageError(`${name} is not installed in ${root}`, `npm install --save-dev ${name}`)
}

/** The script behind a command of a package. @throws UsageError */
export function binOf(name: string, command: string, root: string): string {
  const folder = packageFolder(name, root)
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    bin: string | Record<string, string>
  }
  return join(folder, typeof bin === "string" ? bin : bin[command]!)
}
