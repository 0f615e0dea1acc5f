/** An Umbel node for a test, with what it reported. */
import type { Node } from "umbel"
import { type BootOptions, boot } from "umbel/nodejs"
import { describeReport } from "umbel/otp"

export interface TestNode extends AsyncDisposable {
  readonly node: Node
  /** Its reports in words, oldest first. */
  readonly reports: readonly string[]
}

export async function umbelNode(
  name: string,
  cookie: string,
  epmdPort: number,
  options: Omit<BootOptions, "name" | "cookie" | "epmdPort" | "report"> = {},
): Promise<TestNode> {
  const reports: string[] = []
  const report: BootOptions["report"] = (report) => reports.push(describeReport(report))
  const node = await boot({ ...options, name, cookie, epmdPort, report })
  return { node, reports, [Symbol.asyncDispose]: () => node.stop() }
}
