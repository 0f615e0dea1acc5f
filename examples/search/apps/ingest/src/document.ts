/**
 * A document: the bytes of a Markdown file turned into a title and a text that can be searched.
 *
 * ```ts
 * readDocument("docs/otp.md", new TextEncoder().encode("# The *OTP* guide\n\nSee [here](x.md)."))
 * // { path: "docs/otp.md", title: "The OTP guide", text: "The OTP guide\n\nSee here." }
 * ```
 *
 * What is not text is refused with {@link NotADocument}: too large, with NUL bytes, or not UTF-8. The process that reads
 * the file lets it crash.
 */
import { plainInline, plainText } from "./markdown.ts"

/** What is sent to the index. */
export interface Document {
  readonly path: string
  readonly title: string
  readonly text: string
}

/** Why a file is no document. */
export type Refusal = "too_large" | "binary" | "not_utf8"

/** A file that was refused; `message` says which and why. */
export class NotADocument extends Error {
  override readonly name = "NotADocument"
  readonly path: string
  readonly refusal: Refusal

  constructor(path: string, refusal: Refusal, detail: string) {
    super(`${path}: ${detail}`)
    this.path = path
    this.refusal = refusal
  }
}

/** The largest file that is read when nobody says otherwise, in bytes. */
export const MAX_BYTES = 4 * 1024 * 1024

const MAX_TITLE = 200
/** A longer line is no heading that anybody would read. */
const MAX_HEADING = 1000

/**
 * The document in these bytes.
 *
 * @param path its path below the folder that is searched, with `/` between names.
 * @throws NotADocument when the bytes are no text, or more than `maxBytes`.
 */
export function readDocument(path: string, bytes: Uint8Array, maxBytes = MAX_BYTES): Document {
  if (bytes.byteLength > maxBytes) throw tooLarge(path, bytes.byteLength, maxBytes)
  // NUL is valid UTF-8, but no text file has it, and UTF-16 and images do.
  const nul = bytes.indexOf(0)
  if (nul >= 0) throw new NotADocument(path, "binary", `is not text: NUL byte at offset ${nul}`)
  const { frontMatter, body } = splitFrontMatter(decode(path, bytes))
  const title = titleOf(frontMatter, body) ?? titleOfPath(path)
  return { path, title: clip(title), text: plainText(body) }
}

/** The refusal of a file by its size alone, for those who ask for it before they read. */
export function tooLarge(path: string, size: number, maxBytes = MAX_BYTES): NotADocument {
  return new NotADocument(path, "too_large", `has ${size} bytes, more than ${maxBytes}`)
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n")
  } catch {
    // TextDecoder has one way to fail, and says no more about it than this.
    throw new NotADocument(path, "not_utf8", "is not text: it is not valid UTF-8")
  }
}

/** YAML between two lines of three dashes at the very start. A text that opens with a mere rule has no second one. */
function splitFrontMatter(text: string): { frontMatter: string; body: string } {
  const closing = text.startsWith("---\n") ? text.indexOf("\n---\n", 3) : -1
  if (closing < 0) return { frontMatter: "", body: text }
  return { frontMatter: text.slice(4, closing), body: text.slice(closing + 5) }
}

function titleOf(frontMatter: string, body: string): string | undefined {
  const declared = /^title:[ \t]*(.+)$/m.exec(frontMatter)?.[1]?.trim()
  const unquoted = declared?.replace(/^(["'])(.*)\1$/, "$2")
  return unquoted || firstHeading(body)
}

/** The first heading with words in it: `# so`, underlined, or `<h1>`. Those inside code are none. */
function firstHeading(body: string): string | undefined {
  let fence: string | undefined
  let before = ""
  for (const line of body.split("\n")) {
    const mark = /^ {0,3}(```|~~~)/.exec(line)?.[1]
    if (mark !== undefined) fence = fence === undefined ? mark : fence === mark ? undefined : fence
    if (fence === undefined && line.length <= MAX_HEADING) {
      const underlined = /^ {0,3}(=+|-{2,})\s*$/.test(line) ? before : undefined
      const heading = /^ {0,3}#{1,6}[ \t]+(.*)$/.exec(line)?.[1]?.replace(/[ \t]+#+[ \t]*$/, "") ?? underlined
      const words = heading === undefined ? "" : plainInline(heading)
      if (/[\p{L}\p{N}]/u.test(words)) return words
    }
    before = line
  }
  const html = /<h[1-3][^<>]*>([\s\S]{0,1000}?)<\/h[1-3]>/i.exec(body)?.[1]
  const words = html === undefined ? "" : plainInline(html.replace(/\s+/g, " "))
  return /[\p{L}\p{N}]/u.test(words) ? words : undefined
}

/** `docs/getting-started.md` is "getting-started"; a README is called after its folder. */
function titleOfPath(path: string): string {
  const names = path.split("/")
  const name = names.pop()!.replace(/\.(md|markdown)$/i, "")
  return /^(readme|index)$/i.test(name) ? (names.pop() ?? name) : name
}

function clip(title: string): string {
  if (title.length <= MAX_TITLE) return title
  return `${title.slice(0, MAX_TITLE).replace(/\s+\S*$/, "")} …`
}
