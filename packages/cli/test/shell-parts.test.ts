/** What a shell is made of, without a terminal: sources, evaluation, what may only be read, printing, completion. */
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { stripVTControlCharacters } from "node:util"
import { atom, tuple } from "umbel"
import { describe, expect, test } from "vitest"
import { complete } from "../src/shell/complete.ts"
import { full, HeldTooLong, readOnly, type Scope, SideEffect } from "../src/shell/evaluate.ts"
import { harmless } from "../src/shell/harmless.ts"
import { definitionHelp } from "../src/shell/help.ts"
import { readHistory, remember } from "../src/shell/history.ts"
import { print, tokensOf } from "../src/shell/print.ts"
import { type Code, prepare } from "../src/shell/source.ts"
import { Terminal } from "../src/shell/terminal.ts"

async function evaluate(scope: Scope, typed: string): Promise<unknown> {
  const prepared = (await prepare(typed)) as Code
  expect(prepared.kind).toBe("code")
  for (const name of prepared.names) if (!(name in scope)) scope[name] = undefined
  return full(prepared.code, scope, 1)
}

describe("what is typed", () => {
  test.each([
    ["const a: number = 1", ["a"], { a: 1 }],
    [
      "let { b, c: [d, ...e], ...f } = { b: 1, c: [2, 3, 4], g: 5 }",
      ["b", "d", "e", "f"],
      { b: 1, d: 2, e: [3, 4], f: { g: 5 } },
    ],
    ["function twice(n: number) { return n * 2 }\nconst h = twice(4)", ["twice", "h"], { h: 8 }],
    ["class Point { x = 1 }; const i = new Point().x", ["Point", "i"], { i: 1 }],
    ["enum E { A, B }; const j = E.B", ["E", "j"], { j: 1 }],
    ["k = await Promise.resolve(6)", ["k"], { k: 6 }],
    ["var l", ["l"], { l: undefined }],
    ["const m = early(); function early() { return 7 }", ["m", "early"], { m: 7 }],
  ])("%s: what it declares is known afterwards", async (typed, names, values) => {
    const scope: Scope = {}
    await evaluate(scope, typed)
    expect(((await prepare(typed)) as Code).names).toEqual(names)
    expect(scope).toMatchObject(values)
  })
  test("the last expression is the value; an object is an object, not a block; the same name may be declared again", async () => {
    const scope: Scope = {}
    expect(await evaluate(scope, "const a = 2\na + 1")).toBe(3)
    expect(await evaluate(scope, "{ a, b: 1 }")).toEqual({ a: 2, b: 1 })
    expect(await evaluate(scope, "const a = 5")).toBeUndefined()
    expect(await evaluate(scope, "a")).toBe(5)
    expect(await evaluate(scope, "if (a > 3) { a = 9 }\na")).toBe(9)
    expect(Object.keys(globalThis)).not.toContain("a")
  })
  test("imports, static and dynamic, go to whoever loads for the shell", async () => {
    const scope: Scope = { __import: (from: string) => Promise.resolve({ default: from, x: `${from}.x` }) }
    await evaluate(
      scope,
      'import a, { x as y, type T } from "p"\nimport * as n from "q"\nconst z = (await import("r")).x',
    )
    expect(scope).toMatchObject({ a: "p", y: "p.x", n: { x: "q.x" }, z: "r.x" })
  })
  test.each(["f(", "const a = {", "`abc", "if (x) {", "/* more", "[1,\n2,"])("%s is not finished", async (typed) => {
    expect(await prepare(typed)).toEqual({ kind: "more" })
  })
  test.each([
    ["a b", 'Expected ";" but found "b"', 3],
    ["export const a = 1", "nothing can be exported from a shell", 1],
    ["'abc", "Unterminated string literal", 5],
  ])("%s is wrong, and where", async (typed, problem, column) => {
    expect(await prepare(typed)).toMatchObject({ kind: "wrong", problem, column })
  })
  test("an endless loop is stopped", async () => {
    await expect(evaluate({}, "while (true) {}")).rejects.toBeInstanceOf(HeldTooLong)
  }, 20_000)
})

