/**
 * The web observer: see, understand and change a running cluster from a web page.
 *
 * ```ts
 * import { observer, observerAddress } from "@umbel/observer"
 *
 * const node = await boot({ name: "a@127.0.0.1", cookie: "secret", applications: [shop, observer] })
 * console.log(await observerAddress(node))     // http://127.0.0.1:4040/
 * ```
 *
 * Programs look through it with `ObserverClient` of `@umbel/observer/client`.
 */
export { type ObserverConfig, ObserverRefused } from "./config.ts"
export { OBSERVER, observer, observerAddress } from "./observer.ts"
export type { Capability, Consequence, Outcome, Params, Snapshot, Status } from "./protocol.ts"
