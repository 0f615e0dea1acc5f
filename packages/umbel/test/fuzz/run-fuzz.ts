/**
 * As many inputs as asked for: what `npm run fuzz` runs (`scripts/fuzz.mjs` has its options).
 *
 * The work is done in a process of its own, which says how far it is: one that stops saying so hangs, and is told of with the numbers of the inputs.
 * Memory is looked at, after a collection, a hundred times on the way: what is held then must not grow.
 */
import { fork } from "node:child_process"
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { commandLine, wrong } from "../../../../scripts/command-line.mjs"
import { Finding, Fuzzer } from "./fuzzer.ts"

const USAGE = "npm run fuzz -- [--count 1000000] [--seed 42] [--from 0] [--save FILE]"
const HANG_MS = 60_000
/** What may be held at the end beyond what was held after the first tenth: tables that fill up to their bounds. */
const GROWTH_BYTES = 64 * 1024 * 1024

interface Plan {
  readonly seed: number
  readonly from: number
  readonly count: number
}
/** How many inputs are run until it is said that they are. */
const STRIDE = 1_000
/** How the process that does the work is told what to do. */
const PLAN = "UMBEL_FUZZ_PLAN"

interface Told {
  /** So many are done. */
  readonly done?: number
  readonly held?: number
  readonly finding?: { readonly text: string; readonly target: string; readonly hex: string }
  readonly tally?: readonly (readonly [target: string, outcomes: readonly (readonly [string, number])[]])[]
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function work({ seed, from, count }: Plan): Promise<void> {
  const fuzzer = new Fuzzer(seed)
  const tell = (told: Told): void => void process.send!(told)
  const step = Math.max(STRIDE, Math.ceil(count / 100))
  let collected = 0
  try {
    for (let done = 0; done < count; ) {
      const n = Math.min(STRIDE, count - done)
      fuzzer.run(from + done, n)
      done += n
      tell({ done })
      // The inflaters of compressed terms are closed between two turns: without any, all of them would be held.
      await new Promise((resolve) => setImmediate(resolve))
      if (done - collected < step && done < count) continue
      collected = done
      globalThis.gc!()
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      tell({ held: heapUsed + arrayBuffers })
    }
    tell({ tally: Array.from(fuzzer.tally, ([target, outcomes]) => [target, [...outcomes]] as const) })
  } catch (thrown) {
    if (!(thrown instanceof Finding)) throw thrown
    const { cause } = thrown
    const text =
      cause instanceof Error && cause.stack !== undefined ? `${thrown.message}\n${cause.stack}` : thrown.message
    tell({ finding: { text, target: thrown.target, hex: Buffer.from(thrown.bytes).toString("hex") } })
  }
}

function main(): void {
  const { values } = commandLine(
    {
      options: {
        count: { type: "string" },
        seed: { type: "string" },
        from: { type: "string" },
        save: { type: "string" },
      },
    },
    USAGE,
  )
  const whole = (text: string | undefined, unless: number): number => {
    const n = text === undefined ? unless : Number(text.replaceAll("_", ""))
    if (Number.isSafeInteger(n) && n >= 0) return n
    return wrong(`${text} is no whole number.`, USAGE)
  }
  const count = whole(values.count, 1_000_000)
  const seed = whole(values.seed, Date.now() % 1_000_000)
  const from = whole(values.from, 0)
  say(`${count} inputs, seed ${seed}`)
  const started = performance.now()
  const held: number[] = []
  const again = (index: number): string => `npm run fuzz -- --seed ${seed} --from ${index} --count 1`
  const fail = (text: string): void => {
    say(text)
    process.exitCode = 1
  }
  const plan: Plan = { seed, from, count }
  const worker = fork(fileURLToPath(import.meta.url), { env: { ...process.env, [PLAN]: JSON.stringify(plan) } })
  let done = 0
  let last = -1
  const watch = setInterval(() => {
    if (done === last) {
      fail(`it hangs at one of these: npm run fuzz -- --seed ${seed} --from ${from + done} --count ${STRIDE}`)
      worker.kill("SIGKILL")
    }
    last = done
  }, HANG_MS)
  worker.on("message", (told: Told) => {
    if (told.done !== undefined) done = told.done
    if (told.held !== undefined) held.push(told.held)
    if (told.finding !== undefined) {
      fail(`${told.finding.text}\n${told.finding.hex}`)
      const index = /input (\d+)/.exec(told.finding.text)?.[1]
      say(`again: ${again(Number(index))}`)
      if (values.save !== undefined) writeFileSync(values.save, `${told.finding.target}\n${told.finding.hex}\n`)
    }
    if (told.tally === undefined) return
    clearInterval(watch)
    for (const [target, outcomes] of told.tally) {
      say(`${target}:`)
      for (const [outcome, n] of outcomes.toSorted((a, b) => b[1] - a[1])) say(`  ${String(n).padStart(9)}  ${outcome}`)
    }
    const seconds = (performance.now() - started) / 1_000
    const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
    const base = held[Math.floor(held.length / 10)] ?? 0
    const end = held.at(-1) ?? 0
    say(`held: ${mib(base)} after a tenth of it, ${mib(end)} at the end`)
    if (end - base > GROWTH_BYTES) fail("memory grows")
    say(`${count} inputs in ${seconds.toFixed(1)} s, seed ${seed}: each taken, or refused for a stated reason`)
  })
  worker.on("exit", (code, signal) => {
    clearInterval(watch)
    if (code !== 0) fail(`the fuzzer itself ended with ${code ?? signal}`)
  })
}

const given = process.env[PLAN]
if (given === undefined) main()
else {
  await work(JSON.parse(given) as Plan)
  process.disconnect()
}
