/** Ports: real programs (cat, sh, Python, Ruby) as processes; their ends, their children, floods both ways. */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { findPeers } from "../../../../scripts/peers.mjs"
import { boot, isPortMessage, port } from "../../src/nodejs/index.ts"
import { child, type GenServer, name, type SupervisorApi, supervisor } from "../../src/otp/index.ts"
import type { Api, CrashReport, Node, Report } from "../../src/runtime/index.ts"
import { atom, isTuple, kill, type Pid, shutdown, type Target, tuple } from "../../src/term/index.ts"

const peers = findPeers()
const PROGRAMS = fileURLToPath(new URL("../../../../examples/ports", import.meta.url))

let node: Node
let reports: Report[]
let folder: string
beforeEach(async () => {
  reports = []
  folder = mkdtempSync(join(tmpdir(), "umbel-port-"))
  node = await boot({ name: "ports@127.0.0.1", report: (report) => reports.push(report) })
})
afterEach(async () => {
  await node.stop()
  rmSync(folder, { recursive: true })
})

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
const endOf = (target: Target): Promise<unknown> =>
  new Promise((resolve) => void node.monitor(target, ({ reason }) => resolve(reason)))
const rejection = (work: Promise<unknown>): Promise<{ reason: unknown; message: string }> =>
  work.then(
    () => Promise.reject(new Error("expected a rejection")),
    (error) => error,
  )
/** Whether the operating system has a process of that number that is more than a zombie. */
const runs = (osPid: number): boolean => {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(osPid)], { encoding: "utf8" })
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z")
}
const notes = (): string[] => reports.flatMap((report) => (report.kind === "note" ? [report.text] : []))
const crashes = (): CrashReport[] => reports.filter((report) => report.kind === "crash")
/** Collects what the port says to a process that subscribed. */
const listen = async (target: Pid): Promise<{ heard: unknown[]; pid: Pid }> => {
  const heard: unknown[] = []
  const pid = node.spawn(async (self) => {
    for (;;) heard.push((await self.receive(isPortMessage)).data)
  })
  await node.ask(target, tuple(atom("subscribe"), pid))
  return { heard, pid }
}
const shell = (script: string) => ({ command: "sh", args: ["-c", script] })
const underSupervisor = async <A extends Api>(definition: GenServer<void, A>, max = 3): Promise<Pid<SupervisorApi>> =>
  node.start(supervisor("test.sup", { intensity: max, children: [child(definition, { id: "port" })] }))
const childOf = async (sup: Pid<SupervisorApi>): Promise<Pid> => (await node.call(sup).children())[0]!.pid as Pid

