/** The watchdog, over a program of its own whose thread is held. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, test } from "vitest"

const FIXTURE = fileURLToPath(new URL("watchdog.fixture.ts", import.meta.url))

test("a handler that holds the thread is told of while it does, with its place, once; the node goes on and ends", async () => {
  const args = ["--conditions=@umbel/source", "--import=tsx", FIXTURE]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
  // What it has seen stands with the long handlers, too.
  expect(stdout).toMatch(/^countForLong watchdog\.fixture\.ts:\d+\ndone\n$/)
  const told = stderr.split("\n").filter((line) => line.startsWith("! held"))
  expect(told).toHaveLength(1)
  expect(told[0]).toMatch(
    /^! held {2}held@127\.0\.0\.1: nothing else has run for \d+ ms; peers give the node up after 60 s\. It is in countForLong \(file:.*watchdog\.fixture\.ts:\d+\)$/,
  )
})
