/**
 * The search page: one string of HTML, with its style and its script inside, and nothing fetched from elsewhere.
 *
 * ```ts
 * app.get("/", (context) => context.html(searchPage({ observer: "http://127.0.0.1:4001/" })))
 * ```
 *
 * It searches as one types, through `GET /api/search?q=…&limit=…`, which answers {@link SearchReply} or, with status
 * 503, {@link SearchRefusal}. Whatever comes from documents is inserted as text, never as HTML. `/?q=…` opens with a question.
 */
import { script } from "./page-script.ts"
import { style } from "./page-style.ts"

/** What the page reads when the search went well. */
export interface SearchReply {
  readonly hits: readonly {
    readonly path: string
    readonly title: string
    readonly score: number
    readonly snippet: { readonly text: string; readonly marks: readonly (readonly [start: number, end: number])[] }
  }[]
  /** How long the search took on the server, in milliseconds. */
  readonly took_ms: number
  /** How many documents are indexed by now. */
  readonly indexed: number
  /** True while documents are still being read: the answer may not be complete. */
  readonly indexing?: boolean
}

/** What the page reads with status 503: which part is away, and why. */
export interface SearchRefusal {
  readonly error: string
  readonly reason: string
}

/** The whole page. `observer` is the address of the observer, linked at the bottom when given. */
export function searchPage(options: { readonly observer?: string } = {}): string {
  const observer = options.observer
    ? `<a href="${attribute(options.observer)}">See the processes behind this page</a>`
    : ""
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_POLICY}">
<title>Search the documentation</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(UMBEL)}">
<style>${style}</style>
</head>
<body>
<header>
  <h1>${UMBEL}<span>Search the documentation</span></h1>
  <form role="search" action="/" method="get">
    <label class="unseen" for="q">Words to search for</label>
    <input id="q" name="q" type="search" placeholder="supervisor, gen_server …" autocomplete="off"
      autocapitalize="off" spellcheck="false" enterkeyhint="search" maxlength="500" autofocus>
  </form>
</header>
<main>
  <p id="status" role="status" aria-live="polite"></p>
  <div id="notice" hidden></div>
  <ol id="hits" aria-label="Hits"></ol>
</main>
<footer>
  <span><kbd>/</kbd> to search, <kbd>↑</kbd> <kbd>↓</kbd> through the hits</span>
  ${observer}
</footer>
<noscript><p class="noscript">This page searches with JavaScript. Without it: <code>curl '/api/search?q=supervisor&amp;limit=10'</code></p></noscript>
<script>${script}</script>
</body>
</html>
`
}

// Only what is in this page runs, and it talks to its own server only: a second fence behind inserting text as text.
const CONTENT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'"

/** The mark: an umbel, five flowers from one stem. */
const UMBEL = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="#2f8f6b" stroke-width="2" stroke-linecap="round"><path d="M16 30V20M16 20 5 12M16 20l-6-11M16 20V7M16 20l6-11M16 20l11-8"/><g fill="#e0a33a" stroke="none"><circle cx="4.500" cy="11" r="2.600"/><circle cx="9.500" cy="6.500" r="2.600"/><circle cx="16" cy="4.500" r="2.600"/><circle cx="22.500" cy="6.500" r="2.600"/><circle cx="27.500" cy="11" r="2.600"/></g></svg>`

function attribute(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")
}
