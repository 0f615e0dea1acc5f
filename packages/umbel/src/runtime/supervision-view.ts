/**
 * What a supervisor shows of its children: their number, and pages of them that are made when somebody looks, as there may be very many.
 */
import type { ChildDescription, SupervisionDescription } from "./process.ts"

/** How many children are shown where nobody asks for a page. */
const FIRST_PAGE = 1_000

/** @internal */
export function supervisionView(
  facts: Omit<SupervisionDescription, "count" | "children" | "page">,
  count: number,
  page: (from: number, limit: number) => readonly ChildDescription[],
): SupervisionDescription {
  return {
    ...facts,
    count,
    page,
    get children() {
      return page(0, FIRST_PAGE)
    },
  }
}

/** At most `limit` of `items` from the one with index `from` on. @internal */
export function pageOf<T>(items: Iterable<T>, from: number, limit: number): T[] {
  const page: T[] = []
  let index = 0
  for (const item of items) {
    if (page.length >= limit) break
    if (index++ >= from) page.push(item)
  }
  return page
}
