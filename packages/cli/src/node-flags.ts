/**
 * How Node.js and V8 are told to run a node.
 *
 * ```ts
 * spawn(process.execPath, [...nodeFlags(process.env), "main.mjs"])
 * inlineMore()   // in there, before it boots
 * ```
 */
import { setFlagsFromString } from "node:v8"

/**
 * A node makes many small objects that live for a while (processes, messages, calls), and Node's default of 16 MiB for young ones has its collector copy
 * most of them: with 64 MiB a GenServer starts in two thirds of the time (measured with `start-genserver` in bench/). It costs up to 150 MiB more
 * memory under load, and none when idle. `NODE_OPTIONS` overrides it.
 */
export function nodeFlags(env: NodeJS.ProcessEnv): readonly string[] {
  return env["NODE_OPTIONS"]?.includes(ROOM) ? [] : [ROOM_FLAG]
}

const ROOM = "--max-semi-space-size"
const ROOM_FLAG = `${ROOM}=64`

/** The same in a shell script: sets `$flags`. */
export const nodeFlagsScript = `case "$NODE_OPTIONS" in
  *${ROOM}*) flags= ;;
  *) flags=${ROOM_FLAG} ;;
esac`

/** V8 has it since long before Node.js 20; later ones are not promised to. */
const NODE_MAX = 24
const INLINING = "--max-inlined-bytecode-size-cumulative"

/**
 * Lets V8 put more functions into one another than it does by itself: 3,000 bytes of code into one instead of 920. The way of a message is made of many small
 * functions: calls are a fifth faster with it, ping-pong a quarter, starts a sixth (measured with `local-call`, `ping-pong` and `start-genserver` in bench/). To be
 * called before a node is booted, by programs that are nodes and nothing else. What was given at the command line stays.
 */
export function inlineMore(): void {
  const major = Number(process.versions.node.split(".")[0])
  if (major > NODE_MAX || process.execArgv.some((arg) => arg.startsWith(INLINING))) return
  setFlagsFromString(`${INLINING}=3000`)
}
