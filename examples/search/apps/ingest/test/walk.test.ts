import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type Found, walk } from "../src/walk.ts"

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "umbel-walk-"))
})
afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

async function write(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), "# Title")
  }
}

async function walked(folder = root): Promise<Found[]> {
  const found: Found[] = []
  for await (const one of walk(folder)) found.push(one)
  return found
}

const paths = (found: Found[]) => found.map((one) => one.path)

test("finds Markdown files by either ending, in any case, in the order of their names", async () => {
  await write("b/two.markdown", "b/a/three.MD", "a.md", "z.md", "b/notes.txt", "b/md")
  expect(await walked()).toEqual([
    { kind: "file", path: "a.md", file: join(root, "a.md") },
    { kind: "file", path: "z.md", file: join(root, "z.md") },
    { kind: "file", path: "b/two.markdown", file: join(root, "b/two.markdown") },
    { kind: "file", path: "b/a/three.MD", file: join(root, "b/a/three.MD") },
  ])
})

test("walks node_modules and dotted folders, but not .git", async () => {
  await write("node_modules/chai/README.md", ".github/a.md", ".git/description.md", "sub/.git/x.md")
  expect(paths(await walked())).toEqual([".github/a.md", "node_modules/chai/README.md"])
})

test("follows no symbolic link, so that none leads in a circle and no file is found twice", async () => {
  await write("a/one.md")
  await symlink(root, join(root, "a/up"))
  await symlink(join(root, "a/one.md"), join(root, "again.md"))
  await symlink(join(root, "nowhere"), join(root, "dangling.md"))
  expect(paths(await walked())).toEqual(["a/one.md"])
})

test("a folder named like a file is walked, not handed out", async () => {
  await write("folder.md/in.md")
  expect(paths(await walked())).toEqual(["folder.md/in.md"])
})

test("a folder that is gone when its turn comes is reported, and the walk goes on", async () => {
  await write("first.md", "gone/x.md", "later/y.md")
  const found: Found[] = []
  for await (const one of walk(root)) {
    // The names of the root are read; the folders below it are not yet.
    if (one.path === "first.md") await rm(join(root, "gone"), { recursive: true })
    found.push(one)
  }
  expect(paths(found)).toEqual(["first.md", "gone", "later/y.md"])
  expect(found[1]).toMatchObject({ kind: "unreadable", reason: expect.stringMatching(/^ENOENT/) })
})

test("a root that is missing, or a file, is reported like any other folder", async () => {
  await write("file.md")
  expect(await walked(join(root, "nowhere"))).toMatchObject([
    { kind: "unreadable", path: ".", reason: expect.stringMatching(/^ENOENT/) },
  ])
  expect(await walked(join(root, "file.md"))).toMatchObject([
    { kind: "unreadable", path: ".", reason: expect.stringMatching(/^ENOTDIR/) },
  ])
})

test("a thousand folders need no thousand descriptors, and one may stop half-way", async () => {
  for (let n = 0; n < 1000; n++) await write(`folders/${n}/a.md`)
  await write(`${"deep/".repeat(200)}end.md`)
  expect(await walked()).toHaveLength(1001)
  for await (const found of walk(root)) {
    expect(found.kind).toBe("file")
    break
  }
})
