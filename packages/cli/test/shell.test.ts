/** `umbel shell` and `umbel run` as they are typed: into a node of one's own, into one that runs, and into one of the BEAM. */
import { spawn, spawnSync } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { BeamNode } from "../../../interop/support/beam-node.ts"
import { freePort } from "../../../interop/support/ports.ts"
import { RunningUmbel } from "./support/running.ts"
import { put, remove, twoApplications, WORD } from "./support/two-applications.ts"

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

const COOKIE = "shell-test"
let root = ""
let env: Record<string, string> = {}
beforeAll(async () => {
  root = await twoApplications()
  env = { ERL_EPMD_PORT: String(await freePort()), UMBEL_COOKIE: COOKIE, XDG_STATE_HOME: join(root, "state") }
})
afterAll(() => remove(root))

/** What a command prints when these lines are typed into it. */
async function typed(
  args: readonly string[],
  lines: readonly string[] = [],
): Promise<{ out: string; code: number | null }> {
  // Errors alone: on a busy machine a node also tells of what took long.
  const umbel = new RunningUmbel(root, [args[0]!, "--log", "error", ...args.slice(1)], env)
  for (const line of lines) umbel.type(line)
  umbel.endInput()
  const code = await umbel.ended
  return { out: umbel.out, code }
}

describe("a shell with the applications", () => {
  test("evaluates, remembers, calls, and is a process", async () => {
    const { out, code } = await typed(
      ["shell"],
      [
        'import { COUNTER } from "@abc/a"',
        "node.call(COUNTER).increment()",
        "const twice = (n: number): number => {",
        "  return n * 2",
        "}",
        "twice(await node.call(COUNTER).increment())",
        "v(-1) + 1",
        'self.send(self.pid, "a message")',
        "flush()",
        "flush()",
        'state("counter")',
        'tree("a")',
        "throw new Error('mine')",
        'self.exit("enough")',
        "twice(21)",
        "h('kill')",
        "h(COUNTER)",
        "a b",
      ],
    )
    expect(code).toBe(0)
    const lines = out.split("\n")
    expect(lines.slice(0, 6)).toEqual(["1", "4", "5", '"a message"', "no messages", "%{count: 2}"])
    expect(lines[6]).toMatch(/^a <[\d.]+> {2}a\.supervisor, one_for_one$/)
    expect(lines[7]).toMatch(/^└─ counter <[\d.]+>$/)
    expect(out).toMatch(/Error: mine\n {4}at shell:\d+:1:7\n(?! )/)
    expect(out).toContain('this shell\'s process has ended: "enough"')
    expect(out).toContain("\n42\n")
    expect(out).toContain("a.counter\n  calls\n    increment()\n    word()")
    expect(out).toContain("kill(process, reason?)\n  ends a process")
    expect(out).toContain('^ Expected ";" but found "b"')
  })
  test("recompile() reloads what has changed, and says when nothing has", async () => {
    const shell = new RunningUmbel(root, ["shell"], env)
    shell.type('import { word } from "@abc/b"')
    shell.type("word()")
    await shell.says('"yes"')
    await put(root, "apps/b/src/word.ts", WORD("new"))
    shell.type("recompile()")
    await shell.says("reloaded b in")
    shell.type("recompile()")
    await shell.says("nothing has changed")
    shell.type('(await import("@abc/b")).word()')
    await shell.says('"new"')
    shell.type("exit()")
    expect(await shell.ended).toBe(0)
    await put(root, "apps/b/src/word.ts", WORD("yes"))
  })
  test("--no-start starts none of them; --read-only refuses what would change something", async () => {
    const { out } = await typed(
      ["shell", "--no-start", "--read-only"],
      [
        "1 + 1",
        "globalThis.x = 1",
        'whereis("counter")',
        'kill("umbel_shell")',
        "const x = 1",
        "nodes()",
        "node",
        "await 1",
        "nothing",
        "info({ get name() { process.abort() } })",
      ],
    )
    const lines = out.trimEnd().split("\n")
    expect(lines[0]).toBe("2")
    expect(lines[1]).toContain("it may change something, and this shell only reads")
    expect(out).toContain("SideEffect: kill may change something, and this shell only reads; h() lists what it has")
    expect(out).toContain("takes one expression at a time")
    expect(out).toContain('["all@127.0.0.1"]')
    expect(out).toContain("SideEffect: node may change something")
    expect(out).toContain("SideEffect: nothing can be awaited")
    expect(out).toContain("ReferenceError: nothing is not defined")
    expect(out.match(/this shell only reads/g)).toHaveLength(4)
  })
})

