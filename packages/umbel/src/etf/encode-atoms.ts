/** What is done with an atom before it is written: counted for peers that never forget one, spelt in Latin-1 for ErlPort. */
import { atomObjection, NotATerm } from "../term/index.ts"
import type { AtomBudget } from "./limits.ts"
import { ATOM } from "./tags.ts"
import type { Writer } from "./writer.ts"

/** The atoms of one term, held against the budget of the peer that is sent it. */
export class SentAtoms {
  private readonly budget: AtomBudget
  /** Those that this term added to the budget. */
  private added: string[] | undefined

  constructor(budget: AtomBudget) {
    this.budget = budget
    this.added = undefined
  }

  /** @throws NotATerm when the budget is spent. */
  count(text: string): void {
    const { budget } = this
    switch (budget.admit(text)) {
      case "new":
        this.added ??= []
        this.added.push(text)
        break
      case "refused":
        throw new NotATerm(
          `the atom ${JSON.stringify(text.slice(0, 60))} would be the ${budget.limit + 1}th that is sent to this peer, ` +
            "which never forgets one; use a Map with strings as keys (see json) for open-ended keys",
        )
    }
  }

  /** The term was written. */
  keep(): void {
    this.added = undefined
  }

  /** Undoes what a failed term did to the budget. */
  takeBack(): void {
    if (this.added !== undefined) this.budget.forget(this.added)
    this.added = undefined
  }
}

/** Writes an atom for ErlPort. @throws NotATerm for one beyond Latin-1. */
export function putLatin1(writer: Writer, text: string): void {
  const objection = atomObjection(text)
  if (objection !== undefined) throw objection
  writer.u8(ATOM)
  writer.u16(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff) throw new NotATerm("an atom beyond Latin-1 cannot be sent to ErlPort")
    writer.u8(code)
  }
}
