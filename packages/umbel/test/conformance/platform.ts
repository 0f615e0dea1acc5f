/**
 * The conformance suite: what a node does, whatever platform it runs on. `nodejs.test.ts` and `sim.test.ts` run it.
 *
 * ```ts
 * conformance("nodejs", () => new NodejsFixture())
 * ```
 */
import { afterEach, describe } from "vitest"
import { applicationLives } from "./application-lives.ts"
import { applications } from "./applications.ts"
import { belongings } from "./belongings.ts"
import { bonds } from "./bonds.ts"
import { codeChanges } from "./code-changes.ts"
import { dynamicSupervisors } from "./dynamic-supervisors.ts"
import { farTasks } from "./far-tasks.ts"
import type { Fixture } from "./fixture.ts"
import { genServers } from "./gen-servers.ts"
import { processes } from "./processes.ts"
import { serverEnds } from "./server-ends.ts"
import { starts } from "./starts.ts"
import { supervisors } from "./supervisors.ts"
import { twoNodes } from "./two-nodes.ts"

/** Declares the suite for one platform. */
export function conformance(name: string, platform: Fixture): void {
  describe(name, () => {
    afterEach(() => platform.stop())
    describe("processes", () => {
      processes(platform)
      bonds(platform)
      belongings(platform)
    })
    describe("GenServer", () => {
      genServers(platform)
      serverEnds(platform)
    })
    describe("supervisors", () => {
      supervisors(platform)
      dynamicSupervisors(platform)
    })
    describe("starts", () => starts(platform))
    describe("code changes", () => codeChanges(platform))
    describe("applications", () => {
      applications(platform)
      applicationLives(platform)
    })
    describe("two nodes", () => {
      twoNodes(platform)
      farTasks(platform)
    })
  })
}
