/** What a branch of git touches. */
import { spawnSync } from "node:child_process"
import { UsageError } from "../usage-error.ts"

/** Files that differ from where this branch left the base, new ones included. @throws UsageError without git */
export function changedSince(root: string, base: string | true): readonly string[] {
  const git = (...args: string[]): string | undefined => {
    const run = spawnSync("git", args, { cwd: root, encoding: "utf8" })
    return run.status === 0 ? run.stdout : undefined
  }
  const candidates = base === true ? ["origin/HEAD", "origin/main", "main", "master", "HEAD"] : [base]
  const commit = candidates.map((one) => git("merge-base", one, "HEAD")).find((one) => one !== undefined)
  if (commit === undefined) {
    throw new UsageError(
      base === true ? `${root} is in no git repository with a commit` : `git knows no ${base}`,
      "--affected compares with a branch or commit of git",
    )
  }
  const changed = git("diff", "--name-only", "--relative", commit.trim()) ?? ""
  const untracked = git("ls-files", "--others", "--exclude-standard") ?? ""
  return [...changed.split("\n"), ...untracked.split("\n")].filter((line) => line !== "")
}
