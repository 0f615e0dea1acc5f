/**
 * Signals that have arrived. A program runs on for a while after it was told to stop: its threads stop as the system gets round to them, which on a
 * busy machine is after they have answered what they should not.
 *
 * ```ts
 * await signalled(beam, "SIGSTOP")     // not a thread of it runs
 * ```
 */
import { readdirSync, readFileSync } from "node:fs"

export interface Signalled {
  readonly pid: number | undefined
}

/** What Linux says of a thread that does not run any more, by signal. */
const STATES = { SIGSTOP: "T", SIGKILL: "ZX" } as const

/** Sends it, and resolves once it has taken effect (where there is no `/proc`, at once). */
export async function signalled({ pid }: Signalled, signal: keyof typeof STATES): Promise<void> {
  process.kill(pid!, signal)
  while (threads(pid!).some((state) => !STATES[signal].includes(state))) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** A program that is stopped, and runs on when it is disposed. */
export async function stopped(program: Signalled): Promise<Disposable> {
  await signalled(program, "SIGSTOP")
  return { [Symbol.dispose]: () => void process.kill(program.pid!, "SIGCONT") }
}

/** The state of each of its threads, as a letter. */
function threads(pid: number): readonly string[] {
  const folder = `/proc/${pid}/task`
  return (given(() => readdirSync(folder)) ?? []).flatMap((thread) => {
    const line = given(() => readFileSync(`${folder}/${thread}/stat`, "utf8"))
    // Behind the name, which may hold anything.
    return line === undefined ? [] : [line.slice(line.lastIndexOf(")") + 2)[0]!]
  })
}

/** Undefined for what has ended meanwhile. */
function given<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "ENOENT" || code === "ESRCH") return undefined
    throw error
  }
}
