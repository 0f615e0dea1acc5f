/** The types of `peers.mjs`, for the tests that use it. */

export type PeerName =
  | "erlang"
  | "elixir"
  | "gcc"
  | "ei"
  | "erlCall"
  | "java"
  | "jinterface"
  | "rabbitmq"
  | "openssl"
  | "python3"
  | "ruby"
  | "postgres"
  | "chromium"
  | `otp${number}`

/** A program that tests meet. */
export interface PeerKind {
  readonly name: PeerName
  /** What it is installed for, as the end of a sentence. */
  readonly why: string
  /** Where it is on this machine, if it is. */
  readonly find: () => string | undefined
  /** What brings it on Debian and Ubuntu. */
  readonly packages: readonly string[]
}

export declare const PEERS: readonly PeerKind[]
export declare function findPeers(): { readonly [name in PeerName]: string | undefined }
