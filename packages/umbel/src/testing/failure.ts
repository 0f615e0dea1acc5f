/**
 * What went wrong in a test, in words, at the line of the test that asked.
 */

/** An expectation about processes did not hold. */
export class TestFailure extends Error {
  override readonly name = "TestFailure"
}

const OURS = /[\\/]umbel[\\/](?:src|dist)[\\/](?:testing|sim|runtime|otp)[\\/]/

/** Remembers the caller's line, for a failure that is known only later. */
export function failureAt(): (message: string) => TestFailure {
  const { stack = "" } = new Error("the line of the test")
  const frames = stack.split("\n").slice(1)
  const theirs = frames.filter((frame) => !OURS.test(frame))
  return (message) => {
    const failure = new TestFailure(message)
    failure.stack = [`TestFailure: ${message}`, ...(theirs.length > 0 ? theirs : frames)].join("\n")
    return failure
  }
}

/** A report within a failure. The bar keeps its stack from being taken for that of the failure, whose line is the test's. */
export const quoted = (text: string): string => text.replace(/^(?=.)/gm, "    │ ")
