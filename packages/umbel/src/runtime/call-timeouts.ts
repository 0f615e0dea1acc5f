/**
 * Time-outs of calls: a coarse wheel.
 *
 * Nearly every call is answered long before its time-out, so entering and leaving must cost next to nothing: a call is its own
 * entry in a doubly linked list per slot. A time-out is met within one tick after it is due. The clock is asked for a timer
 * only while calls are waiting.
 */
import { type Call, PENDING } from "./envelope.ts"
import type { Clock, Timer } from "./platform.ts"

const TICK_MS = 25
const SLOTS = 1024

export class CallTimeouts {
  readonly #heads: (Call | undefined)[] = new Array<Call | undefined>(SLOTS).fill(undefined)
  readonly #clock: Clock
  readonly #expire: (call: Call) => void
  /** The time the wheel has been turned to, in ticks since it last stood still. */
  #tick = 0
  /** Counts the turns, so that a call knows in which interval between two of them it came. */
  #interval = 0
  #startedAt = 0
  #waiting = 0
  #timer: Timer | undefined

  constructor(clock: Clock, expire: (call: Call) => void) {
    this.#clock = clock
    this.#expire = expire
  }

  add(call: Call): void {
    if (this.#timer === undefined) this.#start()
    call.interval = this.#interval
    const ticks = this.#tick + 1 + Math.ceil(call.timeoutMs / TICK_MS)
    call.deadline = ticks
    const slot = ticks % SLOTS
    const head = this.#heads[slot]
    call.slot = slot
    call.earlier = undefined
    call.later = head
    if (head !== undefined) head.earlier = call
    this.#heads[slot] = call
    this.#waiting++
  }

  remove(call: Call): void {
    if (call.slot < 0) return
    const { earlier, later } = call
    if (earlier !== undefined) earlier.later = later
    else this.#heads[call.slot] = later
    if (later !== undefined) later.earlier = earlier
    call.earlier = undefined
    call.later = undefined
    call.slot = -1
    this.#waiting--
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #start(): void {
    this.#startedAt = this.#clock.now()
    this.#tick = 0
    this.#arm()
  }

  #arm(): void {
    this.#timer = this.#clock.after(TICK_MS, () => this.#turn())
  }

  #turn(): void {
    const target = Math.floor((this.#clock.now() - this.#startedAt) / TICK_MS)
    // After a long pause every slot is visited at most once.
    const from = Math.max(this.#tick + 1, target - SLOTS + 1)
    this.#tick = Math.max(target, this.#tick)
    for (let tick = from; tick <= target; tick++) this.#visit(tick % SLOTS)
    this.#interval++
    if (this.#waiting > 0) this.#arm()
    else this.#timer = undefined
  }

  #visit(slot: number): void {
    for (let call = this.#heads[slot]; call !== undefined; ) {
      const following: Call | undefined = call.later
      // A time-out longer than the wheel comes round more than once.
      if (call.deadline <= this.#tick) {
        this.remove(call)
        // One that came while the thread was held (no turn since) may have come just now: it gets its whole time, from now.
        if (call.interval === this.#interval && call.timeoutMs > TICK_MS) this.add(call)
        else if (call.status === PENDING) this.#expire(call)
      }
      call = following
    }
  }
}
