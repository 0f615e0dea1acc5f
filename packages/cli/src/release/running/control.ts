/**
 * How `bin/NAME stop` and its like talk to the node that runs: one question and one answer, as lines of JSON, over a socket in the file system.
 *
 * ```ts
 * await using control = await Control.listen(socketOf(place), (question) => answer)
 * await ask(socketOf(place), { verb: "status" })       // from another process of the same user
 * ```
 *
 * Not over distribution, on purpose: a file with mode 0600 lets in who could debug the process anyway and nobody else, so that a peer with the
 * cookie cannot evaluate code here; and it answers where EPMD or the network does not.
 */
import { createHash } from "node:crypto"
import { chmod, mkdir, unlink } from "node:fs/promises"
import { createConnection, createServer, type Server, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { mistakeIn } from "./evaluate.ts"
import type { Place } from "./settings.ts"

export type Question =
  | { readonly verb: "status" }
  | { readonly verb: "drain"; readonly ms: number }
  | { readonly verb: "stop"; readonly drainMs: number | undefined }
  | { readonly verb: "evaluate"; readonly code: string }

/** No node of that name runs here. */
export class NotRunning extends Error {
  override readonly name = "NotRunning"
}
/** The node runs, and could not do it. */
export class Failed extends Error {
  override readonly name = "Failed"
}

/** Systems allow a socket's path some 100 bytes. */
const PATH_MAX = 100
const QUESTION_MAX = 1_000_000
const ANSWER_MAX = 64_000_000

/** Where the socket of that node is. */
export function socketOf({ run, name }: Place): string {
  const file = join(run, `${name}.sock`)
  if (Buffer.byteLength(file) <= PATH_MAX) return file
  const short = createHash("sha256").update(file).digest("hex").slice(0, 24)
  return join(tmpdir(), `umbel-${process.getuid?.() ?? 0}`, `${short}.sock`)
}

export class Control implements AsyncDisposable {
  readonly #server: Server
  readonly #path: string

  private constructor(server: Server, path: string) {
    this.#server = server
    this.#path = path
  }

  /** Resolves to undefined when a node listens there already. */
  static async listen(path: string, answer: (question: Question) => Promise<unknown>): Promise<Control | undefined> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    if (await someoneListens(path)) return undefined
    // Left by a node that was killed.
    await unlink(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error
    })
    const server = createServer((socket) => void serve(socket, answer))
    const before = process.umask(0o177)
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject)
        server.listen(path, resolve)
      })
    } finally {
      process.umask(before)
    }
    await chmod(path, 0o600)
    server.unref()
    return new Control(server, path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    await unlink(this.#path).catch(() => {})
  }
}

function someoneListens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path)
    socket.once("connect", () => {
      socket.destroy()
      resolve(true)
    })
    socket.once("error", () => resolve(false))
  })
}

async function serve(socket: Socket, answer: (question: Question) => Promise<unknown>): Promise<void> {
  // Whoever asked may leave before the answer: there is nobody to tell then.
  socket.on("error", () => socket.destroy())
  socket.unref()
  try {
    const line = await firstLine(socket, QUESTION_MAX)
    if (line === undefined) return void socket.destroy()
    const reply = await answer(JSON.parse(line) as Question).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: mistakeIn(error) }),
    )
    socket.end(`${JSON.stringify(reply)}\n`)
  } catch {
    socket.destroy()
  }
}

/** Asks the node that listens there. @throws NotRunning, Failed */
export async function ask(path: string, question: Question): Promise<unknown> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opening = createConnection(path)
    opening.once("connect", () => resolve(opening))
    opening.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EACCES" ? new Failed(`${path} belongs to another user`) : new NotRunning(path)),
    )
  })
  socket.on("error", () => socket.destroy())
  socket.write(`${JSON.stringify(question)}\n`)
  const line = await firstLine(socket, ANSWER_MAX)
  socket.destroy()
  if (line === undefined) throw new NotRunning(path)
  const { value, error } = JSON.parse(line) as { value?: unknown; error?: string }
  if (error !== undefined) throw new Failed(error)
  return value
}

/** Undefined when the socket closed before, or the line is longer than that many characters. */
function firstLine(socket: Socket, max: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = ""
    socket.setEncoding("utf8")
    socket.on("data", (chunk: string) => {
      text += chunk
      const end = text.indexOf("\n")
      if (end >= 0) resolve(text.slice(0, end))
      else if (text.length > max) resolve(undefined)
    })
    socket.on("close", () => resolve(undefined))
    socket.on("end", () => resolve(undefined))
  })
}
