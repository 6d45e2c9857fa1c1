import { type Axis, logAxis, stepAxis, weightAxis } from "./axis.ts";
import { count, sentenceList, short } from "./format.ts";
import { type Markup, markup } from "./markup.ts";
import { type Curve, type Frame, drawPanel } from "./panel.ts";
import type { RunGroup, RunReport } from "./report.ts";
import { halfLifeFor, type HandOver, leads, type Point, smooth, thin } from "./series.ts";

/** The axes that all runs of a group share, and the colours that all tasks of the report share. */
interface Sheet {
  readonly x: Axis;
  readonly losses: Axis | undefined;
  readonly weights: Axis;
  /** Class of a task's colour. */
  readonly colours: ReadonlyMap<string, string>;
  /** Room for the longest label at the right. */
  readonly margin: number;
}

/** A run the way it is drawn: one sequence per task, and each of them smoothed. */
interface Traces {
  readonly steps: readonly number[];
  readonly losses: readonly Trace[];
  readonly weights: readonly Trace[];
  readonly halfLife: number;
  readonly changes: readonly HandOver[];
}

interface Trace {
  readonly raw: readonly number[];
  readonly smoothed: readonly number[];
}

const width = 360;
const height = 372;
const labelLimit = 14;
const colourCount = 6;
// With more hand-overs than these, lines at each of them would hide the curves.
const mostMarks = 6;

/** One column per run: losses above weights over the same steps. `index` keeps ids of different groups apart. */
export function curveFigures(group: RunGroup, tasks: readonly string[], index: number): Markup {
  const sheet = sheetFor(group.runs, tasks);
  const figures = group.runs.map((run, i) => runFigure(run, sheet, `run-${index}-${i}`));
  return markup`<div class="multiples">
${figures}
</div>`;
}

function sheetFor(runs: readonly RunReport[], tasks: readonly string[]): Sheet {
  const records = runs.flatMap((run) => run.steps);
  const [firstStep, lastStep] = extent(records.map((record) => record.step));
  const [lowest, highest] = extent(records.flatMap((record) => record.weights));
  const longest = Math.max(4, ...runs.flatMap((run) => run.tasks.map((task) => clip(task).length)));
  return {
    x: stepAxis(firstStep, lastStep),
    losses: logAxis(records.flatMap((record) => record.losses)),
    weights: weightAxis(lowest, highest),
    colours: new Map(tasks.map((task, i) => [task, `t${i % colourCount}${i < colourCount ? "" : " again"}`])),
    margin: 12 + 6.1 * longest,
  };
}

/** A loop, not Math.min(...): ten thousand steps are more arguments than a call should have. */
function extent(values: readonly number[]): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}

function clip(task: string): string {
  const letters = Array.from(task);
  return letters.length <= labelLimit ? task : `${letters.slice(0, labelLimit - 1).join("")}…`;
}

function tracesOf(run: RunReport, losses: Axis | undefined): Traces {
  const halfLife = halfLifeFor(run.steps.length);
  const trace = (raw: readonly number[]): Trace => ({ raw, smoothed: smooth(raw, halfLife) });
  // What is not finite is a gap. What lies beyond the axis, as a loss of zero does, lies on its edge: else one such value
  // would pull the smoothed line away from all its neighbours.
  const [low, high] = [losses?.low ?? 0, losses?.high ?? 0];
  const lossAt = (loss = Number.NaN): number =>
    Number.isFinite(loss) ? Math.min(high, Math.max(low, Math.log10(Math.max(0, loss)))) : Number.NaN;
  const steps = run.steps.map((record) => record.step);
  const weights = run.tasks.map((_, i) => trace(run.steps.map((record) => record.weights[i] ?? Number.NaN)));
  return {
    steps,
    losses: run.tasks.map((_, i) => trace(run.steps.map((record) => lossAt(record.losses[i])))),
    weights,
    halfLife,
    changes: leads(
      steps,
      weights.map((series) => series.smoothed),
    ),
  };
}

