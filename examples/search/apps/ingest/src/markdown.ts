/**
 * Markdown with its noise taken off, for people who read a snippet of it: modest, and no parser.
 *
 * ```ts
 * plainText("## Use\n\nSee [the **guide**](g.md).\n\n```ts\nconst a: Array<string>\n```")
 * // "Use\n\nSee the guide.\n\nconst a: Array<string>"
 * ```
 *
 * Marks, link targets, tags and comments go; their words stay. Code stays as it is. Anything doubtful stays too: a word
 * too many in the index does no harm. Files come from anywhere: none of the expressions takes more than linear time, whatever the file holds.
 */

/** The text of a Markdown document without its front matter. Lines stay lines; several empty ones become one. */
export function plainText(markdown: string): string {
  const lines: string[] = []
  let fence: string | undefined
  for (const line of withoutComments(markdown).split("\n")) {
    const mark = /^\s*(```|~~~)/.exec(line)?.[1]
    if (mark !== undefined && (fence === undefined || fence === mark)) {
      fence = fence === undefined ? mark : undefined
    } else if (fence !== undefined) {
      lines.push(line)
    } else if (!isNoise(line)) {
      lines.push(
        plainInline(
          line
            .replace(BLOCK_MARKS, "")
            .replaceAll("|", " ")
            .replace(/[ \t]{2,}/g, " "),
        ),
      )
    }
  }
  return lines
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim()
}

/** The words of one line outside of fences. Code between backticks and escaped characters stay as they are. */
export function plainInline(line: string): string {
  // Most lines of prose hold nothing to take off.
  if (!/[[<`*_\\&]/.test(line)) return line.trim()
  const verbatim: string[] = []
  return line
    .replace(VERBATIM, (_, escaped?: string, code?: string) => {
      verbatim.push(escaped ?? code ?? "")
      return PLACE
    })
    .replace(IMAGE, "$1")
    .replace(LINK, "$1")
    .replace(LINK, "$1") // once more, for the image that was inside a link
    .replace(/<(https?:[^<>\s]*)>/g, "$1")
    .replace(/<\/?[a-z][^<>]*>/gi, "")
    .replace(/\*\*|(?<![\p{L}\p{N}_])__(?=\S)|(?<=\S)__(?![\p{L}\p{N}_])/gu, "")
    .replace(/(?<![\p{L}\p{N}*])\*(?=[^\s*])|(?<=[^\s*])\*(?![\p{L}\p{N}*])/gu, "")
    .replace(/&(amp|lt|gt|quot|nbsp|#39);/g, (_, name: string) => ENTITIES[name] ?? "")
    .replaceAll(PLACE, () => verbatim.shift() ?? "")
    .trim()
}

const VERBATIM = /\\([!-/:-@[-`{-~])|`+([^`]*)`+/g
/** Stands for what must not be touched. No document holds this character: it would have been refused as binary. */
const PLACE = "\0"
const IMAGE = /!\[([^[\]]*)\](?:\([^()]*\)|\[[^[\]]*\])/g
const LINK = /\[([^[\]]*)\](?:\([^()]*\)|\[[^[\]]*\])/g
const BLOCK_MARKS = /^\s*(?:>[ \t]?)*(?:#{1,6}(?=[ \t])|[-*+](?=[ \t]))?[ \t]*/
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " ", "#39": "'" }

/** Rules, the underlines of headings and of tables, and where links lead. */
function isNoise(line: string): boolean {
  return (/^[\s|:=*_-]+$/.test(line) && /[|=*_-]{2}/.test(line)) || /^ {0,3}\[[^[\]]+\]:\s/.test(line)
}

/** Without `<!-- … -->`. One that never ends is taken for text. */
function withoutComments(markdown: string): string {
  let kept = ""
  let from = 0
  for (;;) {
    const open = markdown.indexOf("<!--", from)
    const close = open < 0 ? -1 : markdown.indexOf("-->", open + 4)
    if (close < 0) return kept + markdown.slice(from)
    kept += markdown.slice(from, open)
    from = close + 3
  }
}
