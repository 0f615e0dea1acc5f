/** Which errors are no bug of the command's but something its user can mend, and how. */
import { ApplicationFailed, ConfigError } from "umbel"
import { EpmdError } from "umbel/nodejs"
import { describeProblems, ProblemsFound } from "../reload/problems.ts"
import { type Chosen, type Configuration, configurationOf, type Project } from "../reload/project.ts"
import { UsageError } from "../usage-error.ts"

/** Paths are shown from `root`. Undefined for what is a bug. */
export function mistake(error: unknown, root: string): UsageError | undefined {
  if (error instanceof UsageError) return error
  if (error instanceof ProblemsFound)
    return new UsageError(
      `this does not compile\n\n${describeProblems(error.problems, root)}\n`,
      "mend it, and start again",
    )
  if (error instanceof EpmdError)
    return new UsageError(error.message, "umbel nodes shows who is there; --name gives this one another name")
  if (error instanceof ConfigError)
    return new UsageError(error.message, "umbel config --explain KEY shows who said what")
  if (error instanceof ApplicationFailed) return new UsageError(error.message, "the report above says where")
  return undefined
}

/** The configuration over the applications' own. @throws UsageError */
export async function configured(project: Project, chosen: Chosen, set: readonly string[]): Promise<Configuration> {
  try {
    return await configurationOf(project, chosen, set)
  } catch (error) {
    throw mistake(error, project.root) ?? error
  }
}
