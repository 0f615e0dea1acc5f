/** Resolves to whether there was anything to do. */
export function buildPage(): Promise<boolean>
