import { count, duration, percent, sentenceList } from "./format.ts";
import { type Markup, markup, nothing } from "./markup.ts";
import type { RunGroup, RunReport, Score } from "./report.ts";

/** Strategy × task for the runs of one group: accuracy with chance beside it, the best of each task marked, and time. */
export function summaryTable({ name, runs }: RunGroup): Markup {
  const tasks = [...new Set(runs.flatMap((run) => run.scores.map((score) => score.task)))];
  const best = tasks.map((task) => bestAccuracy(runs, task));
  const marked = best.some((value) => value !== undefined);
  const heads = tasks.map((task) => markup`<th scope="col">${task}${sampleNote(runs, task)}</th>`);
  const rows = runs.map((run) => {
    const cells = tasks.map((task, i) => scoreCell(scoreOf(run, task), best[i]));
    return markup`<tr><th scope="row">${run.strategy}</th>${cells}<td>${duration(run.seconds)}</td></tr>`;
  });
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="${caption(name, tasks)}">
<table class="summary">
<caption><span>${caption(name, tasks)}${marked ? " Best per task in bold." : ""}</span></caption>
<thead><tr><th scope="col">Strategy</th>${heads}<th scope="col">Time</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
</div>`;
}

function caption(name: string | undefined, tasks: readonly string[]): string {
  const scored =
    tasks.length > 0 ? `Accuracy on ${sentenceList(tasks)}, with chance beside it.` : "No task was scored.";
  return name === undefined ? scored : `${name}. ${scored}`;
}

function scoreOf(run: RunReport, task: string): Score | undefined {
  return run.scores.find((score) => score.task === task);
}

/** As printed, so that two numbers which look the same are both marked. `undefined`: there is nothing to compare. */
function bestAccuracy(runs: readonly RunReport[], task: string): string | undefined {
  const known = runs.map((run) => scoreOf(run, task)?.accuracy ?? Number.NaN).filter(Number.isFinite);
  return known.length < 2 ? undefined : percent(Math.max(...known));
}

/** The number of samples stands in the head when every run was scored on as many; otherwise in each cell. */
function commonSamples(runs: readonly RunReport[], task: string): number | undefined {
  const samples = new Set(runs.map((run) => scoreOf(run, task)?.samples).filter((n) => n !== undefined));
  return samples.size === 1 ? [...samples][0] : undefined;
}

function sampleNote(runs: readonly RunReport[], task: string): Markup {
  const samples = commonSamples(runs, task);
  return samples === undefined ? nothing : markup` <span class="note">${count(samples)} samples</span>`;
}

function scoreCell(score: Score | undefined, best: string | undefined): Markup {
  if (score === undefined) return markup`<td><span class="note">not scored</span></td>`;
  const accuracy = percent(score.accuracy);
  const marked = accuracy === best ? markup`<strong>${accuracy}</strong>` : markup`<span>${accuracy}</span>`;
  return markup`<td>${marked} <span class="note">chance ${percent(score.chance)}</span></td>`;
}
