/**
 * A port that nothing listens on at this moment, and that nobody is given by chance before it is used: below the range from which the system takes ports for
 * whoever asks for any, and another one for each test, and each process of tests.
 */
import { createServer } from "node:net"

/** Linux gives out ports from 32,768 on. */
const FIRST = 12_000
const END = 32_000
/** Processes that test at the same time. */
const STRIDE = 64

let next =
  FIRST + (process.pid % STRIDE) + STRIDE * Math.floor((process.hrtime()[1] / 1e9) * ((END - FIRST) / STRIDE - 1))

export async function freePort(): Promise<number> {
  for (;;) {
    const port = next
    next = next + STRIDE < END ? next + STRIDE : FIRST + (process.pid % STRIDE)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    )
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })
}
