/**
 * Other releases of Erlang and Elixir beside the system's, so that tests meet them too: each in a folder of its own, from the packages of a
 * newer Debian suite, with the C library they were built for. The system's own packages stay as they are.
 *
 *     npm run releases             // brings all of them, says where they are
 *     npm run releases -- 29       // only this one
 *     UMBEL_ERL=/opt/umbel-otp/29/bin/erl npm test -- interop
 *
 * Needs Debian on x86-64 and root; the archive is the one that apt takes its packages from. What a release is made of: apt resolves its packages as for an
 * empty machine and fetches them; `dpkg -x` unpacks them; `patchelf` tells its programs to take the C library that came along.
 */
import { execFileSync } from "node:child_process"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { commandLine, wrong } from "./command-line.mjs"

/** Where they are kept. */
export const RELEASES_FOLDER = process.env.UMBEL_RELEASES ?? "/opt/umbel-otp"

/**
 * Each release of OTP, and the suite of Debian that has it. What is found there is asked for its release, and refused when it is another one.
 * @type {readonly { otp: string, suite: string }[]}
 */
export const RELEASES = [
  { otp: "27", suite: "trixie" },
  { otp: "29", suite: "forky" },
]

const PACKAGES = ["erlang-base", "erlang-crypto", "erlang-ssl", "erlang-inets", "erlang-runtime-tools", "elixir"]

/**
 * Where a release is on this machine: the folder with `bin/erl` and `bin/elixir`, or undefined.
 * @param {string} otp
 */
export function findRelease(otp) {
  const folder = join(RELEASES_FOLDER, otp)
  return existsSync(join(folder, "bin", "erl")) ? folder : undefined
}

/**
 * Brings a release. Throws, with one sentence, when it cannot be had here.
 * @param {{ otp: string, suite: string }} release
 */
export function bringRelease({ otp, suite }) {
  const target = join(RELEASES_FOLDER, otp)
  const root = join(target, "root")
  rmSync(target, { recursive: true, force: true })
  mkdirSync(root, { recursive: true })
  try {
    for (const archive of fetchPackages(join(target, "apt"), suite)) run("dpkg", ["-x", archive, root])
    rmSync(join(target, "apt"), { recursive: true })
    takeOwnLibraries(root)
    writePrograms(target, root)
    const found = run(join(target, "bin", "erl"), [
      "-noshell",
      "-eval",
      "io:put_chars(erlang:system_info(otp_release)), halt().",
    ])
    if (found !== otp)
      throw new Error(`the suite ${suite} has OTP ${found} by now: name its suite in scripts/releases.mjs.`)
  } catch (error) {
    // Half a release would be taken for a whole one by the next run.
    rmSync(target, { recursive: true, force: true })
    throw error
  }
  return target
}

/**
 * The packages and all they need, fetched by apt with a state of its own, in which nothing is installed.
 * @param {string} folder
 * @param {string} suite
 */
function fetchPackages(folder, suite) {
  const archives = join(folder, "cache", "archives")
  mkdirSync(join(archives, "partial"), { recursive: true })
  mkdirSync(join(folder, "lists", "partial"), { recursive: true })
  writeFileSync(join(folder, "status"), "")
  writeFileSync(join(folder, "sources.list"), `deb ${archiveOfDebian()} ${suite} main\n`)
  const options = [
    `Dir::Etc::SourceList=${join(folder, "sources.list")}`,
    "Dir::Etc::SourceParts=-",
    `Dir::State::Lists=${join(folder, "lists")}`,
    `Dir::State::status=${join(folder, "status")}`,
    `Dir::Cache=${join(folder, "cache")}`,
    "APT::Install-Recommends=false",
  ].flatMap((option) => ["-o", option])
  run("apt-get", [...options, "-q", "update"])
  run("apt-get", [...options, "-q", "-y", "--download-only", "install", ...PACKAGES])
  return readdirSync(archives)
    .filter((name) => name.endsWith(".deb"))
    .map((name) => join(archives, name))
}

/** The address of the archive that this machine takes Debian's packages from, as its own configuration of apt says. */
function archiveOfDebian() {
  const folder = "/etc/apt/sources.list.d"
  const parts = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
  for (const file of ["/etc/apt/sources.list", ...parts]) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : ""
    // One line an archive, or the newer form with a field of its own for it.
    const address = /^(?:deb\s+(?:\[[^\]]*\]\s+)?|URIs:\s*)(\S+\/debian\/?)(?:\s|$)/mu.exec(text)?.[1]
    if (address !== undefined) return address
  }
  throw new Error("no archive of Debian is among the sources of apt on this machine.")
}

/**
 * Makes the programs of a release take the C library and the loader that came along, wherever this machine's are.
 * @param {string} root
 */
function takeOwnLibraries(root) {
  const library = realpathSync(join(root, "usr", "lib", "x86_64-linux-gnu"))
  const loader = join(library, "ld-linux-x86-64.so.2")
  const erlang = join(root, "usr", "lib", "erlang")
  for (const path of filesBelow(erlang).filter(isElf)) {
    // The old kind of path (DT_RPATH) holds for the libraries of libraries as well.
    run("patchelf", ["--force-rpath", "--set-rpath", library, path])
    if (!path.endsWith(".so")) run("patchelf", ["--set-interpreter", loader, path])
  }
  for (const name of ["erl", "start"]) {
    const script = join(erlang, "bin", name)
    if (existsSync(script)) writeFileSync(script, readFileSync(script, "utf8").replaceAll("/usr/lib/erlang", erlang))
  }
}

/**
 * `bin/erl` and `bin/elixir`, which start those of the folder.
 * @param {string} target
 * @param {string} root
 */
function writePrograms(target, root) {
  const bin = join(target, "bin")
  mkdirSync(bin)
  const programs = {
    erl: `exec ${join(root, "usr/lib/erlang/bin/erl")} "$@"`,
    elixir: `PATH="${bin}:$PATH" exec ${join(root, "usr/lib/elixir/bin/elixir")} "$@"`,
  }
  for (const [name, line] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`)
    chmodSync(join(bin, name), 0o755)
  }
}

/** @param {string} folder */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** @param {string} path */
function isElf(path) {
  return !path.endsWith(".beam") && readFileSync(path).subarray(0, 4).equals(Buffer.from("\x7fELF", "latin1"))
}

/** @param {string} program @param {readonly string[]} args */
function run(program, args) {
  return execFileSync(program, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    maxBuffer: 64 * 1024 * 1024,
  })
}

if (process.argv[1] !== undefined && import.meta.filename === realpathSync(process.argv[1])) {
  const known = RELEASES.map(({ otp }) => otp)
  const usage = `npm run releases -- [${known.join("] [")}]`
  const { positionals: wanted } = commandLine({ allowPositionals: true }, usage)
  const odd = wanted.find((one) => !known.includes(one))
  if (odd !== undefined) wrong(`There is no release ${odd} to bring.`, usage)
  for (const release of RELEASES.filter(({ otp }) => wanted.length === 0 || wanted.includes(otp))) {
    console.log(`OTP ${release.otp}: ${findRelease(release.otp) ?? bringRelease(release)}`)
  }
}
