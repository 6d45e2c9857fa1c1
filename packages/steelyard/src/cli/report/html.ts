import { curveFigures } from "./curves.ts";
import { sampleFaces } from "./faces.ts";
import { type Markup, markup, nothing } from "./markup.ts";
import { groupRuns, type Report, type RunGroup, type RunReport, tasksOf } from "./report.ts";
import { style } from "./style.ts";
import { summaryTable } from "./summary.ts";

export type { Report, RunReport, SampleFace } from "./report.ts";

/**
 * A report as one HTML file that needs nothing else: no network, no script, no font. The policy in its head makes the
 * browser enforce that. The same report gives the same bytes.
 */
export function reportHtml(report: Report): string {
  const groups = groupRuns(report.runs);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${report.title}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${report.title}</h1>
<p class="lead">${report.lead}</p>
</header>
<main>
<section aria-labelledby="results">
<h2 id="results">Results</h2>
${groups.length === 0 ? markup`<p>No runs were recorded.</p>` : [...(report.pooled ?? []), ...groups].map(summaryTable)}
</section>
${curvesSection(groups, report.runs)}
${samplesSection(report)}
${settingsSection(report.settings)}
</main>
</body>
</html>
`.source;
}

function curvesSection(groups: readonly RunGroup[], runs: readonly RunReport[]): Markup {
  if (runs.length === 0) return nothing;
  const tasks = tasksOf(runs);
  const parts = groups.map((group, i) => {
    const heading = group.name === undefined ? nothing : markup`<h3>${group.name}</h3>`;
    return markup`${heading}
${curveFigures(group, tasks, i)}`;
  });
  return markup`<section aria-labelledby="curves">
<h2 id="curves">Losses and weights while training</h2>
<p>A weight says how much of a task’s loss enters the training objective. Read each column from top to bottom: where two
lines cross in the lower panel, one task hands the lead to the other (dotted upright). A rule that favours the harder task hands it to the
task with the larger loss, some steps after the losses above have crossed; a rule that lowers the weighted sum itself
hands it to the easier one; with fixed weights the lower panel stays flat.</p>
<p class="note">Points are recorded steps; lines are their exponential moving average (of the logarithm, for losses), taken
over both sides so that crossings stay in place. The axes are shared by the strategies shown side by side. Long runs are
thinned, keeping the lowest and highest value of every stretch; values beyond the loss axis lie on its edge.</p>
${parts}
</section>`;
}

function samplesSection({ samples }: Report): Markup {
  if (samples.length === 0) return nothing;
  return markup`<section aria-labelledby="samples">
<h2 id="samples">Sample faces</h2>
${sampleFaces(samples)}
</section>`;
}

function settingsSection(settings: Report["settings"]): Markup {
  if (settings.length === 0) return nothing;
  const rows = settings.map(([name, value]) => markup`<tr><th scope="row">${name}</th><td>${value}</td></tr>`);
  return markup`<section aria-labelledby="settings">
<h2 id="settings">Settings</h2>
<table class="settings">
<caption>Options and data of these runs.</caption>
<thead><tr><th scope="col">Setting</th><th scope="col">Value</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
</section>`;
}
