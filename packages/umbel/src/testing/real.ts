/**
 * A test's own node on the real platform: real time, real I/O.
 *
 * ```ts
 * await using t = await testNode({ applications: [shop] })
 * ```
 */
import { type BootOptions, boot, nodejsPlatform } from "../nodejs/index.ts"
import { Captured } from "./captured.ts"
import { settleInRealTime, TestNode } from "./test-node.ts"

export interface TestNodeOptions extends Partial<Omit<BootOptions, "report">> {
  /** What a crash that the test did not expect does to it; `fail` unless told. */
  readonly unexpectedCrashes?: "fail" | "ignore" | undefined
}

/** A node of a name nobody else has, alone unless it is given a cookie. @throws as `boot` does */
export async function testNode({ unexpectedCrashes, name, ...options }: TestNodeOptions = {}): Promise<TestNode> {
  const captured = new Captured()
  const number = nodejsPlatform(captured.report).random.uint32()
  const node = await boot({
    attributeRejections: true,
    rememberMessages: 10,
    ...options,
    name: name ?? `test-${number.toString(36)}@127.0.0.1`,
    report: captured.report,
  })
  const home = {
    awaited: <T>(work: Promise<T>) => work,
    prefix: () => "",
    lives: () => true,
    settle: settleInRealTime,
  }
  return new TestNode(node, captured, home, unexpectedCrashes !== "ignore")
}
