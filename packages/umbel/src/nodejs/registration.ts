/**
 * A node's place in EPMD, kept for as long as the node runs: with the EPMD of the machine, or one of our own where there is none.
 */
import type { Socket } from "node:net"
import { type EpmdAddress, EpmdError, register } from "./epmd-client.ts"
import { EpmdServer } from "./epmd-server.ts"

/** Milliseconds between attempts to find an EPMD again. */
const RETRY_MS = 500

/** Where the EPMD of this machine is. */
export interface EpmdPlace extends EpmdAddress {
  /** The addresses on which one of our own listens; `host` unless told. */
  readonly listenOn?: readonly string[] | undefined
}

/** What EPMD is told of a node. */
export interface Registered {
  /** Without its host. */
  readonly name: string
  readonly port: number
  readonly hidden: boolean
}

export class Registration {
  readonly #epmd: EpmdPlace
  readonly #node: Registered
  readonly #tell: (level: "info" | "warning", text: string) => void
  #socket: Socket | undefined
  #own: EpmdServer | undefined
  #retry: NodeJS.Timeout | undefined
  #over = false

  constructor(epmd: EpmdPlace, node: Registered, tell: (level: "info" | "warning", text: string) => void) {
    this.#epmd = epmd
    this.#node = node
    this.#tell = tell
  }

  /** Whether the EPMD is this process's own. */
  get embedded(): boolean {
    return this.#own !== undefined
  }

  /** Registers. @throws EpmdError when the name is taken, or the port is held by something that is no EPMD */
  async start(): Promise<void> {
    try {
      this.#hold(await this.#register())
    } catch (error) {
      if (!isRefused(error)) throw error
      // Nobody listens there. Two nodes may find that at once: one of them gets the port, and both then register there.
      this.#own ??= await EpmdServer.listen(this.#epmd.port, this.#epmd.listenOn ?? this.#epmd.host)
      this.#hold(await this.#register())
    }
  }

  #register(): Promise<Socket> {
    const { name, port, hidden } = this.#node
    return register(this.#epmd, name, port, hidden)
  }
  #hold(socket: Socket): void {
    this.#socket = socket
    socket.unref()
    socket.on("error", () => socket.destroy())
    // EPMD sends nothing more; reading is how its end is noticed.
    socket.resume()
    socket.on("close", () => {
      if (this.#over) return
      this.#tell("warning", "EPMD has gone away; registering again")
      this.#again()
    })
  }

  #again(): void {
    this.#retry = setTimeout(() => {
      this.start().then(
        () => this.#tell("info", `registered with EPMD again${this.embedded ? ", which is now this node's own" : ""}`),
        (error: unknown) => {
          if (this.#over) return
          this.#tell("warning", `EPMD: ${error instanceof Error ? error.message : String(error)}`)
          this.#again()
        },
      )
    }, RETRY_MS)
    this.#retry.unref()
  }

  async stop(): Promise<void> {
    this.#over = true
    clearTimeout(this.#retry)
    this.#socket?.destroy()
    await this.#own?.close()
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof EpmdError && (error.cause as NodeJS.ErrnoException | undefined)?.code === "ECONNREFUSED"
}
