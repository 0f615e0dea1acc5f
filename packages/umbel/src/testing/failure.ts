/**
 * What went wrong in a test, in words, at the line of the test that asked.
 */

/** An expectation about processes did not hold. */
export class TestFailure extends Error {
  override readonly name = "TestFailure"
}

const OURS = /[\\/]umbel[\\/](?:src|dist)[\\/](?:testing|sim|runtime|otp)[\\/]/

/** Remembers the caller's line, for a failure that is known only later. */
export function failureAt(): (message: string, cause?: unknown) => TestFailure {
  const { stack = "" } = new Error("the line of the test")
  const frames = stack.split("\n").slice(1)
  const theirs = frames.filter((frame) => !OURS.test(frame))
  return (message, cause) => {
    const failure = new TestFailure(message, cause === undefined ? undefined : { cause })
    failure.stack = [`TestFailure: ${message}`, ...(theirs.length > 0 ? theirs : frames)].join("\n")
    return failure
  }
}

/** `text` with every line further in. */
export const indented = (text: string, by = 2): string => text.replace(/^(?=.)/gm, " ".repeat(by))
