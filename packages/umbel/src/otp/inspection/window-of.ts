/**
 * A window of a sorted list without sorting the list: what a page of 50 rows out of 100,000 needs.
 *
 * ```ts
 * windowOf(4, 1, 2, (a, b) => ages[b] - ages[a])   // the places of the second and third oldest
 * ```
 *
 * Two selections (Hoare's quickselect) bring the window's items to their places, and only they are sorted: about three looks at each item, whatever
 * the window.
 */

/** The indices of the items from place `from` on, `count` of them, of `size` items in the order of `compare`. Equal ones keep their order. */
export function windowOf(
  size: number,
  from: number,
  count: number,
  compare: (a: number, b: number) => number,
): number[] {
  const order = new Uint32Array(size)
  for (let i = 0; i < size; i++) order[i] = i
  const total = (a: number, b: number): number => compare(a, b) || a - b
  const start = Math.min(from, size)
  const end = Math.min(start + count, size)
  if (start > 0) select(order, 0, size - 1, start, total)
  if (end < size) select(order, start, size - 1, end, total)
  return [...order.subarray(start, end)].sort(total)
}

/** Whatever belongs before place `k` of `low` to `high` is brought before it. */
function select(
  order: Uint32Array,
  low: number,
  high: number,
  k: number,
  compare: (a: number, b: number) => number,
): void {
  let left = low
  let right = high
  // Pivots from all over: with those of the ends and the middle, a list that is nearly sorted (as this one mostly is) takes the square of its length.
  let spot = 0x9e3779b9
  const pick = (): number => {
    spot = (Math.imul(spot, 1_664_525) + 1_013_904_223) >>> 0
    return order[left + (spot % (right - left + 1))]!
  }
  while (left < right) {
    const pivot = middle(pick(), pick(), pick(), compare)
    let i = left
    let j = right
    while (i <= j) {
      while (compare(order[i]!, pivot) < 0) i++
      while (compare(order[j]!, pivot) > 0) j--
      if (i <= j) {
        const swapped = order[i]!
        order[i++] = order[j]!
        order[j--] = swapped
      }
    }
    if (k <= j) right = j
    else if (k >= i) left = i
    else return
  }
}

function middle(a: number, b: number, c: number, compare: (a: number, b: number) => number): number {
  if (compare(a, b) < 0) return compare(b, c) < 0 ? b : compare(a, c) < 0 ? c : a
  return compare(a, c) < 0 ? a : compare(b, c) < 0 ? c : b
}
