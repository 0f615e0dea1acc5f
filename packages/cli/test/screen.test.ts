/** What `umbel up` writes, for people and for programs. */
import { Writable } from "node:stream"
import { expect, test } from "vitest"
import { JsonScreen, Screen } from "../src/screen.ts"

class Out extends Writable {
  text = ""
  override _write(chunk: unknown, _: string, done: () => void): void {
    this.text += String(chunk)
    done()
  }
}
const out = (): Out & NodeJS.WriteStream => new Out() as Out & NodeJS.WriteStream

test("lines of nodes stand under one another from the first, however long the names that follow", () => {
  const to = out()
  const screen = new Screen(to, false, ["front", "back-1"])
  screen.from("front", "ready")
  screen.from("back-1", "ready")
  expect(to.text).toBe("front  │ ready\nback-1 │ ready\n")
})
test("in colour each node has its own; without, no escape is written", () => {
  const [dull, bright] = [out(), out()]
  for (const [to, colour] of [
    [dull, false],
    [bright, true],
  ] as const) {
    const screen = new Screen(to, colour, ["a", "b"])
    for (const name of ["a", "b"]) screen.from(name, screen.style("red", "ended"))
  }
  expect(dull.text).toBe("a │ ended\nb │ ended\n")
  const [a = "", b = ""] = bright.text.split("\n")
  expect(a).toContain("\u001b[31mended")
  expect(a.slice(0, 5)).not.toBe(b.slice(0, 5))
})
test("for programs everything is an object a line", () => {
  const to = out()
  const screen = new JsonScreen(to)
  screen.line("")
  screen.line(`${screen.style("bold", "split")}  a@h`)
  screen.from("a", "ready")
  screen.progress({ label: "indexing", done: 1, total: 2 })
  screen.progress(undefined)
  expect(
    to.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { text: "split  a@h" },
    { node: "a", text: "ready" },
    { progress: { label: "indexing", done: 1, total: 2 } },
  ])
})
