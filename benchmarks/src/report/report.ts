import { digits, nameOf, percent } from "./describe.ts";
import { goalsOf } from "./goals.ts";
import type { Results, Row } from "./row.ts";
import type { Table } from "./table.ts";

/** What is told of the results, before it is Markdown or HTML. */
export interface Section {
  readonly title: string;
  readonly text: string;
  readonly table: Table;
}

const nothing = "–";

/** Speeds, times, what could not be measured and why, and how the figures stand to what was promised. */
export function sectionsOf(results: Results): Section[] {
  const { rows } = results;
  const goals = goalsOf(results);
  const reached = goals.filter((goal) => goal.reached).length;
  return [
    {
      title: "Speed",
      text: "GFLOP/s of the median run, and the share of what a loop of nothing but FMAs reaches in the same process.",
      table: pivot(
        rows.filter(({ gflops }) => gflops !== null),
        speedCell,
      ),
    },
    {
      title: "Time",
      text: "Milliseconds of the median run.",
      table: pivot(
        rows.filter(({ ms }) => ms !== null),
        ({ ms }) => digits(ms!),
      ),
    },
    {
      title: "Memory",
      text: "The most that a process has held, in MiB.",
      table: pivot(
        rows.filter(({ peakMiB }) => peakMiB !== undefined),
        ({ peakMiB }) => String(Math.round(peakMiB!)),
      ),
    },
    { title: "Not measured", text: "Who could not do what, in their own words.", table: failures(rows) },
    {
      title: "Goals",
      text: `${reached} of ${goals.length} reached.`,
      table: {
        head: ["what", "needs", "got", "reached"],
        words: 2,
        rows: goals.map(({ what, needs, got, reached: is }) => [what, needs, got, is ? "yes" : "no"]),
      },
    },
  ].filter(({ table }) => table.rows.length > 0);
}

function speedCell({ gflops, peakShare }: Row): string {
  return peakShare === null ? digits(gflops!) : `${digits(gflops!)} (${percent(peakShare)})`;
}

/** A line for each piece of work, a column for each implementation that has a figure. */
function pivot(rows: readonly Row[], cellOf: (row: Row) => string): Table {
  const names = [...new Set(rows.map(nameOf))];
  const works = Map.groupBy(rows, ({ work, pass }) => `${work}\n${pass}`);
  const lines = [...works].map(([title, of]) => {
    const cells = new Map(of.map((row) => [nameOf(row), cellOf(row)]));
    return [...title.split("\n"), ...names.map((name) => cells.get(name) ?? nothing)];
  });
  return { head: ["work", "pass", ...names], words: 2, rows: lines };
}

/** A line for each implementation and reason, with the work it is a reason for. */
function failures(rows: readonly Row[]): Table {
  const failed = rows.filter(({ error }) => error !== null);
  const reasons = Map.groupBy(failed, (row) => `${nameOf(row)}\n${row.error}`);
  const lines = [...reasons].map(([title, of]) => {
    const who = title.split("\n")[0]!;
    const isAll = rows.every((row) => nameOf(row) !== who || row.error === of[0]!.error);
    const works = Map.groupBy(of, ({ work }) => work);
    const list = [...works].map(([work, each]) => `${work} (${each.map(({ pass }) => pass).join(", ")})`);
    return [...title.split("\n"), isAll ? "everything" : list.join("; ")];
  });
  return { head: ["who", "why", "what"], words: 3, rows: lines };
}

/** Of the machine, in one line. */
export function machineLine({ machine, adapter, commit }: Results): string {
  const { cpu, cores, memoryGiB, node, browser } = machine;
  const parts = [
    cpu,
    `${cores} cores`,
    memoryGiB && `${memoryGiB} GiB`,
    node && `Node ${node.replace(/^v/, "")}`,
    browser,
    adapter && `WebGPU by ${adapter}`,
    `commit ${commit}`,
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}