function runFigure(run: RunReport, sheet: Sheet, id: string): Markup {
  const traces = tracesOf(run, sheet.losses);
  const curves = (series: readonly Trace[]): readonly Curve[] =>
    series.map(({ raw, smoothed }, i) => ({
      name: clip(run.tasks[i] ?? ""),
      colour: sheet.colours.get(run.tasks[i] ?? "") ?? "t0",
      raw: pointsOf(traces.steps, raw),
      smoothed: pointsOf(traces.steps, smoothed),
    }));
  const frame = (top: number, tall: number): Frame => ({
    left: 44,
    top,
    width: width - 44 - sheet.margin,
    height: tall,
  });
  const { x } = sheet;
  const handedOver = traces.changes.slice(1).map((change) => change.step);
  const marks = handedOver.length > mostMarks ? [] : handedOver;
  const above = { heading: "Loss (log scale)", frame: frame(22, 160), y: sheet.losses, curves: curves(traces.losses) };
  const below = { heading: "Weight", frame: frame(216, 116), y: sheet.weights, curves: curves(traces.weights) };
  return markup`<figure class="run">
<figcaption><strong>${run.strategy}</strong></figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">Losses and weights of ${run.strategy}${run.group === undefined ? "" : ` (${run.group})`}</title>
<desc id="${id}-desc">${describe(run, traces)}</desc>
${drawPanel({ ...above, x, marks, lowest: false })}
${drawPanel({ ...below, x, marks, lowest: true })}
</svg>
${facts(run, traces)}
</figure>`;
}

function pointsOf(steps: readonly number[], values: readonly number[]): readonly Point[] {
  return thin(values.map((y, i) => ({ x: steps[i] ?? 0, y })));
}

/** The curves in words, for those who cannot see them. */
function describe(run: RunReport, { steps, losses, weights }: Traces): string {
  if (steps.length === 0) return "No steps were recorded.";
  const tasks = run.tasks.map((task, i) => {
    const logs = losses[i]?.smoothed ?? [];
    return `${task}: loss ${ends(logs.map((log) => 10 ** log))}, weight ${ends(weights[i]?.smoothed ?? [])}`;
  });
  return `Smoothed, over steps ${count(steps[0] ?? 0)} to ${count(steps.at(-1) ?? 0)}. ${tasks.join("; ")}.`;
}

function ends(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  return `from ${short(finite[0] ?? Number.NaN)} to ${short(finite.at(-1) ?? Number.NaN)}`;
}

/** What the eye should check, in numbers. */
function facts(run: RunReport, { steps, losses, weights, halfLife, changes }: Traces): Markup {
  if (steps.length === 0) return markup`<p class="note">No steps were recorded.</p>`;
  const means = run.tasks.map((task, i) => `${task} ${mean(weights[i]?.raw ?? [])}`);
  const gaps = losses.flatMap((trace) => trace.raw).filter(Number.isNaN).length;
  const unusable = gaps === 0 ? "" : ` ${count(gaps)} of ${count(steps.length * losses.length)} losses are not finite.`;
  return markup`<p class="note">${count(steps.length)} recorded ${steps.length === 1 ? "step" : "steps"}; \
lines smoothed with a half-life of ${count(halfLife)}.
Mean weight: ${sentenceList(means)}. ${handOvers(run.tasks, changes)}${unusable}</p>`;
}

function mean(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const sum = finite.reduce((total, value) => total + value, 0);
  return finite.length === 0 ? "–" : (sum / finite.length).toFixed(2);
}

function handOvers(tasks: readonly string[], changes: readonly HandOver[]): string {
  if (tasks.length < 2) return "";
  const [first, ...later] = changes;
  if (first === undefined) return "Lead: none.";
  const start = `Lead: ${tasks[first.to] ?? ""} from step ${count(first.step)}`;
  if (later.length === 0) return `${start} to the end.`;
  if (later.length > mostMarks)
    return `${start}, handed over ${count(later.length)} times, first at ${count(later[0]?.step ?? 0)}.`;
  return `${start}, ${later.map(({ step, to }) => `${tasks[to] ?? ""} from ${count(step)}`).join(", ")}.`;
}
