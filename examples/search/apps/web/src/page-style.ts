/**
 * The style of the search page. Colours are named once, for light and for dark; the rest follows. At phone width nothing
 * scrolls sideways, whatever long word a document holds.
 */

/** CSS for the inside of a `<style>` element. */
export const style = `
:root {
  --page: #fbfaf7; --card: #ffffff; --ink: #22272a; --soft: #5d676c; --line: #e3e0d8; --accent: #1f7a59;
  --mark: #ffe9a8; --mark-ink: #4a3500; --warn: #9a3b14; --warn-page: #fff3ec; --shadow: 0 1px 2px #0000000d, 0 6px 20px #0000000a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15191b; --card: #1d2326; --ink: #e6e9e7; --soft: #9aa7a8; --line: #2f383b; --accent: #63c79f;
    --mark: #5a4609; --mark-ink: #ffe9a8; --warn: #ffb08a; --warn-page: #33211a; --shadow: none;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
header, main, footer { width: 100%; max-width: 46rem; margin: 0 auto; padding: 0 1.25rem; }
header { position: sticky; top: 0; z-index: 1; padding-top: 1.5rem; padding-bottom: .75rem; background: var(--page); }
h1 { display: flex; align-items: center; gap: .6rem; margin: 0 0 .9rem; font-size: 1.15rem; font-weight: 650; letter-spacing: -.01em; }
h1 svg { width: 2rem; height: 2rem; flex: none; }
input {
  width: 100%; padding: .8rem 1rem; font: inherit; font-size: 1.1rem; color: inherit; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; box-shadow: var(--shadow); -webkit-appearance: none; appearance: none;
}
input::placeholder { color: var(--soft); opacity: .8; }
input:focus-visible, a:focus-visible, li:focus-visible, button:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
main { flex: 1; }
#status { margin: .25rem .1rem .75rem; min-height: 1.55em; color: var(--soft); font-size: .875rem; font-variant-numeric: tabular-nums; }
ol { list-style: none; margin: 0; padding: 0; }
ol.stale { opacity: .55; transition: opacity .15s .2s; }
li { padding: .85rem 1rem; margin: 0 0 .6rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; overflow-wrap: anywhere; }
li h2 { display: flex; gap: .75rem; align-items: baseline; justify-content: space-between; margin: 0; font-size: 1.05rem; font-weight: 620; line-height: 1.35; }
li .score { flex: none; color: var(--soft); font-size: .75rem; font-weight: 400; font-variant-numeric: tabular-nums; }
li .path { margin: .1rem 0 .35rem; color: var(--accent); font: .8rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
li .snippet { margin: 0; color: var(--soft); font-size: .925rem; }
mark { padding: .05em .15em; border-radius: .2em; background: var(--mark); color: var(--mark-ink); }
#notice { margin: 0 0 1rem; padding: 1.1rem 1.25rem; border: 1px dashed var(--line); border-radius: .75rem; overflow-wrap: anywhere; }
#notice.warn { border: 1px solid var(--warn); background: var(--warn-page); }
#notice h2 { margin: 0 0 .25rem; font-size: 1rem; }
#notice.warn h2 { color: var(--warn); }
#notice p { margin: 0 0 .5rem; color: var(--soft); }
#notice p:last-child { margin-bottom: 0; }
#notice code { color: var(--ink); font: .85em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
button {
  margin: .15rem .4rem .15rem 0; padding: .25rem .7rem; font: inherit; font-size: .9rem; color: var(--accent); background: var(--card);
  border: 1px solid var(--line); border-radius: 2rem; cursor: pointer;
}
button:hover { border-color: var(--accent); }
footer { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; justify-content: space-between; padding-top: 1rem; padding-bottom: 1.25rem; color: var(--soft); font-size: .8rem; }
a { color: var(--accent); }
kbd { padding: 0 .35em; border: 1px solid var(--line); border-radius: .3em; background: var(--card); font: .9em ui-monospace, Menlo, Consolas, monospace; }
.noscript { max-width: 46rem; margin: 0 auto 2rem; padding: 0 1.25rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 34rem) {
  header, main, footer { padding-left: .85rem; padding-right: .85rem; }
  header { padding-top: 1rem; }
  h1 { margin-bottom: .6rem; font-size: 1.05rem; }
  footer span { display: none; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`
