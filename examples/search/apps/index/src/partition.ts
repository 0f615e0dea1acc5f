/**
 * Which partition of the index a document belongs to: a pure function of its path, the same on every node.
 *
 * ```ts
 * partitionOf("docs/guide.md", 4)   // 0, 1, 2 or 3: today, tomorrow and on another machine
 * ```
 *
 * A partition that starts again with nothing is fed exactly the paths for which this says its number.
 */

/**
 * The number of the partition, from 0 to `partitions - 1`, by the FNV-1a hash of the path's UTF-16 code units.
 *
 * @throws RangeError when `partitions` is not an integer above 0.
 */
export function partitionOf(path: string, partitions: number): number {
  if (!Number.isInteger(partitions) || partitions < 1) {
    throw new RangeError(`partitions: expected an integer above 0, got ${partitions}`)
  }
  let hash = 0x811c9dc5
  for (let at = 0; at < path.length; at++) {
    hash = Math.imul(hash ^ path.charCodeAt(at), 0x01000193)
  }
  // The low bits of FNV are its weak ones, and a remainder looks at nothing else: fold the high half onto them.
  return ((hash ^ (hash >>> 16)) >>> 0) % partitions
}
