/**
 * The peers that tests meet: what they are for, how to tell whether this machine has them, and what brings them.
 *
 *     findPeers().erlang      // "/usr/bin/erl", or undefined when there is none
 *
 * The one place that knows, for `npm test` (which installs them) and for the tests (which use them, through
 * `interop/peers.ts`). Looking means looking for a file: nothing is started, so it costs a millisecond.
 */
import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs"
import { delimiter, join } from "node:path"
import { findRelease, RELEASES } from "./releases.mjs"

/** @type {readonly import("./peers.mjs").PeerKind[]} */
export const PEERS = [
  {
    name: "erlang",
    why: "tests of the Erlang protocol against real Erlang nodes",
    find: () => named("UMBEL_ERL") ?? onPath("erl"),
    packages: ["erlang-base", "erlang-crypto", "erlang-ssl", "erlang-inets", "erlang-runtime-tools"],
  },
  {
    name: "elixir",
    why: "calls between Umbel and GenServers written in Elixir",
    find: () => named("UMBEL_ELIXIR") ?? onPath("elixir"),
    packages: ["elixir"],
  },
  {
    name: "gcc",
    why: "compiling C programs that join the cluster",
    find: () => onPath("gcc"),
    packages: ["gcc", "libc6-dev"],
  },
  {
    name: "ei",
    why: "C programs that join the cluster by Erlang's own C library (erl_interface)",
    find: () =>
      firstFile(["/usr/include/ei.h", "/usr/lib/erlang/usr/include/ei.h", "/usr/local/lib/erlang/usr/include/ei.h"]),
    packages: ["erlang-dev"],
  },
  {
    name: "erlCall",
    why: "calls by `erl_call`, the smallest node there is",
    find: () => onPath("erl_call"),
    packages: ["erlang-dev"],
  },
  {
    name: "java",
    why: "Java programs that join the cluster",
    find: () => onPath("javac"),
    packages: ["default-jdk-headless"],
  },
  {
    name: "jinterface",
    why: "Java programs that join the cluster by Erlang's own Java library (JInterface)",
    find: () =>
      firstFile([
        "/usr/share/java/OtpErlang.jar",
        ...inFolders("/usr/lib/erlang/lib", "jinterface-", "priv/OtpErlang.jar"),
      ]),
    packages: ["erlang-jinterface"],
  },
  {
    name: "rabbitmq",
    why: "a broker as it stands, as a peer that knows nothing of us",
    find: () => firstFile(inFolders("/usr/lib/rabbitmq/lib", "rabbitmq_server-", "sbin/rabbitmq-server")),
    packages: ["rabbitmq-server"],
  },
  {
    name: "openssl",
    why: "certificates for nodes that talk over TLS",
    find: () => onPath("openssl"),
    packages: ["openssl"],
  },
  {
    name: "python3",
    why: "programs written in Python, behind ports",
    find: () => onPath("python3"),
    packages: ["python3"],
  },
  {
    name: "ruby",
    why: "programs written in Ruby, behind ports",
    find: () => onPath("ruby"),
    packages: ["ruby"],
  },
  {
    name: "postgres",
    why: "an example with a database",
    find: () => inFolders("/usr/lib/postgresql", "", "bin/postgres").at(-1) ?? onPath("postgres"),
    packages: ["postgresql"],
  },
  {
    name: "chromium",
    why: "tests of the pages in a real browser",
    find: () => onPath("chromium") ?? onPath("chromium-browser") ?? onPath("google-chrome"),
    packages: ["chromium"],
  },
  ...RELEASES.map(({ otp }) => ({
    name: /** @type {import("./peers.mjs").PeerName} */ (`otp${otp}`),
    why: `the same cluster with nodes of OTP ${otp}`,
    find: () => findRelease(otp),
    // `scripts/releases.mjs` brings the rest, which apt alone cannot put beside the system's own.
    packages: ["patchelf"],
  })),
]

/** Where each peer is; undefined for those that this machine has not. */
export function findPeers() {
  return /** @type {any} */ (Object.fromEntries(PEERS.map(({ name, find }) => [name, find()])))
}

/**
 * The program that a variable names: tests run against another release of OTP by `UMBEL_ERL=/opt/otp27/bin/erl npm test`.
 * @param {string} variable
 */
function named(variable) {
  const path = process.env[variable]
  return path !== undefined && isProgram(path) ? path : undefined
}

/** @param {string} command */
function onPath(command) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "")
  return folders.map((folder) => join(folder, command)).find(isProgram)
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    // Not there, or not to be run: both mean that this is not the place.
    return false
  }
}

/**
 * The path under each entry of a folder whose name starts so: what is installed under a name with its version in it.
 * @param {string} folder
 * @param {string} start
 * @param {string} path
 */
function inFolders(folder, start, path) {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.startsWith(start))
    .map((name) => join(folder, name, path))
}

/** @param {readonly string[]} paths */
function firstFile(paths) {
  return paths.find((path) => existsSync(path))
}
