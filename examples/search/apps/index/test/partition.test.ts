import { expect, test } from "vitest"
import { partitionOf } from "../src/partition.ts"

test("a path has the same partition on every machine and in every version", () => {
  expect(["", "a", "README.md", "docs/guide/otp.md", "目录/文件.md"].map((path) => partitionOf(path, 4))).toEqual([
    1, 0, 1, 3, 3,
  ])
})

test("paths are spread evenly, also those of one folder that differ in a digit", () => {
  const partitions = 7
  const sizes = new Array<number>(partitions).fill(0)
  for (let n = 0; n < 7000; n++) sizes[partitionOf(`docs/page-${n}.md`, partitions)]!++
  expect(Math.min(...sizes)).toBeGreaterThan(800)
  expect(Math.max(...sizes)).toBeLessThan(1200)
})

test.each([0, -1, 1.5, Number.NaN])("%s is no number of partitions", (partitions) => {
  expect(() => partitionOf("a.md", partitions)).toThrow(`partitions: expected an integer above 0, got ${partitions}`)
})
