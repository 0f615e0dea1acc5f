/** Whether a string has a UTF-8 form. */

/** False for a text with a lone surrogate. */
export function isWellFormed(text: string): boolean {
  // In lib.es2024; all engines we run on have it, and answer at once for texts of Latin-1 characters.
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed()
}

/** The text with U+FFFD in place of each lone surrogate. */
export function toWellFormed(text: string): string {
  return (text as unknown as { toWellFormed(): string }).toWellFormed()
}
