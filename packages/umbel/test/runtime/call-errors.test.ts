/** What failed calls say to people: a sentence for every reason that the runtime gives. */
import { expect, test } from "vitest"
import { CallExit, CallRefused, reasonOf } from "../../src/runtime/index.ts"
import { atom, inspect, makeName, tuple } from "../../src/term/index.ts"

const target = makeName("store", "b@host")
const said = (reason: unknown): string => new CallExit(reason, target, "get", 5_000).message

test("every reason of the runtime has its sentence", () => {
  const reasons = ["noproc", "noconnection", "normal", "shutdown", "killed", "calling_self", "aborted", "timeout"]
  expect(reasons.map((reason) => said(atom(reason)))).toMatchInlineSnapshot(`
    [
      "call get to store at b@host failed: no such process; it never started, has ended, or its name is not registered there (noproc)",
      "call get to store at b@host failed: its node cannot be reached, or the connection to it was lost (noconnection)",
      "call get to store at b@host failed: it ended before it answered (normal)",
      "call get to store at b@host failed: it was shut down before it answered (shutdown)",
      "call get to store at b@host failed: it was killed before it answered (killed)",
      "call get to store at b@host failed: a process cannot call itself: it would wait for itself (calling_self)",
      "call get to store at b@host failed: the caller's signal was aborted (aborted)",
      "call get to store at b@host failed: no answer within 5000 ms",
    ]
  `)
})

test("other reasons are shown as they are, and exceptions by their message", () => {
  expect(said(tuple(atom("bad"), 1))).toBe("call get to store at b@host failed: it ended with {:bad, 1}")
  expect(said(tuple(new TypeError("no"), []))).toBe("call get to store at b@host failed: it crashed with TypeError: no")
  expect(new CallRefused("full", target, "put").message).toBe('call put to store at b@host was refused: "full"')
})

test("a failed call that nobody caught is an exit reason with the call in it", () => {
  const reason = inspect(reasonOf(new CallExit(atom("noproc"), target, "get", 5_000)))
  expect(reason).toMatch(/^\{:noproc, \{:umbel, :call, \[.*store.*, "get", 5000\]\}\}$/)
})
