/** What a simulated program would tell of itself: only its clock is simulated, so all else is a constant. */
import type { Clock, Vitals } from "../runtime/index.ts"

const MIB = 2 ** 20

/** The event loop waits for ever: handlers take no virtual time. */
export const virtualVitals = (clock: Clock) => (): Vitals => ({
  heapUsed: 16 * MIB,
  heapTotal: 32 * MIB,
  rss: 64 * MIB,
  external: 2 * MIB,
  arrayBuffers: MIB,
  code: MIB,
  cpuUserMs: 0,
  cpuSystemMs: 0,
  loopActiveMs: 0,
  loopIdleMs: clock.now(),
  processors: 1,
  processId: 1,
  os: "linux",
  architecture: "virtual-linux",
  runtime: "simulation",
})
