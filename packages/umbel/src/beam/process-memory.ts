/** How much memory a process holds, in bytes: the inspector's estimate, with a bound that a list of 100,000 processes can bear. */
import { memoryOf } from "../otp/index.ts"
import type { Process } from "../runtime/index.ts"

/** Parts of one state that are looked at, at most. */
const PARTS_MAX = 200

export const bytesOf = (process: Process): number => memoryOf(process, PARTS_MAX).bytes