describe("a shell into a node that runs", () => {
  let running: RunningUmbel | undefined
  afterEach(async () => {
    await running?.stop()
    running = undefined
  })

  test("is refused by one that was not started for it, in a sentence", async () => {
    running = new RunningUmbel(root, ["start", "all", "--observer", "0"], env)
    await vi.waitFor(
      async () => {
        const { out, code } = await typed(["shell", "--remsh", "all@127.0.0.1"])
        expect(out).toContain("all@127.0.0.1 permits no shell")
        expect(out).toContain("--shell")
        expect(code).toBe(1)
      },
      { timeout: 60_000 },
    )
  })
  test("evaluates over there, and what is typed is reported there with who typed it", async () => {
    running = new RunningUmbel(root, ["dev", "--no-types"], env)
    await running.says("Ctrl-C stops")
    const { out, code } = await typed(
      ["shell", "--remsh", "all@127.0.0.1"],
      [
        'import { COUNTER } from "@abc/a"',
        "node.call(COUNTER).increment()",
        "node.name",
        "process.pid",
        "nodes().length",
      ],
    )
    expect(code).toBe(0)
    const [count, name, pid, nodes] = out.split("\n")
    expect([count, name, nodes]).toEqual(["1", '"all@127.0.0.1"', "2"])
    expect(pid).toMatch(/^\d+$/)
    await running.says("session 1: node.call(COUNTER).increment()")
    expect(running.out).toMatch(/shell {2}\S+ \(shell-[0-9a-f]+@127\.0\.0\.1\) opened session 1 \(full\)/)
    await running.says("left session 1")
    const second = await typed(
      ["shell", "--remsh", "all@127.0.0.1", "--read-only"],
      ["process.pid + 0", "node.stop()", 'state("counter")'],
    )
    expect(second.out).toContain("SideEffect: node may change something")
    expect(second.out).toContain("%{count: 1}")
    await running.says("opened session 2 (read-only)")
  })
  test("of a node that only lets people read, everybody only reads", async () => {
    running = new RunningUmbel(root, ["start", "all", "--shell"], env)
    await vi.waitFor(
      async () => {
        const { out } = await typed(["shell", "--remsh", "all@127.0.0.1"], ['state("counter")', "globalThis.x = 1"])
        expect(out).toContain("%{count: 0}")
        expect(out).toContain("this shell only reads")
      },
      { timeout: 60_000 },
    )
  })
  test("a node that is not there ends it with 69", async () => {
    const { out, code } = await typed(["shell", "--remsh", "nobody@127.0.0.1"])
    expect(out).toContain("nobody@127.0.0.1 is not reached")
    expect(code).toBe(69)
  })
  test("what is no name is said to be none", async () => {
    const { out, code } = await typed(["shell", "--remsh", "nobody"])
    expect(out).toContain("write NAME@HOST")
    expect(code).toBe(1)
  })
})

test("a shell of a BEAM node calls into its modules, and its helpers ask there", async () => {
  const epmd = spawn("epmd", ["-port", env["ERL_EPMD_PORT"]!], { stdio: "ignore" })
  const beam = await BeamNode.start({
    program: "erl",
    name: "beam@127.0.0.1",
    cookie: COOKIE,
    epmdPort: Number(env["ERL_EPMD_PORT"]),
    script: 'register(me, spawn(fun() -> receive stop -> ok end end)), io:format("ready~n").',
  })
  const { out, code } = await typed(
    ["shell", "--remsh", "beam@127.0.0.1"],
    [
      "rpc.lists.reverse([1, 2, 3])",
      'whereis("me") === undefined',
      'tree("kernel")',
      'info("me")',
      'ps("me").length > 0',
      "remote",
      'state("kernel_sup")',
      'kill("me")',
      "recompile()",
      "h()",
    ],
  )
  expect(code).toBe(0)
  expect(out).toContain("rpc.MODULE.FUNCTION(…)")
  expect(out).not.toContain("trace(process")
  expect(out.split("\n")[0]).toBe("[3, 2, 1]")
  expect(out).toMatch(/^kernel <[\d.]+>$/m)
  expect(out).toMatch(/^[├└]─ :logger_sup <[\d.]+>$/m)
  expect(out).toContain("registered_name: :me")
  expect(out).toContain('"beam@127.0.0.1"')
  expect(out).toContain("recompile is not there on a node of the BEAM")

  // So do the commands that look at nodes; those that cannot say so.
  const asked = async (...args: readonly string[]) => {
    const umbel = new RunningUmbel(root, [...args, "--node", "beam"], env)
    return { code: await umbel.ended, out: umbel.out }
  }
  expect((await asked("ps", "kernel_sup")).out).toMatch(/^PID .*\n<0\.\d+\.0> +0 +\d+ {2}kernel_sup\n$/)
  expect((await asked("info", "init")).out).toMatch(/^registered_name +:init$/m)
  const none = await asked("kill", "nosuch", "--yes")
  expect(none.code).toBe(1)
  expect(none.out).toBe(
    "umbel: there is no process nosuch on beam@127.0.0.1\n       umbel ps --node beam@127.0.0.1 lists those that are\n",
  )
  const top = await asked("top", "--once")
  expect(top.code).toBe(1)
  expect(top.out).toContain(
    "beam@127.0.0.1 is a node of the BEAM, which cannot be looked at so\n       umbel observe --node",
  )
  await beam[Symbol.asyncDispose]()
  epmd.kill()
})

