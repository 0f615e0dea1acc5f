/**
 * Ticks: how the two ends of a quiet link know that the other is still there.
 *
 * ```ts
 * const ticks = new Ticks({ ms: 60_000, intensity: 4 })
 * // at least every ticks.intervalMs:
 * switch (ticks.check(now, channel.bytesIn, channel.bytesOut)) {
 *   case "tick": channel.tick(); break
 *   case "silent": close()
 * }
 * ```
 *
 * As on the BEAM, the time is cut into `intensity` intervals. A node from which nothing came during that many intervals in a row
 * is given up, after 60 to 75 s with OTP's numbers. Intervals are counted, not time: an event loop that stood still for a
 * minute counts one, and so does not mistake its own absence for the peer's.
 */

/** What a check may ask for. */
export type TickDecision = "tick" | "silent" | undefined

/** OTP's `net_ticktime` in milliseconds. */
export const TICK_MS = 60_000
/** OTP's `net_tickintensity`. */
export const TICK_INTENSITY = 4

/** The tick decisions for one link. */
export class Ticks {
  /** How long an interval is, in milliseconds. */
  readonly intervalMs: number
  private readonly intensity: number
  private due: number | undefined
  private bytesIn = 0
  private bytesOut = 0
  private silent = 0

  /**
   * @param options.ms After about this many milliseconds without a byte the peer is given up. Both ends should use the same.
   * @param options.intensity Into how many intervals that is cut: 4 to 1000, as in OTP.
   */
  constructor(options: { ms?: number; intensity?: number } = {}) {
    const { ms = TICK_MS, intensity = TICK_INTENSITY } = options
    if (!Number.isInteger(intensity) || intensity < 4 || intensity > 1000) {
      throw new RangeError(`expected a tick intensity of 4 to 1000, got ${intensity}`)
    }
    if (!(ms >= intensity)) throw new RangeError(`expected a tick time of at least ${intensity} ms, got ${ms}`)
    this.intensity = intensity
    this.intervalMs = ms / intensity
  }

  /**
   * May be called at any time; decides once an interval.
   * @param now Milliseconds of a clock that never goes back.
   * @param bytesIn All bytes that ever came from the peer. Any of them is a sign of life.
   * @param bytesOut All bytes that ever went to the peer.
   * @returns `"silent"` to close the link; `"tick"` when either nothing was written in the interval, or nothing was read:
   *   hidden peers want one then too.
   */
  check(now: number, bytesIn: number, bytesOut: number): TickDecision {
    if (this.due === undefined) {
      // The first interval starts here.
      this.due = now + this.intervalMs
      this.bytesIn = bytesIn
      this.bytesOut = bytesOut
      return undefined
    }
    if (now < this.due) return undefined
    this.due = now + this.intervalMs
    const read = bytesIn !== this.bytesIn
    const written = bytesOut !== this.bytesOut
    this.bytesIn = bytesIn
    this.bytesOut = bytesOut
    this.silent = read ? 0 : this.silent + 1
    if (this.silent >= this.intensity) return "silent"
    return read && written ? undefined : "tick"
  }
}
