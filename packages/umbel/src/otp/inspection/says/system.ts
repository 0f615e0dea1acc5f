/**
 * What the inspector says of a node as a whole: {@link SystemView}, in numbers.
 *
 * ```ts
 * const { memory, loop } = await node.call(INSPECTOR.at("back@127.0.0.1")).system()
 * memory.heapUsed / memory.heapLimit          // how near the end of memory is
 * loop.delayP99                               // how long a timer waits at worst, nearly
 * ```
 *
 * Counters count since the node's boot, so that whoever asks twice can tell what happened between. What is of an interval says how long that was.
 */

/** A node in numbers. Memory in bytes, times in milliseconds since 1970, durations in milliseconds. */
export interface SystemView {
  readonly node: string
  readonly at: number
  readonly bootedAt: number
  readonly memory: MemoryView
  readonly cpu: CpuView
  readonly loop: LoopView
  readonly gc: GcView
  readonly counters: NodeCounters
  readonly limits: LimitsView
  readonly platform: PlatformView
  readonly connections: readonly ConnectionView[]
  /** What the inspector itself costs. */
  readonly observing: ObservingView
}

/** Of the whole operating-system process: several nodes in one thread share it. */
export interface MemoryView {
  readonly heapUsed: number
  readonly heapTotal: number
  /** Where the engine gives up; undefined where the platform does not say. */
  readonly heapLimit: number | undefined
  readonly rss: number
  /** What JavaScript's objects hold outside its heap, `arrayBuffers` included. */
  readonly external: number
  readonly arrayBuffers: number
  /** Compiled functions. */
  readonly code: number
}

export interface CpuView {
  /** Since the operating-system process began. */
  readonly userMs: number
  readonly systemMs: number
  readonly processors: number
  /** Of one processor, over the last interval: 1 is one of them fully used, more is more than one. */
  readonly share: number
}

/** The event loop in the last interval, which is the recorder's (a second) where it runs. */
export interface LoopView {
  /** 0 (waits for I/O all the time) to 1 (never does). */
  readonly utilisation: number
  /** How much later than due a timer fires: median, 99th percentile, worst. Undefined where the platform does not measure. */
  readonly delayP50: number | undefined
  readonly delayP99: number | undefined
  readonly delayMax: number | undefined
  readonly intervalMs: number
  /** Since the loop began. */
  readonly activeMs: number
  readonly idleMs: number
}

/** Garbage collection, since boot; zero where the platform does not measure. */
export interface GcView {
  readonly count: number
  readonly pauseMs: number
  readonly longestMs: number
  /** Those that go through the whole heap. */
  readonly majorCount: number
}

export interface NodeCounters {
  readonly processes: number
  readonly zombies: number
  /** Processes that wait for a turn now. */
  readonly runQueue: number
  readonly turns: number
  /** Messages handled by processes. */
  readonly messages: number
  readonly crashes: number
  readonly reports: number
  /** Calls known by reference that wait for an answer: those to other nodes, and those put off. */
  readonly pendingCalls: number
  readonly registeredNames: number
}

export interface LimitsView {
  readonly heapLimit: number | undefined
  /** Files and sockets it may have open at once, and has; undefined where that cannot be read. */
  readonly openFilesMax: number | undefined
  readonly openFiles: number | undefined
}

export interface PlatformView {
  readonly runtime: string
  readonly os: string
  readonly architecture: string
  readonly processId: number
  /** The release of this library. */
  readonly release: string
}

/** A link to another node. Bytes since it is up. */
export interface ConnectionView {
  readonly node: string
  readonly bytesIn: number
  readonly bytesOut: number
  /** Encoded and not yet taken by the operating system: what a slow peer makes grow. */
  readonly queuedBytes: number
  /** Whether it declared itself an Umbel node. */
  readonly kind: "umbel" | "beam"
  /** Its capabilities, by the names of OTP's distribution flags. */
  readonly flags: readonly string[]
  readonly creation: number
}

/** The inspector's own cost since boot: milliseconds of the event loop. */
export interface ObservingView {
  /** Of the flight recorder, which always runs. */
  readonly recorderMs: number
  /** Of answering those who look. */
  readonly answersMs: number
  /** Bytes the recorder's rings take. */
  readonly recorderBytes: number
}