describe("messages", () => {
  const ways = [1, 2, 4] as const
  test.each(ways)("packets of %i length bytes go to cat and back", async (packet) => {
    const cat = await node.start(port("test.cat", { command: "cat", packet }))
    const sizes = [0, 1, 200, 255]
    for (const size of sizes) {
      const answer = await node.call(cat).request(new Uint8Array(size).fill(size))
      // An empty binary is the empty string: one term.
      expect(answer).toEqual(size === 0 ? "" : new Uint8Array(size).fill(size))
    }
  })
  test("lines", async () => {
    const upper = await node.start(
      port("test.lines", { ...shell('while read -r x; do echo "<$x>"; done'), packet: "line" }),
    )
    const answers = await Promise.all(["a", "", "größe"].map((line) => node.call(upper).request(line)))
    expect(answers).toEqual(["<a>", "<>", "<größe>"])
    expect((await rejection(node.call(upper).request("two\nlines"))).reason).toMatch("a line has no line end in it")
  })
  test("raw bytes, until the end of the input", async () => {
    const said: Uint8Array[] = []
    const raw = port("test.sort", {
      command: "sort",
      packet: "raw",
      onMessage: (_self, bytes) => void said.push(bytes),
    })
    const pid = await node.start(raw)
    const ended = endOf(pid)
    await node.call(pid).send("b\na\n")
    await node.call(pid).send("c\n")
    await node.call(pid).closeInput()
    expect(String(await ended)).toBe("normal")
    expect(Buffer.concat(said).toString()).toBe("a\nb\nc\n")
    expect(reports.filter(({ kind }) => kind === "crash")).toEqual([])
  })
  test("a handler gets what no request waits for, in order, one at a time, and may answer the program", async () => {
    const said: string[] = []
    let inside = 0
    const counter = port("test.handler", (limit: number) => ({
      ...shell("echo go; while read -r x; do echo $x; done"),
      packet: "line",
      async onMessage(self, line) {
        expect(++inside).toBe(1)
        said.push(line)
        await new Promise((resolve) => setImmediate(resolve))
        inside--
        if (said.length < limit) self.write(`${said.length}`)
        else self.stop()
      },
    }))
    expect(String(await endOf(await node.start(counter, { arg: 4 })))).toBe("normal")
    expect(said).toEqual(["go", "1", "2", "3"])
  })
  test("all subscribers get them, and nothing is lost before the first one comes", async () => {
    const pid = await node.start(
      port("test.seq", { ...shell("seq 1 3; read -r x; seq 4 6; read -r y"), packet: "line" }),
    )
    const first = await listen(pid)
    await until(() => first.heard.length === 3)
    const second = await listen(pid)
    await node.call(pid).send("go")
    await until(() => second.heard.length === 3 && first.heard.length === 6)
    expect([first.heard, second.heard]).toEqual([
      ["1", "2", "3", "4", "5", "6"],
      ["4", "5", "6"],
    ])
    node.exit(second.pid, kill)
    await node.ask(pid, tuple(atom("unsubscribe"), first.pid))
    expect(await node.call(pid).osPid()).toBeGreaterThan(0)
  })
  test("what is too long is refused on the way out, and ends the port on the way in, with its size", async () => {
    const short = port("test.short", { command: "cat", packet: 2, maxPacket: 10 })
    const pid = await node.start(short)
    expect((await rejection(node.call(pid).send(new Uint8Array(11)))).reason).toBe(
      "a message of 11 bytes; at most 10 bytes are allowed (maxPacket)",
    )
    node.cast(pid).send(new Uint8Array(12))
    await until(() => notes().length > 0)
    expect(notes()).toEqual([
      "a message that was cast is lost: a message of 12 bytes; at most 10 bytes are allowed (maxPacket)",
    ])
    const prints = await node.start(
      port("test.prints", { ...shell("echo Hello; sleep 60"), packet: 4, onMessage: () => {} }),
    )
    const osPid = await node.call(prints).osPid()
    await endOf(prints)
    expect(String(crashes()[0]?.error)).toMatch('text, "Hello\\n": does the program print to its standard output?')
    expect(runs(osPid)).toBe(false)
  })
  test("a message that nobody of the program's makers would send is reported, and harms nobody", async () => {
    const pid = await node.start(port("test.cat", { command: "cat", packet: "line" }))
    node.send(pid, "hello")
    expect(await node.call(pid).request("still there")).toBe("still there")
    expect(notes()).toEqual(['a port has no use for the message "hello"'])
  })
})

