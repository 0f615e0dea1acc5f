/** What all members of the soak know. */

/** Milliseconds of silence until a node is given up, everywhere: so short that a pause is noticed. */
export const TICK_MS = 8_000
/** The groups are the numbers from 1 to this. */
export const GROUPS = 5
