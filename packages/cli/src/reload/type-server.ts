/**
 * TypeScript as a language server: it keeps the program in memory, so that the types of a changed file are known in some ten milliseconds, where a new `tsc` takes
 * several hundred.
 *
 * ```ts
 * const types = await TypeServer.start(root)          // undefined where TypeScript is older than 7
 * await types.check(["/abc/apps/b/src/server.ts"])    // [] when all is well
 * await types.stop()
 * ```
 *
 * The wire is the Language Server Protocol: JSON-RPC over its standard streams, each message behind its length. Files are told as they are on disk.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import type { Readable, Writable } from "node:stream"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { Problem } from "./problems.ts"
import { nativeCompiler } from "./types.ts"

interface Diagnostic {
  readonly range: { readonly start: Position; readonly end: Position }
  readonly severity?: number
  readonly code?: number | string
  readonly message: string
}
interface Position {
  readonly line: number
  readonly character: number
}
interface Message {
  readonly id?: number | string
  readonly method?: string
  readonly params?: { readonly items?: readonly unknown[] }
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

const ERROR = 1
const SEPARATOR = "\r\n\r\n"

export class TypeServer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #asked = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  /** What the server was told of each file. */
  readonly #open = new Map<string, { readonly text: string; readonly version: number }>()
  #received: Buffer = Buffer.alloc(0)
  #count = 0
  #ended = false

  private constructor(command: string, root: string) {
    this.#child = spawn(command, ["--lsp", "--stdio"], { cwd: root, stdio: ["pipe", "pipe", "ignore"] })
    this.#child.stdout.on("data", (bytes: Buffer) => this.#receive(bytes))
    const ended = (error: Error): void => {
      this.#ended = true
      for (const { reject } of this.#asked.values()) reject(error)
      this.#asked.clear()
    }
    this.#child.on("error", ended)
    this.#child.on("exit", (code, signal) => ended(new Error(`TypeScript's server has ended (${signal ?? code})`)))
    // What is written to one that has just ended: its end is told above.
    this.#child.stdin.on("error", () => {})
  }

  static async start(root: string): Promise<TypeServer | undefined> {
    const command = await nativeCompiler(root)
    if (command === undefined) return undefined
    const server = new TypeServer(command, root)
    await server.#ask("initialize", {
      processId: process.pid,
      rootUri: pathToFileURL(root).href,
      capabilities: { textDocument: { diagnostic: {} } },
    })
    server.#tell("initialized", {})
    return server
  }

  get ended(): boolean {
    return this.#ended
  }

  /** The errors in these files. Rejects when the server has ended. */
  async check(files: readonly string[]): Promise<readonly Problem[]> {
    for (const uri of [...this.#open.keys()]) this.#sync(uri)
    const uris = files.filter(existsSync).map((file) => pathToFileURL(file).href)
    for (const uri of uris) if (!this.#open.has(uri)) this.#sync(uri)
    const found = await Promise.all(
      uris.map(async (uri) => {
        const answer = (await this.#ask("textDocument/diagnostic", { textDocument: { uri } })) as {
          items?: readonly Diagnostic[]
        } | null
        return (answer?.items ?? [])
          .filter(({ severity = ERROR }) => severity === ERROR)
          .map((one) => problemOf(uri, one))
      }),
    )
    return found.flat()
  }

  /** Files that are not checked themselves: settings, JSON, what was added or removed. */
  changed(files: Iterable<string>): void {
    const changes = [...files].map((file) => ({ uri: pathToFileURL(file).href, type: existsSync(file) ? 2 : 3 }))
    this.#tell("workspace/didChangeWatchedFiles", { changes })
  }

  stop(): Promise<void> {
    if (this.#ended) return Promise.resolve()
    return new Promise((resolve) => {
      this.#child.once("exit", () => resolve())
      this.#child.kill("SIGKILL")
    })
  }

  /** Tells how that file is on disk now. */
  #sync(uri: string): void {
    const known = this.#open.get(uri)
    const file = fileURLToPath(uri)
    if (!existsSync(file)) {
      this.#open.delete(uri)
      this.#tell("textDocument/didClose", { textDocument: { uri } })
      this.changed([file])
      return
    }
    const text = readFileSync(file, "utf8")
    if (known?.text === text) return
    const version = (known?.version ?? 0) + 1
    this.#open.set(uri, { text, version })
    if (known === undefined) {
      const languageId = file.endsWith("x") ? "typescriptreact" : "typescript"
      this.#tell("textDocument/didOpen", { textDocument: { uri, languageId, version, text } })
    } else this.#tell("textDocument/didChange", { textDocument: { uri, version }, contentChanges: [{ text }] })
  }

  #ask(method: string, params: object): Promise<unknown> {
    if (this.#ended) return Promise.reject(new Error("TypeScript's server has ended"))
    const id = ++this.#count
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      this.#write({ id, method, params })
    })
  }
  #tell(method: string, params: object): void {
    if (!this.#ended) this.#write({ method, params })
  }
  #write(message: object): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }))
    this.#child.stdin.write(`Content-Length: ${body.length}${SEPARATOR}`)
    this.#child.stdin.write(body)
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes])
    for (;;) {
      const at = this.#received.indexOf(SEPARATOR)
      if (at < 0) return
      const length = Number(/Content-Length: *(\d+)/i.exec(this.#received.toString("latin1", 0, at))?.[1])
      const start = at + SEPARATOR.length
      if (this.#received.length < start + length) return
      const body = this.#received.toString("utf8", start, start + length)
      this.#received = this.#received.subarray(start + length)
      this.#handle(JSON.parse(body) as Message)
    }
  }

  #handle({ id, method, params, result, error }: Message): void {
    if (method !== undefined) {
      // It asks for settings, and to be told of files: there are none, and it is told anyway.
      if (id !== undefined) this.#write({ id, result: params?.items?.map(() => null) ?? null })
      return
    }
    const asked = this.#asked.get(Number(id))
    this.#asked.delete(Number(id))
    if (error === undefined) asked?.resolve(result)
    else asked?.reject(new Error(`TypeScript's server: ${error.message}`))
  }
}

function problemOf(uri: string, { message, code, range: { start, end } }: Diagnostic): Problem {
  return {
    text: message,
    file: fileURLToPath(uri),
    line: start.line + 1,
    column: start.character + 1,
    ...(start.line === end.line ? { length: end.character - start.character } : {}),
    ...(code === undefined ? {} : { code: `TS${code}` }),
  }
}