describe("a shell that only reads", () => {
  const box = { a: 1, list: [1, 2] }
  const scope: Scope = { box, f: () => (box.a = 99) }
  test.each([
    ["box.a + 1", 2],
    ["box.list.map((x) => x * 2)", [2, 4]],
    ["JSON.stringify(box)", '{"a":1,"list":[1,2]}'],
    ["10n ** 3n", 1000n],
    ["undefined", undefined],
    ["-0", -0],
  ])("%s is evaluated", (expression, value) => {
    expect(readOnly(expression, scope)).toEqual(value)
  })
  test("a value is the very one, not a copy of it", () => {
    expect(readOnly("box", scope)).toBe(box)
  })
  test.each([
    "box.a = 2",
    "box.list.push(3)",
    "delete box.a",
    "f()",
    "process.kill(process.pid, 0)",
    "process.env.UMBEL_SHELL_TEST = '1'",
    "setTimeout(() => { box.a = 3 })",
    "queueMicrotask(() => { box.a = 3 })",
    "(async () => { await 0; box.a = 3 })()",
    "Promise.resolve().then(() => { box.a = 3 })",
    "new Proxy(box, { get() { box.a = 3 } }).x",
    "({ toString() { box.a = 3 } }) + ''",
    "eval('box.a = 3')",
    "new Function('return 1')()",
    "import('node:fs')",
    "Object.defineProperty(globalThis, 'x', { value: 1 })",
    "Object.setPrototypeOf(box, null)",
    "(function* () { box.a = 3 })().next()",
  ])("%s is refused, and nothing has changed", async (expression) => {
    expect(() => readOnly(expression, scope)).toThrow(SideEffect)
    await new Promise((resolve) => setImmediate(resolve))
    expect(box).toEqual({ a: 1, list: [1, 2] })
  })
  test("what throws throws, and what does not end is stopped", () => {
    expect(() => readOnly("null.x", scope)).toThrow(TypeError)
    expect(() => readOnly("(() => { while (true) {} })()", scope)).toThrow(HeldTooLong)
  })
  test("printing runs nothing of a value: no getter, no proxy, no iterator, no constructor's name", () => {
    let ran = 0
    const trap = () => ran++
    const evil = {
      get getter() {
        return trap()
      },
      proxy: new Proxy({}, { get: trap, ownKeys: () => [String(trap())] }),
      list: Object.defineProperty([1], Symbol.iterator, { get: trap }),
      object: Object.create(Object.defineProperty({}, "constructor", { get: trap })) as object,
      fine: tuple(atom("ok"), new Map([["k", new Set([1])]])),
    }
    expect(print(harmless(evil), { columns: 300, colour: false })).toBe(
      '%{getter: :"#Getter", proxy: :"#Proxy", list: [1], object: :"#Object", fine: {:ok, %{"k" => [1]}}}',
    )
    expect(ran).toBe(0)
  })
})

describe("printing", () => {
  const value = { name: "a, b", list: [1, 2.5, [true, null]], atom: atom("ok"), text: 'say "hi"' }
  test("as a term, on one line where it fits", () => {
    expect(print(value, { columns: 120, colour: false })).toBe(
      '%{name: "a, b", list: [1, 2.5, [true, nil]], atom: :ok, text: "say \\"hi\\""}',
    )
  })
  test("each element on a line of its own where it does not", () => {
    expect(print(value, { columns: 40, colour: false })).toBe(
      '%{\n  name: "a, b",\n  list: [1, 2.5, [true, nil]],\n  atom: :ok,\n  text: "say \\"hi\\""\n}',
    )
  })
  test("colours change nothing but colours, and tokens lose nothing", () => {
    const plain = print(value, { columns: 120, colour: false })
    const coloured = print(value, { columns: 120, colour: true })
    expect(coloured).not.toBe(plain)
    expect(stripVTControlCharacters(coloured)).toBe(plain)
    expect(tokensOf(plain).join("")).toBe(plain)
  })
})

describe("completion", () => {
  const scope: Scope = {
    node: { call() {}, cast() {}, connect: { deep: { er: 1 } } },
    nodes: [],
    get bad() {
      throw new Error("a getter was run")
    },
  }
  test.each([
    ["nod", ["node", "nodes"]],
    ["await node.ca", ["node.call", "node.cast"]],
    ["f(node.connect.deep.e", ["node.connect.deep.er"]],
    ["Math.ma", ["Math.max"]],
    ["'x'.", []],
    ["bad.x", []],
    ["", []],
  ])("%s", (text, found) => {
    expect(complete(text, scope)).toEqual(found)
  })
})

test("history is kept for its owner, newest first, once each, and a cut-off line is no harm", async () => {
  const folder = await mkdtemp(join(tmpdir(), "umbel-history-"))
  const file = join(folder, "umbel", "shell-history")
  for (const entry of ["a", "b\nc", "a"]) remember(file, entry)
  expect(readHistory(file)).toEqual(["a", "b\nc"])
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await writeFile(file, '"a"\n"b')
  expect(readHistory(file)).toEqual(["a"])
  await rm(folder, { recursive: true })
})

test("help on a definition is what it can be asked", async () => {
  const { genServer } = await import("umbel")
  const definition = genServer("x.y", {
    init: () => ({ n: 0 }),
    calls: { add: ({ state }, by: number, { and = 1 } = {}) => (state.n += by + and), get: ({ state }) => state.n },
    casts: {
      reset(self) {
        self.state.n = 0
      },
    },
  })
  const text = definitionHelp(definition) ?? ""
  expect(text).toContain("x.y\n  calls\n    add(by, { and = 1 } = {})\n    get()\n  casts\n    reset()")
  expect(definitionHelp({})).toBeUndefined()
})

test("what is interrupted while it is still being read never runs, nor what waits behind it", async () => {
  const tty = () => Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  const input = tty()
  const output = tty()
  let out = ""
  output.on("data", (text) => (out += text))
  const ran: string[] = []
  const terminal = new Terminal(
    {
      evaluate: async ({ typed }) => {
        ran.push(typed)
        return { kind: "value", number: ran.length, text: "" }
      },
      complete: async () => [],
      interrupt: () => ran.push("interrupt"),
    },
    { input: input as never, output: output as never, history: [], remember: () => {}, prompt: "a", colour: false },
  )
  const left = terminal.run()
  input.write("spoil()\rspoil()\r\u0003")
  await expect.poll(() => out).toContain("interrupted before it began")
  input.write("fine()\r")
  await expect.poll(() => ran).toEqual(["fine()"])
  input.end()
  await left
})