test("in a terminal it completes, keeps history, and goes on after Ctrl-C", async () => {
  if (spawnSync("script", ["--version"]).status !== 0)
    return console.warn("no script(1) here: the terminal is not tried")
  const home = await mkdtemp(join(tmpdir(), "umbel-terminal-"))
  const umbel = fileURLToPath(new URL("../bin/umbel.mjs", import.meta.url))
  const session = async (keys: readonly (readonly [wait: string, type: string])[]): Promise<string> => {
    const command = `${process.execPath} --conditions=@umbel/source ${umbel} shell --no-start`
    const child = spawn("script", ["-qec", command, "/dev/null"], {
      cwd: root,
      env: { ...process.env, ...env, TERM: "xterm", XDG_STATE_HOME: home },
    })
    let out = ""
    child.stdout.on("data", (text) => (out += text))
    const ended = new Promise((resolve) => child.on("close", resolve))
    let from = 0
    for (const [wait, type] of keys) {
      await vi.waitFor(() => expect(out.slice(from)).toContain(wait), { timeout: 30_000 })
      from = out.length
      child.stdin.write(type)
    }
    await ended
    return out
  }
  const first = await session([
    ["all(1)>", "self.mon"],
    ["self.mon", "\t"],
    ["itor", "\u0003"],
    ["all(1)>", "const first = 40\r"],
    ["all(2)>", "fir"],
    ["fir", "\t"],
    ["st", " + 2\r"],
    ["42", "new Promise(() => {})\r"],
    ["new Promise(() => {})\r", "\u0003"],
    // Ctrl-C may come while the line is still being read: then it never runs.
    ["interrupted", "first + 1\r"],
    ["41", "\u0003"],
    ["Ctrl-D or exit() leaves", "\u0004"],
  ])
  expect(first).toContain("h() lists the helpers")
  const second = await session([
    ["all(1)>", "\u001b[A"],
    ["first + 1", "\u0015'bye'\r"],
    ['"bye"', "exit()\r"],
  ])
  expect(second).toContain("first + 1")
  await rm(home, { recursive: true })
})

describe("umbel run", () => {
  test("what travels with messages is what runtime.config.ts says, here and in a shell", async () => {
    const traced = 'traceContext: { capture: () => "a trace", run: (_: unknown, handle: () => unknown) => handle() }'
    await put(root, "runtime.config.ts", `export default () => ({ node: { ${traced} } })\n`)
    expect(await typed(["run", "--eval", "node.traceContext.capture()"])).toEqual({ code: 0, out: '"a trace"\n' })
    expect(await typed(["shell"], ["node.traceContext.capture()"])).toEqual({ code: 0, out: '"a trace"\n' })
    await rm(join(root, "runtime.config.ts"))
  })
  test("runs a script with the node and its arguments, and ends with its status", async () => {
    await put(
      root,
      "scripts/count.ts",
      `import { COUNTER } from "@abc/a"
import type { Node } from "umbel"
export default async (node: Node, args: readonly string[]) => {
  console.log(await node.call(COUNTER).increment(), args, process.argv.slice(2))
  return 3
}
`,
    )
    expect(await typed(["run", "scripts/count.ts", "--", "a", "--b"])).toEqual({
      code: 3,
      out: "1 [ 'a', '--b' ] [ 'a', '--b' ]\n",
    })
  })
  test("a script that throws ends with 1 and its own lines", async () => {
    await put(root, "scripts/boom.ts", 'console.log("first")\nthrow new Error("boom")\n')
    const { out, code } = await typed(["run", "scripts/boom.ts", "--no-start"])
    expect(code).toBe(1)
    expect(out).toMatch(/^first\nError: boom\n {4}at .*scripts\/boom\.ts:2:7\)?\n$/)
  })
  test("--eval prints the value; a later one knows what an earlier one declared; a throw is 1", async () => {
    const good = [
      "--eval",
      'import { COUNTER } from "@abc/a"',
      "--eval",
      "const n = await node.call(COUNTER).increment()",
      "--eval",
      "n + 1",
    ]
    expect(await typed(["run", ...good])).toEqual({ code: 0, out: "2\n" })
    const { out, code } = await typed(["run", "all", "--no-start", "--eval", "null.x"])
    expect(out).toContain("TypeError: Cannot read properties of null")
    expect(code).toBe(1)
  })
  test("--no-halt runs on until it is told to stop", async () => {
    const umbel = new RunningUmbel(root, ["run", "--no-halt", "--eval", '"up"'], env)
    await umbel.says('"up"')
    expect(await umbel.stop()).toBe(0)
  })
  test.each([
    [["run"], "there is nothing to run"],
    [["run", "nothing.ts"], "there is no file"],
    [["run", "nope", "--eval", "1"], "there is no release or deployment nope"],
    [["run", "--no-start", "--eval", "f("], "is not finished"],
  ])("%j is a mistake, said in a sentence", async (args, words) => {
    const { out, code } = await typed(args)
    expect(code).toBe(1)
    expect(out).toContain(words)
    expect(out).not.toMatch(/^\s+at /m)
  })
})
