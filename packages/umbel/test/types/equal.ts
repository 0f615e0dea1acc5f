/** Checks that two types are the same, not only assignable: `check<Equal<typeof n, number>>()`. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
export const check = <_T extends true>(): void => {}
