/** A start that somebody waits for: kept with the process until it is up, or is not to be. */
import { atom, inspect, type Name, type Pid, tuple } from "../term/index.ts"
import { NameTaken, reasonOf, StartFailed } from "./exits.ts"
import { ENDED, type Process, type StartAck } from "./process.ts"

export class Starting implements StartAck {
  readonly promise: Promise<Pid>
  started: (pid: Pid) => void
  failed: (error: unknown) => void

  constructor() {
    this.started = nobody
    this.failed = nobody
    this.promise = new Promise((resolve, reject) => {
      this.started = resolve
      this.failed = reject
    })
  }
}

const nobody = (): void => {}

const alreadyStarted = atom("already_started")

/** Registers a process that is about to start. Why it cannot, if it cannot: then it was never there. */
export function claimName(name: Name, process: Process): StartFailed | undefined {
  const { node } = process
  try {
    node.names.claim(name, process)
    return undefined
  } catch (thrown) {
    process.status = ENDED
    process.pid.local = undefined
    node.scheduler.meters.close(process.slot)
    const reason = thrown instanceof NameTaken ? tuple(alreadyStarted, thrown.holder) : reasonOf(thrown)
    return new StartFailed(String(name), reason, thrown)
  }
}

/** What is started is something else. */
export function noDefinition(given: unknown): TypeError {
  const what = inspect(given, { limit: 50 })
  return new TypeError(`what is started is a definition, made by genServer(…), supervisor(…) and the like, not ${what}`)
}
