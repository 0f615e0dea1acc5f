/**
 * The real programs that tests meet, and where they are on this machine.
 *
 * ```ts
 * import { peers } from "../peers.ts"
 * test.skipIf(!peers.erlang)("net_adm:ping is answered with pong", async () => {
 *   spawn(peers.erlang!, ["-noshell", …])
 * })
 * ```
 *
 * A test that needs a peer is skipped without it, never passed. `npm test` installs the peers where it may, names the
 * tests that were left out, and under `CI=true` counts them as failures.
 */
import { findPeers, type PeerName } from "../scripts/peers.mjs"

/** The path of each peer's program (`ei`: of its header `ei.h`), or undefined when this machine has none. */
export const peers: { readonly [name in PeerName]: string | undefined } = findPeers()
