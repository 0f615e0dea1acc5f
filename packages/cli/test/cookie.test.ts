import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { cookieOf } from "../src/cookie.ts"

describe("the cookie of an umbrella", () => {
  let root = ""
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "umbel-cookie-"))
  })
  afterEach(() => rm(root, { recursive: true }))

  test("is made once, for its owner only, and stays", async () => {
    const cookie = await cookieOf(root, {})
    expect(cookie).toMatch(/^[0-9A-F]{32}$/)
    expect(await cookieOf(root, {})).toBe(cookie)
    const file = join(root, ".umbel", "cookie")
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await readFile(file, "utf8")).trim()).toBe(cookie)
  })
  test("is refused from a file that others may read, with the way to mend it", async () => {
    await cookieOf(root, {})
    const file = join(root, ".umbel", "cookie")
    await chmod(file, 0o644)
    await expect(cookieOf(root, {})).rejects.toMatchObject({
      message: expect.stringContaining("others may read"),
      cure: `chmod 600 ${file}`,
    })
  })
  test("may come from the environment", async () => {
    expect(await cookieOf(root, { UMBEL_COOKIE: "given" })).toBe("given")
    await expect(cookieOf(root, { UMBEL_COOKIE: "two words" })).rejects.toThrow("UMBEL_COOKIE holds no cookie")
  })
  test("is none in an empty file", async () => {
    await cookieOf(root, {})
    await writeFile(join(root, ".umbel", "cookie"), "\n")
    await expect(cookieOf(root, {})).rejects.toThrow("holds no cookie")
  })
})
