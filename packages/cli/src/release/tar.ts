/**
 * A folder as a `.tar.gz` that is the same, byte by byte, whenever and wherever it is made: sorted, owned by nobody, at one moment in time.
 *
 * ```ts
 * await writeFile("front-0.1.0.tar.gz", await tarOf("_build/front", "front", (path) => path !== "releases/COOKIE"))
 * ```
 *
 * Format: POSIX ustar.
 */
import { readdir, readFile, stat } from "node:fs/promises"
import { join, sep } from "node:path"
import { promisify } from "node:util"
import { gzip } from "node:zlib"
import { UsageError } from "../usage-error.ts"

const BLOCK = 512
/** The byte of a gzip header that names the system it was made on; 255 is unknown. */
const GZIP_SYSTEM = 9

/** The files of `folder` that are kept, below a folder `top`; modified at `seconds` since 1970. */
export async function tarOf(
  folder: string,
  top: string,
  keep: (path: string) => boolean,
  seconds = Number(process.env["SOURCE_DATE_EPOCH"] ?? 0),
): Promise<Uint8Array> {
  const blocks: Uint8Array[] = []
  for (const path of await filesIn(folder)) {
    if (!keep(path)) continue
    const file = join(folder, path)
    const body = await readFile(file)
    const executable = ((await stat(file)).mode & 0o100) !== 0
    blocks.push(header(`${top}/${path}`, body.length, executable ? 0o755 : 0o644, seconds), body, padding(body.length))
  }
  blocks.push(new Uint8Array(2 * BLOCK))
  const zipped = await promisify(gzip)(Buffer.concat(blocks), { level: 9 })
  zipped[GZIP_SYSTEM] = 255
  return zipped
}

/** Every file below, by its path with `/`, sorted by code points and not by the language of the machine. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join("/"),
    )
    .sort()
}

const padding = (length: number): Uint8Array => new Uint8Array((BLOCK - (length % BLOCK)) % BLOCK)

function header(path: string, size: number, mode: number, seconds: number): Uint8Array {
  const block = Buffer.alloc(BLOCK)
  const [prefix, name] = split(path)
  const octal = (value: number, at: number, width: number): void =>
    void block.write(`${value.toString(8).padStart(width - 1, "0")}\0`, at, "latin1")
  block.write(name, 0, "utf8")
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(seconds, 136, 12)
  // The sum is made with blanks in its own place.
  block.write("        ", 148, "latin1")
  block.write("0", 156, "latin1")
  block.write("ustar\u000000", 257, "latin1")
  block.write(prefix, 345, "utf8")
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
    "latin1",
  )
  return block
}

/** A path of up to 255 bytes in the two fields that ustar has for it. */
function split(path: string): readonly [string, string] {
  if (Buffer.byteLength(path) <= 100) return ["", path]
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return [prefix, name]
  }
  throw new UsageError(
    `the path ${path} is too long for a tar file`,
    "shorten it: 100 bytes for the file, 155 for its folders",
  )
}
