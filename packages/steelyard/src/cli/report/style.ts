import { type Markup, trusted } from "./markup.ts";

// Six hues that stay apart for the colour-blind and in grey, dark enough (4.5 : 1) to be read as text; after Okabe and
// Ito. A seventh task takes the first colour again, dashed.
const onLight = ["#0b63a5", "#b54708", "#0a7a5b", "#8a3a8f", "#6b5d00", "#4a5058"];
const onDark = ["#6cb6f5", "#f2975a", "#4cc79d", "#d998dd", "#d3bd4a", "#a9b1ba"];

function variables(colours: readonly string[]): string {
  return colours.map((colour, i) => `--t${i}: ${colour};`).join(" ");
}

/** The style sheet of the report. Dark is for screens alone: paper is white. */
export const style: Markup = trusted(`
:root {
  color-scheme: light dark;
  --page: #fff; --ink: #1b1f24; --quiet: #5b6470; --rule: #1b1f24; --hair: #e3e6ea; ${variables(onLight)}
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --ink: #e4e7eb; --quiet: #98a1ac; --rule: #8b949e; --hair: #2b3036; ${variables(onDark)}
  }
}
* { box-sizing: border-box; }
body {
  max-width: 73rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem;
  background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1 { font-size: 1.6rem; line-height: 1.25; font-weight: 600; margin: 0 0 .4rem; text-wrap: balance; }
h2 { font-size: 1.15rem; font-weight: 600; margin: 2.75rem 0 .75rem; }
h3 { font-size: 1.0625rem; font-weight: 600; margin: 1.75rem 0 .5rem; }
p { max-width: 44rem; margin: 0 0 .75rem; }
.lead { color: var(--quiet); }
.note { color: var(--quiet); font-size: .8125rem; line-height: 1.45; font-weight: 400; }

.scroll { overflow-x: auto; margin: 0 0 1.5rem; }
table { border-collapse: collapse; border-block: 1.5px solid var(--rule); overflow-wrap: normal; }
caption { text-align: left; padding-bottom: .5rem; color: var(--quiet); font-size: .875rem; }
/* Narrower than its table where that is scrolled: the caption must not be. */
caption > span { display: inline-block; position: sticky; left: 0; max-width: calc(100vw - 2rem); }
th, td { padding: .4rem 1.75rem .4rem 0; text-align: left; vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-bottom: 1px solid var(--rule); font-weight: 600; }
tbody th { font-weight: 400; }
.summary :is(td, thead th:not(:first-child)) { text-align: right; white-space: nowrap; }
.settings { width: 100%; max-width: 44rem; }
.settings th { width: 14rem; }
.settings tbody th { color: var(--quiet); }
.settings td { overflow-wrap: anywhere; }
.settings tbody tr + tr > * { border-top: 1px solid var(--hair); }

.multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 1.75rem 1.5rem; }
figure { margin: 0; }
.run { max-width: 30rem; break-inside: avoid; }
.run figcaption { margin-bottom: .35rem; font-size: .9375rem; }
.run svg { display: block; width: 100%; height: auto; overflow: visible; }
.run .note { margin: .4rem 0 0; }
svg text { font-size: 11px; fill: var(--quiet); }
svg .heading { fill: var(--ink); font-size: 11.5px; }
svg .x, svg .empty { text-anchor: middle; }
svg .y { text-anchor: end; }
svg path { fill: none; }
.grid { stroke: var(--hair); }
.axis { stroke: var(--quiet); }
.mark { stroke: var(--quiet); stroke-dasharray: 1 3; }
.raw { stroke: var(--task); stroke-width: 1.8; stroke-linecap: round; opacity: .28; }
.line { stroke: var(--task); stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
.line.again { stroke-dasharray: 5 4; }
svg .label { fill: var(--task); }
${onLight.map((_, i) => `.t${i} { --task: var(--t${i}); }`).join("\n")}

.faces { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); gap: 1rem; margin: 0; padding: 0; list-style: none; }
.faces img { display: block; width: 100%; height: auto; aspect-ratio: 1; image-rendering: pixelated; }
.faces figcaption { margin-top: .3rem; color: var(--quiet); font-size: .8125rem; line-height: 1.35; }

@media (max-width: 40rem) {
  body { padding: 1.5rem 1rem 3rem; }
  table { font-size: .875rem; }
  .summary .note { display: block; font-size: .75rem; }
  th, td { padding-right: .6rem; }
  .settings th { width: 40%; }
}
@media print {
  @page { margin: 15mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, h3 { break-after: avoid; }
  table, .faces li { break-inside: avoid; }
  .scroll { overflow: visible; }
  .multiples { grid-template-columns: repeat(2, 1fr); }
  .faces { grid-template-columns: repeat(8, 1fr); }
}
`);