describe("terms", () => {
  const echo = [
    tuple(atom("echo"), 1),
    tuple(atom("echo"), [255, 256, -1, 2 ** 40, -(2 ** 40), 2n ** 100n, 1.5, -0.25]),
    tuple(atom("echo"), {
      name: "größe",
      list: [],
      nested: { deep: [tuple(), tuple(1, [2])] },
      yes: true,
      no: false,
      nil: null,
    }),
    tuple(atom("echo"), new Map([["a key", new Uint8Array([255, 254])]])),
    tuple(atom("echo"), "x".repeat(100_000)),
  ]
  const program = (command: string, file: string, etf: true | "erlport" = true) =>
    port("test.terms", { command, args: [join(PROGRAMS, file)], packet: 4, etf })

  test.skipIf(!peers.python3)(
    "Python answers in terms, an error is an answer, and its crash is the port's",
    async () => {
      const pid = await node.start(program("python3", "statistics_port.py"))
      const ask = (request: unknown) => node.call(pid).request(request)
      for (const request of echo) expect(await ask(request)).toEqual(tuple(atom("ok"), request.elements[1]))
      expect(await ask(tuple(atom("describe"), [1, 2, 6]))).toEqual(tuple(atom("ok"), { count: 3, mean: 3, median: 2 }))
      const no = (await rejection(ask(tuple(atom("mean"), [])))).reason
      expect(no).toBe("StatisticsError: mean requires at least one data point")
      const ended = endOf(pid)
      const lost = rejection(ask(atom("crash")))
      expect(await ended).toEqual(tuple(atom("exit_status"), 3))
      expect((await lost).reason).toEqual(tuple(atom("exit_status"), 3))
      expect(notes()).toEqual(["statistics are ready"])
      expect(crashes()[0]?.state).toMatchObject({ stderr: ["statistics are ready"] })
    },
  )
  test.skipIf(!peers.ruby)("Ruby answers in terms, and an error is an answer", async () => {
    const pid = await node.start(program("ruby", "words.rb"))
    const ask = (request: unknown) => node.call(pid).request(request)
    for (const request of echo) expect(await ask(request)).toEqual(tuple(atom("ok"), request.elements[1]))
    const counts = new Map(Object.entries({ to: 2, be: 2, or: 1, not: 1 }))
    expect(await ask(tuple(atom("count"), "to be or not to be"))).toEqual(tuple(atom("ok"), counts))
    expect((await rejection(ask(atom("nonsense")))).reason).toBe("ArgumentError: no request :nonsense")
  })
  test("in ErlPort's form are the tags it reads, and what has none is refused with its path", async () => {
    const log = join(folder, "bytes")
    const pid = await node.start(port("test.erlport", { command: "tee", args: [log], packet: 1, etf: "erlport" }))
    expect(await node.call(pid).request(tuple(atom("call"), 1))).toEqual(tuple(atom("call"), 1))
    // tee writes its answer before its file.
    await until(() => readFileSync(log).length >= 8)
    // ATOM_EXT (100), of the nineties.
    expect([...readFileSync(log)].slice(0, 8)).toEqual([12, 131, 104, 2, 100, 0, 4, 99])
    expect((await rejection(node.call(pid).request([1, { a: 1 }]))).reason).toMatch("message[1]")
    expect(await node.call(pid).request("still there")).toBe("still there")
  })
  test("what is no term ends the port, and says how it begins", async () => {
    const pid = await node.start(
      port("test.noterm", { command: "printf", args: ["\\001x"], packet: 1, etf: true, onMessage: () => {} }),
    )
    await endOf(pid)
    expect(String(crashes()[0]?.error)).toMatch("the program sent what is no term: malformed term at byte 0")
  })
})

