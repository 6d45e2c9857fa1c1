import type { Score } from "@steelyard/faces";
import type { StepRecord } from "@steelyard/weighting";
import { columns } from "./progress.ts";

/** One strategy trained on one problem. */
export interface Run {
  readonly strategy: string;
  readonly protocol: string;
  /** Names the problem: the protocol, and which of its folds. */
  readonly problem: string;
  readonly tasks: readonly string[];
  readonly records: readonly StepRecord[];
  readonly scores: readonly Score[];
  readonly seconds: number;
}

/** How well a strategy tells a task under one protocol, over all its folds. */
export interface SummaryRow extends Score {
  readonly strategy: string;
  readonly protocol: string;
}

/** Scores pooled over folds: every validation image counts once. */
export function summarise(runs: readonly Run[]): SummaryRow[] {
  const scored = runs.flatMap(({ strategy, protocol, scores }) =>
    scores.map((score) => ({ strategy, protocol, ...score })),
  );
  const groups = Map.groupBy(scored, ({ strategy, protocol, task }) => JSON.stringify([strategy, protocol, task]));
  return [...groups.values()].map((folds) => {
    const { strategy, protocol, task } = folds[0]!;
    const samples = folds.reduce((sum, fold) => sum + fold.samples, 0);
    const pooled = (of: (score: Score) => number): number =>
      folds.reduce((sum, fold) => sum + of(fold) * fold.samples, 0) / samples;
    return { strategy, task, accuracy: pooled((s) => s.accuracy), chance: pooled((s) => s.chance), samples, protocol };
  });
}

/** What each strategy reached over all folds, for the protocols that have several. */
export function pooledRuns(runs: readonly Run[]): { readonly name: string; readonly runs: readonly Run[] }[] {
  const protocols = [...Map.groupBy(runs, ({ protocol }) => protocol)];
  return protocols.flatMap(([protocol, members]) => {
    const folds = new Set(members.map(({ problem }) => problem)).size;
    if (folds < 2) return [];
    const pooled = [...Map.groupBy(members, ({ strategy }) => strategy).values()].map((own) => ({
      ...own[0]!,
      records: [],
      scores: summarise(own),
      seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
    }));
    return [{ name: `${protocol}, ${folds} folds together`, runs: pooled }];
  });
}

/** One table for each protocol: a row for each strategy, accuracy with chance beside it for each task. */
export function summaryText(summary: readonly SummaryRow[]): string {
  return [...Map.groupBy(summary, ({ protocol }) => protocol)]
    .map(([protocol, rows]) => {
      const tasks = [...new Set(rows.map(({ task }) => task))];
      const counts = tasks.map((task) => `${task} ${rows.find((row) => row.task === task)!.samples}`);
      const table = [...Map.groupBy(rows, ({ strategy }) => strategy)].map(([strategy, scores]) => [
        strategy,
        ...scores.flatMap(({ accuracy, chance }) => [percent(accuracy), percent(chance)]),
      ]);
      const head = ["strategy", ...tasks.flatMap((task) => [task, "chance"])];
      return `${protocol}: validation accuracy (images: ${counts.join(", ")})\n\n${columns([head, ...table])}`;
    })
    .join("\n\n");
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
