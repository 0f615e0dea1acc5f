/** A mistake of the user's: one sentence, and the way to mend it. Printed without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError"
  readonly cure: string
  constructor(problem: string, cure: string) {
    super(problem)
    this.cure = cure
  }
}
