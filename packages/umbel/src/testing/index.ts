/** Testing what runs on Umbel: nodes of a test's own, supervised children, probes, captured reports, virtual time. */
export type { CapturedReports } from "./captured.ts"
export { TestFailure } from "./failure.ts"
export { type Hooks, useTestNode, useTestWorld } from "./hooks.ts"
export { anything, difference, like, type Pattern } from "./pattern.ts"
export { Probe, type ReceivedCall, type Within } from "./probe.ts"
export { type TestNodeOptions, testNode } from "./real.ts"
export { type CrashPattern, TestNode } from "./test-node.ts"
export { type TestWorld, type TestWorldNodeOptions, type TestWorldOptions, testWorld, withWorld } from "./virtual.ts"
