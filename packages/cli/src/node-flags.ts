/**
 * How Node.js is told to run a node.
 *
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
