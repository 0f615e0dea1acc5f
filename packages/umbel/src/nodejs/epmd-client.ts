/**
 * Asking EPMD: on which port a node listens, and telling it on which port we do.
 *
 * Registration is kept alive: when EPMD goes away this node registers anew as soon as there is one again, and, if nobody else brings one,
 * brings one itself.
 */
import { createConnection, type Socket } from "node:net"
import { aliveRequest, type EpmdReply, EpmdReplyReader, type EpmdRequest, encodeEpmdRequest } from "../wire/index.ts"

/** Milliseconds for one question. */
const ANSWER_MS = 5_000

/** EPMD did not answer, or said no. */
export class EpmdError extends Error {
  override readonly name = "EpmdError"
}

export interface EpmdAddress {
  readonly host: string
  readonly port: number
}

/** `ERL_EPMD_PORT`, or 4369, as Erlang has it. @throws RangeError for a port that is none */
export function epmdPort(env: Readonly<Record<string, string | undefined>>): number {
  const text = env["ERL_EPMD_PORT"]
  if (text === undefined || text === "") return 4369
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(`ERL_EPMD_PORT is a port from 1 to 65535, not ${JSON.stringify(text)}`)
  }
  return port
}

/** The port that the node of that name (the part before the `@`) listens on; undefined when EPMD knows no such node. */
export async function lookUp(epmd: EpmdAddress, name: string): Promise<number | undefined> {
  const { reply, socket } = await ask(epmd, { request: "port", name }, "port")
  socket.destroy()
  return reply.reply === "port" ? reply.found?.port : undefined
}

/** The nodes EPMD knows. */
export async function registeredNodes(epmd: EpmdAddress): Promise<readonly { name: string; port: number }[]> {
  const { reply, socket } = await ask(epmd, { request: "names" }, "names")
  socket.destroy()
  return reply.reply === "names" ? reply.nodes : []
}

/**
 * Registers; the registration holds as long as the socket that is returned is open. Whether the node is hidden is for people: what
 * counts is what it says in the handshake.
 * @throws EpmdError when the name is taken
 */
export async function register(epmd: EpmdAddress, name: string, port: number, hidden: boolean): Promise<Socket> {
  const { reply, socket } = await ask(epmd, aliveRequest({ name, port, hidden }), "alive")
  if (reply.reply !== "alive" || reply.creation === undefined) {
    socket.destroy()
    throw new EpmdError(
      `the name ${name} is taken by another running node (EPMD at ${epmd.host}:${epmd.port}); choose another name, or stop that node`,
    )
  }
  return socket
}

function ask(
  epmd: EpmdAddress,
  request: EpmdRequest,
  kind: EpmdReply["reply"],
): Promise<{ reply: EpmdReply; socket: Socket }> {
  return new Promise((resolve, reject) => {
    const reader = new EpmdReplyReader(kind)
    const socket = createConnection({ host: epmd.host, port: epmd.port })
    const fail = (error: unknown): void => {
      socket.destroy()
      reject(error)
    }
    const give = (reply: EpmdReply | undefined): void => {
      if (reply === undefined) return
      socket.setTimeout(0)
      socket.removeAllListeners()
      resolve({ reply, socket })
    }
    socket.setTimeout(ANSWER_MS, () =>
      fail(new EpmdError(`EPMD at ${epmd.host}:${epmd.port} did not answer within ${ANSWER_MS} ms`)),
    )
    socket.on("error", (error) =>
      fail(new EpmdError(`EPMD at ${epmd.host}:${epmd.port}: ${error.message}`, { cause: error })),
    )
    socket.on("connect", () => socket.write(encodeEpmdRequest(request)))
    socket.on("data", (chunk) => {
      try {
        give(reader.receive(chunk))
      } catch (error) {
        fail(error)
      }
    })
    socket.on("end", () => {
      try {
        give(reader.end())
      } catch (error) {
        fail(error)
      }
    })
  })
}