describe("the end of the program", () => {
  test("is the end of the process: normal, {exit_status, N}, or 128 and the signal", async () => {
    const ends = async (script: string) =>
      endOf(await node.start(port("test.end", { ...shell(script), packet: "line" })))
    expect(String(await ends("exit 0"))).toBe("normal")
    expect(crashes()).toEqual([])
    expect(await ends("exit 7")).toEqual(tuple(atom("exit_status"), 7))
    expect(await ends("kill -TERM $$")).toEqual(tuple(atom("exit_status"), 143))
  })
  test("comes after all it has said, the last line without a line end too", async () => {
    const said: string[] = []
    const last = port("test.last", {
      ...shell("seq 1 20000; printf end"),
      packet: "line",
      async onMessage(_self, line) {
        said.push(line)
        if (said.length % 1000 === 0) await new Promise((resolve) => setImmediate(resolve))
      },
    })
    expect(String(await endOf(await node.start(last)))).toBe("normal")
    expect([said.length, said[0], said.at(-1)]).toEqual([20_001, "1", "end"])
  })
  test.skipIf(!peers.python3)("shows its last words on standard error in the crash report", async () => {
    const raises = port("test.raises", {
      command: "python3",
      args: ["-c", "raise ValueError('no more ink')"],
      packet: "line",
    })
    expect(await endOf(await node.start(raises))).toEqual(tuple(atom("exit_status"), 1))
    const { stderr } = crashes()[0]!.state as { stderr: string[] }
    expect(stderr.at(-1)).toBe("ValueError: no more ink")
    expect(notes()).toEqual(stderr)
  })
  test("in the middle of a packet is reported", async () => {
    const pid = await node.start(
      port("test.half", { command: "printf", args: ["\\010half"], packet: 1, onMessage: () => {} }),
    )
    expect(String(await endOf(pid))).toBe("normal")
    expect(notes()).toEqual(["the program's output ended in the middle of a packet, 5 bytes of which had come"])
  })
  test("by kill -9 makes its supervisor start it again, and waiting requests hear of it", async () => {
    const sup = await underSupervisor(port("test.victim", { command: "sleep", args: ["60"], packet: "line" }))
    const first = await childOf(sup)
    const osPid = (await node.ask(first, atom("osPid"))) as number
    const waiting = rejection(node.ask(first, tuple(atom("request"), "x")))
    process.kill(osPid, "SIGKILL")
    expect((await waiting).reason).toEqual(tuple(atom("exit_status"), 137))
    await until(() => notes().includes("test.sup restarted port"))
    const second = (await node.ask(await childOf(sup), atom("osPid"))) as number
    expect(second).not.toBe(osPid)
    expect(runs(second)).toBe(true)
    expect(crashes()[0]).toMatchObject({ title: "test.victim", state: { command: "sleep 60", osPid } })
  })
  test("takes along what it has started", async () => {
    const pid = await node.start(port("test.leaver", { ...shell("sleep 60 & echo $!; exit 5"), packet: "line" }))
    const ended = endOf(pid)
    const { heard } = await listen(pid)
    expect(await ended).toEqual(tuple(atom("exit_status"), 5))
    await until(() => heard.length === 1)
    expect(runs(Number(heard[0]))).toBe(false)
  })
  test("is not hidden by a daemon that keeps its output open", async () => {
    const daemon = shell("setsid sleep 60 & echo $!; exit 5")
    const pid = await node.start(
      port("test.daemon", { ...daemon, packet: "line", onMessage: (_self, line) => void said.push(line) }),
    )
    const said: string[] = []
    expect(await endOf(pid)).toEqual(tuple(atom("exit_status"), 5))
    // setsid forks when it leads a group, and else becomes what it runs: its number is the one that was said.
    spawnSync("pkill", ["-s", said[0]!])
  })
  test("with a program that keeps failing, its supervisor gives up", async () => {
    const sup = await underSupervisor(port("test.failing", { ...shell("echo broken >&2; exit 1"), packet: "line" }), 2)
    expect(await endOf(sup)).toBe(shutdown)
    expect(notes().filter((text) => text === "broken")).toHaveLength(3)
    expect(notes().at(-1)).toMatch("test.sup gives up: child port ended with {:exit_status, 1}")
  })
})

describe("the end of the process", () => {
  /** A shell with a child, which both ignore SIGTERM when told to. */
  const family = (stubborn: boolean) =>
    port("test.family", {
      ...shell(`${stubborn ? "trap '' TERM; " : ""}sleep 60 & echo $!; while :; do sleep 60; done`),
      packet: "line",
      killAfter: 50,
    })
  const started = async (stubborn: boolean) => {
    const pid = await node.start(family(stubborn))
    const osPid = await node.call(pid).osPid()
    const { heard } = await listen(pid)
    await until(() => heard.length === 1)
    const all = [osPid, Number(heard[0])]
    expect(all.map(runs)).toEqual([true, true])
    return { pid, all }
  }
  test.each([
    ["shutdown", shutdown, false],
    ["shutdown, of a program that ignores SIGTERM", shutdown, true],
    ["kill", kill, true],
  ] as const)("by %s ends the program and its children", async (_title, reason, stubborn) => {
    const { pid, all } = await started(stubborn)
    const ended = endOf(pid)
    node.exit(pid, reason)
    await ended
    await until(() => !all.some(runs))
  })
  test("by the node's stop, too, which waits for it", async () => {
    const { all } = await started(true)
    await node.stop()
    expect(all.map(runs)).toEqual([false, false])
  })
  test("by the exit of the operating-system process, too", () => {
    const script = join(folder, "exits.ts")
    const source = (path: string) =>
      JSON.stringify(fileURLToPath(new URL(`../../src/${path}/index.ts`, import.meta.url)))
    writeFileSync(
      script,
      `import { boot, port } from ${source("nodejs")}
      void (async () => {
        const node = await boot({ name: "exits@127.0.0.1" })
        const pid = await node.start(port("x", { command: "sh", args: ["-c", "trap '' HUP TERM; sleep 60"], packet: "line" }))
        console.log(await node.call(pid).osPid())
        process.exit(0)
      })()`,
    )
    const said = execFileSync(process.execPath, ["--conditions=@umbel/source", "--import=tsx", script], {
      encoding: "utf8",
    })
    const osPid = Number(said)
    expect(osPid).toBeGreaterThan(0)
    expect(runs(osPid)).toBe(false)
  })
})

