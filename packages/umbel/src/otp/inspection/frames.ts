/**
 * Stacks, as a reader wants them: frames of user code first, without the runtime's own.
 *
 * ```ts
 * framesOf(error)    // ["increment (shop/counter.ts:14:11)", …]
 * ```
 */

/** What is the engine's, and what is ours: of no interest to who looks for a fault of theirs. */
export const RUNTIME = /node:internal|[\\/](?:umbel|@umbel)[\\/](?:src|dist)[\\/](?:runtime|otp|nodejs)[\\/]/
const FRAME = /^\s*at (.+)$/
const FRAMES_MAX = 30
/** Paths are told from here on: what stands before is the machine's. */
const PATH_PARTS = 4

/** Innermost first; the runtime's own only where there are no others. Nothing for what is no error. */
export function framesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const all: string[] = []
  const theirs: string[] = []
  for (const line of String(error.stack ?? "").split("\n", FRAMES_MAX + 20)) {
    const frame = FRAME.exec(line)?.[1]
    if (frame === undefined) continue
    const short = shorter(frame)
    all.push(short)
    if (!RUNTIME.test(frame)) theirs.push(short)
    if (all.length === FRAMES_MAX) break
  }
  return theirs.length > 0 ? theirs : all
}

/** `increment (file:///srv/shop/src/counter.ts:14:11)` with the last parts of the path. */
const shorter = (frame: string): string => shortened(frame)

/** Every place in a text without what is the machine's. */
export const shortened = (text: string): string =>
  text.replace(/(?:file:\/\/)?([^\s()]+):(\d+):(\d+)/g, (_whole, path: string, line: string, column: string) => {
    const parts = path.split(/[\\/]/)
    return `${parts.slice(-PATH_PARTS).join("/")}:${line}:${column}`
  })
