/**
 * What the conformance suite needs of a platform, and a few ways to look at what happens.
 *
 * ```ts
 * const node = await platform.boot()
 * const answer = await inProcess(platform, node, async (self) => { … })
 * ```
 *
 * Nothing here waits for an amount of time: `until` lets the platform go on until a condition holds.
 */
import type { ApplicationOptions } from "../../src/otp/index.ts"
import type { Down, Node, Report, Running } from "../../src/runtime/index.ts"
import type { Target } from "../../src/term/index.ts"

export interface NodeNeeds extends ApplicationOptions {
  readonly cookie?: string | undefined
  readonly report?: ((report: Report) => void) | undefined
  readonly onEnd?: ((application: string, reason: unknown) => void) | undefined
}

/** One of the two platforms. */
export interface Fixture {
  /** A node of its own name, alone or in the cluster of this test. */
  boot(needs?: NodeNeeds): Promise<Node>
  /** Two nodes that can talk, and have not done so yet. */
  bootTwo(left?: NodeNeeds, right?: NodeNeeds): Promise<readonly [Node, Node]>
  /** Lets the platform go on until the condition holds. */
  until(condition: () => boolean): Promise<void>
  /** Stops all nodes that were booted. */
  stop(): Promise<void>
}

/** Runs `body` in a process and gives what it returns, or throws what it throws. */
export async function inProcess<T>(platform: Fixture, node: Node, body: (self: Running) => Promise<T>): Promise<T> {
  let outcome: PromiseSettledResult<T> | undefined
  node.spawn(async (self) => {
    outcome = await body(self).then(
      (value) => ({ status: "fulfilled", value }) as const,
      (reason: unknown) => ({ status: "rejected", reason }) as const,
    )
  })
  await platform.until(() => outcome !== undefined)
  const settled = outcome as unknown as PromiseSettledResult<T>
  if (settled.status === "rejected") throw settled.reason
  return settled.value
}

/** Why `target` ended, once it has. */
export async function endOf(platform: Fixture, node: Node, target: Target): Promise<unknown> {
  let down: Down | undefined
  node.monitor(target, (told) => {
    down = told
  })
  await platform.until(() => down !== undefined)
  return (down as unknown as Down).reason
}

/** Resolves when everything that is under way on the node has been handled: a new process has had its turn after it. */
export const settled = (platform: Fixture, node: Node): Promise<void> =>
  inProcess(platform, node, async (self) => {
    for (let i = 0; i < 3; i++) {
      self.send(self.pid, "round")
      await self.receive()
    }
  })

/** What a promise was rejected with. */
export const rejection = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => {
      throw new Error(`expected a rejection, got ${String(value)}`)
    },
    (reason: unknown) => reason,
  )

/** Collects the reports of a node. */
export function reports(): { readonly all: Report[]; readonly report: (report: Report) => void; notes(): string[] } {
  const all: Report[] = []
  return {
    all,
    report: (report) => void all.push(report),
    notes: () => all.flatMap((report) => (report.kind === "note" ? [report.text] : [])),
  }
}

export const isText = (message: unknown): message is string => typeof message === "string"
export const isNumber = (message: unknown): message is number => typeof message === "number"
