/**
 * An Umbel node in an operating-system process of its own: one that can be stopped and killed.
 *
 * ```ts
 * await using umbel = await UmbelProcess.start("u@127.0.0.1", cookie, epmdPort, 8_000)
 * await umbel.ask("connect b@127.0.0.1")      // "true"
 * await signalled(umbel, "SIGSTOP")
 * ```
 */
import { fileURLToPath } from "node:url"
import { Program } from "./program.ts"

const SCRIPT = fileURLToPath(new URL("../peers/umbel-node.ts", import.meta.url))

export class UmbelProcess extends Program {
  #questions = 0

  static async start(name: string, cookie: string, epmdPort: number, tickMs: number): Promise<UmbelProcess> {
    const args = ["--conditions=@umbel/source", "--import=tsx", SCRIPT, name, cookie, String(epmdPort), String(tickMs)]
    const node = new UmbelProcess(name, process.execPath, args)
    await node.line((line) => line === "ready")
    return node
  }

  async ask(request: string): Promise<string> {
    const number = ++this.#questions
    this.say(`${number} ${request}`)
    const head = `answer ${number} `
    return (await this.line((line) => line.startsWith(head))).slice(head.length)
  }
}
