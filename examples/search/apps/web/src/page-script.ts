/**
 * The script of the search page: asks while one types, shows what comes back.
 *
 * It runs in a browser and is therefore kept as text, in the JavaScript that every current browser reads. Its rules:
 * one question is under way at a time (a newer one aborts the older), an answer is shown only if it is to the
 * present question, and documents' words reach the page through `textContent` alone.
 */

/** JavaScript for the inside of a `<script>` element. */
export const script = `
"use strict";
(() => {
  const LIMIT = 20;
  const PAUSE = 120;            // milliseconds after the last key
  const RETRY = [1000, 2000, 4000, 8000];
  const REFRESH = 1500;         // while documents are still being read
  const EXAMPLES = ["supervisor", "how to install", "gen_server", "tsconfig"];
  const at = (id) => document.getElementById(id);
  const input = at("q"), status = at("status"), notice = at("notice"), hits = at("hits");
  let underWay, timer, tries = 0, asked;

  const make = (name, className, ...inside) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...inside);     // strings become text, never markup
    return element;
  };
  const number = (value) => Number(value).toLocaleString("en");
  const plural = (count, one, many) => number(count) + " " + (count === 1 ? one : many);

  /** Cancels what is under way or waiting: from here on only the present question counts. */
  function settle() {
    clearTimeout(timer);
    if (underWay) underWay.abort();
    underWay = undefined;
    hits.classList.remove("stale");
  }

  function ask() {
    settle();
    const question = input.value.trim();
    asked = question;
    history.replaceState(null, "", question ? "?q=" + encodeURIComponent(question) : location.pathname);
    document.title = question ? question + " – search" : "Search the documentation";
    if (question === "") return showNothingTyped();
    hits.classList.add("stale");
    const mine = (underWay = new AbortController());
    fetch("/api/search?q=" + encodeURIComponent(question) + "&limit=" + LIMIT, { signal: mine.signal })
      .then(async (response) => {
        const reply = await response.json().catch(() => ({}));
        if (mine.signal.aborted) return;
        settle();
        if (response.ok && Array.isArray(reply.hits)) showHits(question, reply);
        else showTrouble(response.status, reply);
      })
      .catch((error) => {
        if (mine.signal.aborted) return;
        settle();
        showTrouble(0, { error: "The server does not answer", reason: String(error && error.message || error) });
      });
  }

  function show(note, warn) {
    notice.hidden = !note;
    notice.classList.toggle("warn", Boolean(warn));
    notice.replaceChildren(...(note || []));
  }

  function showNothingTyped() {
    tries = 0;
    hits.replaceChildren();
    status.textContent = "";
    const buttons = EXAMPLES.map((words) => {
      const button = make("button", "", words);
      button.type = "button";
      button.onclick = () => { input.value = words; input.focus(); ask(); };
      return button;
    });
    show([
      make("h2", "", "Type a few words"),
      make("p", "", "Documents that hold rare words, or all of them, come first. Identifiers are found whole and by their parts."),
      make("p", "", ...buttons),
    ]);
  }

  function showHits(question, reply) {
    tries = 0;
    hits.replaceChildren(...reply.hits.map(item));
    const documents = plural(reply.indexed, "document", "documents");
    status.textContent = reply.hits.length === 0 ? documents + (reply.indexing ? " so far" : "")
      : (reply.hits.length >= LIMIT ? "The best " + LIMIT : plural(reply.hits.length, "hit", "hits"))
        + " in " + documents + (reply.indexing ? " so far" : "") + " · " + milliseconds(reply.took_ms);
    if (reply.indexing || reply.indexed === 0) {
      show(reply.hits.length > 0 ? [make("p", "", "Documents are still being read: more hits may follow, by themselves.")]
        : [make("h2", "", "Documents are still being read"), make("p", "", "There is no hit yet. This page asks again by itself.")]);
      timer = setTimeout(ask, REFRESH);
    } else if (reply.hits.length === 0) {
      show([
        make("h2", "", "No document holds “" + question + "”"),
        make("p", "", "Words are matched whole. Try fewer words, or another form of them."),
      ]);
    } else show();
  }

  function showTrouble(code, reply) {
    hits.replaceChildren();
    const wait = RETRY[Math.min(tries++, RETRY.length - 1)];
    const again = make("button", "", "Try now");
    again.type = "button";
    again.onclick = () => { input.focus(); ask(); };
    const away = code === 503 || code === 0;
    const note = [
      make("h2", "", reply.error || (away ? "The index is away" : "The search failed (status " + code + ")")),
      make("p", "", reply.reason ? make("code", "", reply.reason) : "The server gave no reason."),
    ];
    if (away) note.push(make("p", "", "It is asked again every few seconds. ", again));
    show(note, true);
    status.textContent = away ? "Not available just now" : "";
    if (away) timer = setTimeout(ask, wait);
  }

  function item(hit) {
    const snippet = make("p", "snippet", ...marked(hit.snippet.text, hit.snippet.marks));
    const score = make("span", "score", Number(hit.score).toFixed(2));
    score.title = "Score: the higher, the better";
    const element = make("li", "", make("h2", "", make("span", "", hit.title), score), make("p", "path", ...breakable(hit.path)), snippet);
    element.tabIndex = -1;
    return element;
  }

  /** The path, which may be broken behind each slash. */
  function breakable(path) {
    return path.split(/(?<=[/])/).flatMap((piece) => [piece, make("wbr")]);
  }

  /** The text cut into plain pieces and <mark> elements. */
  function marked(text, marks) {
    const pieces = [];
    let from = 0;
    for (const [start, end] of marks) {
      pieces.push(text.slice(from, start), make("mark", "", text.slice(start, end)));
      from = end;
    }
    pieces.push(text.slice(from));
    return pieces;
  }

  function milliseconds(value) {
    return value < 10 ? Number(value).toFixed(1) + " ms" : Math.round(value) + " ms";
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim() !== asked) timer = setTimeout(ask, input.value.trim() === "" ? 0 : PAUSE);
  });
  input.form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== input) { event.preventDefault(); input.select(); return input.focus(); }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 || hits.children.length === 0 || event.target.tagName === "BUTTON") return;
    event.preventDefault();
    const next = [...hits.children].indexOf(document.activeElement) + step;
    (next < 0 ? input : hits.children[Math.min(next, hits.children.length - 1)]).focus();
  });

  input.value = new URLSearchParams(location.search).get("q") || "";
  ask();
})();
`
