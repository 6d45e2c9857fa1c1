import { curveFigures } from "../src/cli/report/curves.ts";
import { short } from "../src/cli/report/format.ts";
import { markup, type Markup } from "../src/cli/report/markup.ts";
import type { Computer } from "./computer.ts";
import { stepTime, type Run } from "./run.ts";
import { fields, fieldTexts } from "./settings.ts";
import type { Opinion, Stranger } from "./strangers.ts";

// What is seen of a training. Everything here only draws; the report of the command line draws its curves in the same way.

function element(id: string): HTMLElement {
  return document.getElementById(id)!;
}

function show(id: string, text: string): void {
  element(id).textContent = text;
}

function replace(where: Element, { source }: Markup): void {
  where.innerHTML = source;
}

export function showState(text: string, failed = false): void {
  show("state", text);
  element("state").classList.toggle("failed", failed);
}

export function showComputer({ text, because }: Computer): void {
  show("device", text);
  show("because", because);
}

/** The form of the settings: whatever is changed is sent at once, and loads the page anew. */
export function showSettings(search: string): void {
  const texts = fieldTexts(search);
  const form = document.querySelector<HTMLFormElement>("#settings")!;
  const inputs = fields.map(({ name, label, choices }) => {
    const options = choices?.map(([value, text]) => {
      const selected = value === texts[name] ? "selected" : "";
      return markup`<option value="${value}" ${selected}>${text}</option>`;
    });
    const input =
      options === undefined
        ? markup`<input name="${name}" value="${texts[name]}" inputmode="decimal" size="6">`
        : markup`<select name="${name}">${options}</select>`;
    return markup`<label>${label} ${input}</label>`;
  });
  replace(form, markup`${inputs}`);
  form.addEventListener("change", () => form.requestSubmit());
}

/** Everything that a step of this run changes; the other runs stand beside it. */
export function showRun(run: Run, runs: readonly Run[], tasks: readonly string[], steps: number): void {
  const record = run.records.at(-1);
  show("step", record === undefined ? "–" : `${record.iteration + 1} of ${steps}`);
  show("time", record === undefined ? "–" : `${short(stepTime(run))} ms`);
  showNow(run, tasks);
  const begun = runs.filter(({ records }) => records.length > 0);
  if (begun.length === 0) return;
  const group = { name: undefined, runs: begun.map((each) => reported(each, tasks)) };
  replace(element("curves"), curveFigures(group, tasks, 0));
}

function showNow({ records }: Run, tasks: readonly string[]): void {
  const { losses = [], weights = [] } = records.at(-1) ?? {};
  const rows = tasks.map(
    (task, i) => markup`<tr class="t${i}"><th scope="row">${task}</th>
<td>${(losses[i] ?? Number.NaN).toFixed(3)}</td><td>${(weights[i] ?? Number.NaN).toFixed(3)}</td></tr>`,
  );
  replace(element("now").querySelector("tbody")!, markup`${rows}`);
  const beam = element("beam");
  if (beam.childElementCount === 0) replace(beam, markup`${tasks.map((_, i) => markup`<i class="t${i}"></i>`)}`);
  // The same elements at every step, so that what changes glides.
  [...beam.children].forEach((part, i) => ((part as HTMLElement).style.flexGrow = String(weights[i] ?? 1)));
}

function reported(
  { strategy, records }: Run,
  tasks: readonly string[],
): Parameters<typeof curveFigures>[0]["runs"][number] {
  const steps = records.map(({ iteration, losses, weights }) => ({ step: iteration, losses, weights }));
  return { strategy, seconds: Number.NaN, tasks, steps, scores: [] };
}

export function showStrangers(faces: readonly Stranger[]): void {
  const figures = faces.map(
    ({ size, expression }) => markup`<li><figure>
<canvas width="${size}" height="${size}" role="img" aria-label="Face that expresses ${expression}"></canvas>
<figcaption><b>${expression}</b><span class="opinion">–</span></figcaption>
</figure></li>`,
  );
  const list = element("faces");
  replace(list, markup`${figures}`);
  [...list.querySelectorAll("canvas")].forEach((canvas, i) => draw(canvas, faces[i]!));
}

function draw(canvas: HTMLCanvasElement, { pixels, size }: Stranger): void {
  const image = new ImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    image.data.set(
      [...pixels.subarray(3 * i, 3 * i + 3)].map((level) => 255 * level),
      4 * i,
    );
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d")!.putImageData(image, 0, 0);
}

export function showOpinions(opinions: readonly Opinion[], faces: readonly Stranger[]): void {
  [...element("faces").querySelectorAll(".opinion")].forEach((caption, i) => {
    const { expression, share } = opinions[i]!;
    caption.textContent = `${expression}, ${Math.round(100 * share)} %`;
    caption.classList.toggle("right", expression === faces[i]!.expression);
  });
}
