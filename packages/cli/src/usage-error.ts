/** A mistake of the user's: one sentence, and the way to mend it. Printed without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError"
  readonly cure: string
  readonly exitCode: number = 1
  constructor(problem: string, cure: string) {
    super(problem)
    this.cure = cure
  }
}

/** What the command ends with when tests failed, coverage is below what was asked for, or a check found something. */
export const TESTS_FAILED = 2
export const COVERAGE_LOW = 3
export const CHECK_FAILED = 4
/** A release that was built does not run. */
export const RELEASE_FAILED = 5
/** No node answers. */
export const UNREACHABLE = 69

/** As timeout(1) has it. */
export const TIMED_OUT = 124

/** No node answers there. */
export class Unreachable extends UsageError {
  override readonly exitCode = UNREACHABLE
}

/** A node is there, and has not answered in time. */
export class TimedOut extends UsageError {
  override readonly exitCode = TIMED_OUT
}
