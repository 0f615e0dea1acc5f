/**
 * Functions made for the keys of one kind of object: code that names the keys takes and stores their values in half the time that it takes with keys out of
 * a list.
 *
 * ```ts
 * const functions = new Generated(100)
 * functions.make('["id","name"]', "(d) => …", [])   // the same function for the same name; undefined when there can be no more
 * ```
 *
 * There are so many and no more, since peers choose the keys; and none where the engine was told not to make code of text (a content security policy, or
 * `--disallow-code-generation-from-strings`). Whoever gets none does without.
 */
export class Generated<F> {
  private readonly made = new Map<string, F>()
  private readonly most: number
  private allowed = true

  constructor(most: number) {
    this.most = most
  }

  /**
   * @param name What it is for; one of that name is made once.
   * @param source An expression whose value is the function. Texts in it must have gone through `JSON.stringify`.
   */
  make(name: string, source: () => string): F | undefined {
    const known = this.made.get(name)
    if (known !== undefined || !this.allowed || this.made.size >= this.most) return known
    try {
      const made = new Function(`"use strict"; return ${source()}`)() as F
      this.made.set(name, made)
      return made
    } catch (error) {
      if (!(error instanceof EvalError)) throw error
      this.allowed = false
      return undefined
    }
  }
}
