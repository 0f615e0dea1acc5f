/** The `umbel` command as it is typed, with what it prints kept. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

export const CHECKOUT = fileURLToPath(new URL("../../../..", import.meta.url))
const UMBEL = fileURLToPath(new URL("../../bin/umbel.mjs", import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** What vitest sets for its workers would change a vitest in there. */
const ENV = Object.fromEntries(
  Object.entries(process.env).filter(([key]) => !/^(VITEST|TEST$|NODE_ENV$|NODE_OPTIONS$|FORCE_COLOR$|npm_)/.test(key)),
)

export function run(cwd: string, command: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...ENV, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 170_000,
      killSignal: "SIGKILL",
    })
    let out = ""
    let err = ""
    child.stdout.on("data", (text) => (out += text))
    child.stderr.on("data", (text) => (err += text))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, out, err }))
  })
}

/** From source. */
export const umbel = (cwd: string, ...args: readonly string[]): Promise<Ended> =>
  run(cwd, process.execPath, "--conditions=@umbel/source", UMBEL, ...args)

/** As it was built last, which is how a project uses it. */
export const builtUmbel = (cwd: string, ...args: readonly string[]): Promise<Ended> =>
  run(cwd, process.execPath, UMBEL, ...args)
