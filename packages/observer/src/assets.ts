/**
 * The built page: its files, read once, and how they are sent.
 *
 * ```ts
 * const assets = loadAssets()
 * assets.get("/")        // { body, headers } of index.html
 * ```
 *
 * What can be asked for is what was found when it was read, by exact path, so no path leads anywhere else.
 */
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import type { OutgoingHttpHeaders } from "node:http"
import { extname, join, sep } from "node:path"
import { fileURLToPath } from "node:url"

export interface Asset {
  readonly body: Buffer
  readonly etag: string
  readonly headers: OutgoingHttpHeaders
}

/** `dist/page` of this package, from its sources as well as from its build. */
export const PAGE = fileURLToPath(new URL("../dist/page/", import.meta.url))

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
}

/** Everything from this server and nothing from elsewhere; no inline script or style, no frame around it. */
const SAFE: OutgoingHttpHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
}

/** Headers of every answer, refusals too. */
export const safeHeaders = (more: OutgoingHttpHeaders = {}): OutgoingHttpHeaders => ({ ...SAFE, ...more })

/** The files by the path they are asked for. Empty when the page was not built. */
export function loadAssets(folder: string = PAGE): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>()
  for (const file of filesIn(folder)) {
    const path = `/${file.split(sep).join("/")}`
    const asset = assetOf(path, readFileSync(join(folder, file)))
    assets.set(path, asset)
    if (path === "/index.html") assets.set("/", asset)
  }
  return assets
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && TYPES[extname(entry.name)] !== undefined)
      .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "x").length - 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
    throw error
  }
}

function assetOf(path: string, body: Buffer): Asset {
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`
  // Files below assets/ have a hash of their content in their name; the others are asked for anew each time.
  const cache = path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache"
  const type = TYPES[extname(path)] ?? "application/octet-stream"
  return { body, etag, headers: safeHeaders({ "content-type": type, "cache-control": cache, etag }) }
}
