/**
 * The cookie of an umbrella: made once, kept in `.umbel/cookie` for its owner only, or given in `UMBEL_COOKIE`.
 */
import { randomBytes } from "node:crypto"
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { UsageError } from "./usage-error.ts"

/** @throws UsageError when others may read the file, or it holds no cookie */
export async function cookieOf(root: string, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const given = env["UMBEL_COOKIE"]
  if (given !== undefined && given !== "") return checked(given, "UMBEL_COOKIE")
  const folder = join(root, ".umbel")
  const file = join(folder, "cookie")
  const found = await stat(file).catch(() => undefined)
  if (found === undefined) {
    await mkdir(folder, { recursive: true })
    const made = randomBytes(16).toString("hex").toUpperCase()
    await writeFile(file, `${made}\n`, { mode: 0o600, flag: "wx" })
    await chmod(file, 0o600)
    return made
  }
  if ((found.mode & 0o077) !== 0) throw new UsageError(`others may read the cookie in ${file}`, `chmod 600 ${file}`)
  return checked((await readFile(file, "utf8")).trim(), file)
}

function checked(cookie: string, from: string): string {
  if (!/^[\x21-\x7e]{1,255}$/.test(cookie)) {
    throw new UsageError(`${from} holds no cookie`, "a cookie is 1 to 255 visible ASCII characters without blanks")
  }
  return cookie
}