describe("floods", () => {
  test("a program that reads nothing makes send wait, then refuses it; its end frees who waits", async () => {
    const deaf = port("test.deaf", { command: "sleep", args: ["60"], packet: 4, maxUnsent: 1 << 20 })
    const pid = await node.start(deaf)
    const chunk = new Uint8Array(200_000)
    let answered = 0
    const failures: unknown[] = []
    for (let i = 0; i < 20; i++) {
      node
        .call(pid, { timeout: "infinity" })
        .send(chunk)
        .then(
          () => answered++,
          (error: { reason: unknown }) => failures.push(error.reason),
        )
    }
    // The pipe takes some; a little more than 1 MiB waits; the rest is refused.
    await until(() => failures.length > 0)
    expect(await node.call(pid).osPid()).toBeGreaterThan(0)
    expect(failures.every((reason) => String(reason) === "busy")).toBe(true)
    const waiting = 20 - failures.length - answered
    expect(waiting).toBeGreaterThanOrEqual(4)
    expect(answered).toBeLessThan(4)
    const refused = failures.length
    node.exit(pid, kill)
    await until(() => failures.length === refused + waiting)
  })
  test("a program that begins to read lets them through", async () => {
    const pid = await node.start(port("test.late", { ...shell("read -r x; cat >/dev/null"), packet: "raw" }))
    const early = node.call(pid, { timeout: "infinity" }).send(new Uint8Array(2_000_000))
    node.cast(pid).send("go\n")
    await node.call(pid).osPid()
    // The first line end is behind two million bytes, which sh reads one by one.
    expect(String(await early)).toBe("ok")
  })
  test("a program that floods is read no faster than its handler takes it", async () => {
    const progress = join(folder, "progress")
    let count = 0
    let ahead = 0
    const flood = port("test.flood", {
      // A line of 1,000 bytes, and then how many there were.
      ...shell(`i=0; while [ $i -lt 3000 ]; do printf '%01000d\\n' $i; i=$((i+1)); echo $i >${progress}; done`),
      packet: "line",
      async onMessage() {
        if (++count % 100 !== 0) return
        // It gets time to run ahead as far as it can.
        execFileSync("sh", ["-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"])
        await new Promise((resolve) => setImmediate(resolve))
        ahead = Math.max(ahead, Number(readFileSync(progress, "utf8")) - count)
      },
    })
    expect(String(await endOf(await node.start(flood)))).toBe("normal")
    expect(count).toBe(3000)
    // What the pipe and one chunk hold, and no more.
    expect(ahead).toBeLessThan(1000)
  })
  test("a subscriber's mailbox stays short", async () => {
    const pid = await node.start(port("test.yes", { ...shell("seq 1 100000; read -r x"), packet: "line" }))
    let longest = 0
    let count = 0
    let last: unknown
    const reader = node.spawn(async (self) => {
      for (;;) {
        last = (await self.receive(isPortMessage)).data
        if (++count % 500 === 0) {
          longest = Math.max(longest, node.find(self.pid)!.size)
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
    })
    const ended = endOf(pid)
    await node.ask(pid, tuple(atom("subscribe"), reader))
    // The program lives until then: what an ended one has left is handed on at once, as it is little.
    await until(() => count === 100_000)
    await node.call(pid).send("go")
    expect(String(await ended)).toBe("normal")
    expect(last).toBe("100000")
    expect(longest).toBeGreaterThan(100)
    expect(longest).toBeLessThanOrEqual(1_000)
  })
  test("standard error is shown line by line, and no more than a hundred in a second", async () => {
    const pid = await node.start(port("test.noisy", { ...shell("seq 1 5000 >&2; printf last >&2"), packet: "line" }))
    const ended = await endOf(pid)
    expect(String(ended)).toBe("normal")
    const shown = notes()
    expect(shown.slice(0, 3)).toEqual(["1", "2", "3"])
    expect(shown.length).toBeLessThan(310)
    expect(shown.at(-1)).toMatch(/\(\d+ more lines, not shown: over 100 in a second\)/)
  })
})

describe("a port that cannot start says why", () => {
  const failure = async (spec: { command: string; cwd?: string }) =>
    (await rejection(node.start(port("test.start", { packet: "line", ...spec })))).message
  test("no such program, no such file, no such folder, no right to run it", async () => {
    expect(await failure({ command: "no-such-program" })).toBe(
      'test.start did not start: cannot start "no-such-program": there is no program of that name on the PATH (or its first line names an interpreter that is not there)',
    )
    expect(await failure({ command: "/no/such" })).toMatch('cannot start "/no/such": there is no such file')
    expect(await failure({ command: "cat", cwd: "/no/such" })).toMatch('its working folder "/no/such" is not there')
    const file = join(folder, "plain")
    writeFileSync(file, "x")
    expect(await failure({ command: file })).toMatch("the file may not be executed")
  })
  test("options that are none", () => {
    const wrong = (spec: object) => () => port("test.wrong", { command: "cat", packet: 4, ...spec } as never)
    expect(wrong({ comand: "cat" })).toThrow("test.wrong: a port has no comand; it has command, args, cwd")
    expect(wrong({ command: "" })).toThrow("command is the program's name or path")
    expect(wrong({ packet: 3 })).toThrow("packet is 1, 2, 4, line or raw, not 3")
    expect(wrong({ packet: "line", etf: true })).toThrow("`etf` needs packet 1, 2 or 4, not line")
    expect(wrong({ etf: "json" })).toThrow('etf is true, beam or erlport, not "json"')
    expect(wrong({ packet: 1, maxPacket: 256 })).toThrow(
      "a length of 1 bytes announces 255 at most, not maxPacket: 256",
    )
    expect(wrong({ killAfter: -1 })).toThrow("killAfter is a number from 0 on, not -1")
  })
  test("the environment and the folder are the program's", async () => {
    const spec = {
      ...shell("echo $UMBEL_A $HOME; pwd"),
      cwd: folder,
      env: { UMBEL_A: "a", HOME: undefined },
      packet: "line",
    } as const
    const pid = await node.start(port("test.env", spec))
    const { heard } = await listen(pid)
    await until(() => heard.length === 2)
    expect([heard[0], String(heard[1]).endsWith(folder)]).toEqual(["a", true])
  })
})

test("types: what goes in and comes out follows the framing", async () => {
  const lines = port("types.lines", { command: "cat", packet: "line", onMessage: (_self, line) => line.toUpperCase() })
  const packets = port("types.packets", { command: "cat", packet: 4, onMessage: (_self, bytes) => bytes.length })
  const terms = port("types.terms", { command: "cat", packet: 4, etf: true, onMessage: (_self, term) => isTuple(term) })
  const LINES = name<typeof lines>("lines")
  const typesOnly = async (): Promise<void> => {
    const line: string = await node.call(LINES).request("x")
    const bytes: Uint8Array = await node.call(name<typeof packets>("packets")).request("x")
    const term: unknown = await node.call(name<typeof terms>("terms")).request(tuple(1, line, bytes))
    // @ts-expect-error a line is text
    await node.call(LINES).send(new Uint8Array(1))
    // @ts-expect-error terms need a length
    port("types.wrong", { command: "cat", packet: "line", etf: true })
    void term
  }
  expect(typesOnly).toBeTypeOf("function")
})
