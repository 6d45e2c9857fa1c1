import { sectionsHtml, tableStyle } from "../src/report/html.ts";
import { machineLine } from "../src/report/report.ts";
import type { Results, Row } from "../src/report/row.ts";
import { benchPage, describedPage } from "./bench-page.ts";
import { readSettings } from "./settings.ts";

// The page: its address says what to measure (`?only=matmul&quick=on`), a click begins, and tables grow with each piece of
// work that is done.

function element(id: string): HTMLElement {
  return document.getElementById(id)!;
}

const [form, start, link] = [
  element("settings") as HTMLFormElement,
  element("start") as HTMLButtonElement,
  element("json") as HTMLAnchorElement,
];

function say(line: string): void {
  element("log").append(`${line}\n`);
  element("state").textContent = line.trim();
}

function show(results: Results): void {
  element("results").innerHTML = sectionsHtml(results);
}

async function measure(): Promise<void> {
  start.disabled = true;
  link.hidden = true;
  const settings = readSettings(new FormData(form));
  const rows: Row[] = [];
  const done = (more: readonly Row[]): void => {
    rows.push(...more);
    show({ ...describedPage(), rows });
  };
  const results = await benchPage(settings, say, done);
  show(results);
  say(machineLine(results));
  const json = new Blob([`${JSON.stringify(results, null, 2)}\n`], { type: "application/json" });
  link.href = URL.createObjectURL(json);
  link.hidden = false;
}

function fail(error: unknown): void {
  const state = element("state");
  state.textContent = error instanceof Error ? error.message : String(error);
  state.classList.add("failed");
}

document.head.append(Object.assign(document.createElement("style"), { textContent: tableStyle }));
for (const [name, value] of new URLSearchParams(location.search)) {
  const input = form.elements.namedItem(name);
  if (!(input instanceof HTMLInputElement)) continue;
  if (input.type === "checkbox") input.checked = value === "on";
  else input.value = value;
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  element("state").classList.remove("failed");
  void measure()
    .catch(fail)
    .finally(() => (start.disabled = false));
});
