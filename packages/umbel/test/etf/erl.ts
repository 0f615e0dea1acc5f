/** Runs Erlang code in a real `erl`, if this machine has one. */
import { spawnSync } from "node:child_process"

/** Undefined where there is no `erl`; in CI that is an error. */
export const erl: ((code: string) => string) | undefined = (() => {
  const run = (code: string): string => {
    const done = spawnSync(
      "erl",
      ["+pc", "unicode", "-noshell", "-noinput", "-eval", `io:setopts([{encoding,utf8}]), ${code}, halt().`],
      {
        encoding: "utf8",
        timeout: 20_000,
        env: { ...process.env, LC_ALL: "C.UTF-8" },
      },
    )
    if (done.error !== undefined) throw done.error
    if (done.status !== 0) throw new Error(`erl ended with ${done.status}: ${done.stdout}${done.stderr}`)
    return done.stdout
  }
  try {
    run("ok")
    return run
  } catch (error) {
    if (process.env["CI"] === "true")
      throw new Error("these tests need erl, and in CI they are not skipped", { cause: error })
    console.warn(`skipped: there is no erl here (${String(error)})`)
    return undefined
  }
})()
