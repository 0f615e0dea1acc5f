/** A TCP port of the loopback address that nobody listens on: for an EPMD of a test's own. */
import { createServer } from "node:net"

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as { port: number }
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}
