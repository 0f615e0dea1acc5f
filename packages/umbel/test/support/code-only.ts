/**
 * TypeScript with its comments, strings and regular expressions blanked out, so that a rule about code does not stumble
 * over prose.
 *
 * ```ts
 * codeOnly('wait() // setTimeout("x")')    // 'wait()                    '
 * ```
 *
 * Every character that goes becomes a space and every line end stays: places in the result are places in the source. What
 * stands between `${` and `}` of a template is code, and stays.
 */
export function codeOnly(source: string): string {
  let out = ""
  let at = 0
  // One entry for each template we are inside of: how many braces are open in its `${…}`.
  const templates: number[] = []

  const blankTo = (end: number) => {
    out += source.slice(at, end).replace(/[^\n]/g, " ")
    at = end
  }
  /** Blanks a template's text from here to its end, or to the next `${`, which begins code. */
  const template = () => {
    let end = at
    while (end < source.length && source[end] !== "`" && !source.startsWith("${", end))
      end += source[end] === "\\" ? 2 : 1
    if (source[end] === "`") return blankTo(end + 1)
    blankTo(Math.min(end + 2, source.length))
    templates.push(0)
  }

  while (at < source.length) {
    const character = source[at]!
    if (source.startsWith("//", at)) blankTo(orEnd(source.indexOf("\n", at), source))
    else if (source.startsWith("/*", at)) blankTo(orEnd(source.indexOf("*/", at + 2) + 2, source, 1))
    else if (character === '"' || character === "'") blankTo(quoted(source, at, character))
    else if (character === "/" && startsExpression(out)) blankTo(expression(source, at))
    else if (character === "`") {
      blankTo(at + 1)
      template()
    } else if (character === "}" && templates.at(-1) === 0) {
      templates.pop()
      blankTo(at + 1)
      template()
    } else {
      if (templates.length > 0 && character === "{") templates[templates.length - 1]!++
      if (templates.length > 0 && character === "}") templates[templates.length - 1]!--
      out += character
      at++
    }
  }
  return out
}

/** `found`, or the end of the source when the search for it gave nothing (less than `least`). */
function orEnd(found: number, source: string, least = -1): number {
  return found <= least ? source.length : found
}

function quoted(source: string, from: number, quote: string): number {
  let at = from + 1
  while (at < source.length && source[at] !== quote && source[at] !== "\n") at += source[at] === "\\" ? 2 : 1
  return Math.min(at + 1, source.length)
}

function expression(source: string, from: number): number {
  let inClass = false
  let at = from + 1
  while (at < source.length && source[at] !== "\n" && (inClass || source[at] !== "/")) {
    if (source[at] === "[") inClass = true
    if (source[at] === "]") inClass = false
    at += source[at] === "\\" ? 2 : 1
  }
  return Math.min(at + 1, source.length)
}

/** Whether a slash after this code begins a regular expression: after a value it is a division. */
function startsExpression(before: string): boolean {
  const last = /(\b(?:return|typeof|case|in|of|yield|await)|[^\s])\s*$/.exec(before.slice(-80))?.[1]
  return last === undefined || last.length > 1 || /[(,=:[!&|?{};+\-*%<>~^]/.test(last)
}
