/** An Umbel node for a test, with what it reported. */
import type { Node } from "umbel"
import { boot } from "umbel/nodejs"
import { describeReport } from "umbel/otp"

export interface TestNode extends AsyncDisposable {
  readonly node: Node
  /** Its reports in words, oldest first. */
  readonly reports: readonly string[]
}

export async function umbelNode(name: string, cookie: string, epmdPort: number): Promise<TestNode> {
  const reports: string[] = []
  const node = await boot({ name, cookie, epmdPort, report: (report) => reports.push(describeReport(report)) })
  return { node, reports, [Symbol.asyncDispose]: () => node.stop() }
}
