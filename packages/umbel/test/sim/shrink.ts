/**
 * The fewest faults that a failure needs, or nearly so.
 *
 * ```ts
 * await shrink(12, new Set(), async (without) => fails(await run(seed, without)))   // Set {0, 1, 2, …}: all these can be left out
 * ```
 *
 * Each fault is left out in turn, the last first, as the later ones are the more likely to have come after the damage; and once more, as what one fault
 * needed another may have made up for.
 */
export async function shrink(
  count: number,
  given: ReadonlySet<number>,
  stillFails: (without: ReadonlySet<number>) => Promise<boolean>,
): Promise<Set<number>> {
  const without = new Set(given)
  for (let before = -1; before < without.size; ) {
    before = without.size
    for (let fault = count - 1; fault >= 0; fault--) {
      if (!without.has(fault) && (await stillFails(new Set([...without, fault])))) without.add(fault)
    }
  }
  return without
}
