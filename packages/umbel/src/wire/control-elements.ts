/** What both reading and writing of control messages ask of the numbers in them. */

/** An arity, or anything else of one byte. */
export const isByte = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255

/** 1 to 2^64 - 1. */
export const isUnlinkId = (value: unknown): value is number | bigint =>
  (typeof value === "number" ? Number.isSafeInteger(value) : typeof value === "bigint") &&
  (value as number | bigint) >= 1 &&
  (value as number | bigint) < 1n << 64n
