import { chainName, coldName, copyName, emptyStepName, netName, twins } from "../works/catalogue.ts";
import type { Pass } from "../works/work.ts";
import { digits, nameOf, percent } from "./describe.ts";
import type { Row } from "./row.ts";
import { emptyProcess, startWork } from "../start/start-names.ts";

/** One figure that was promised, and what was measured. */
export interface Goal {
  readonly what: string;
  readonly needs: string;
  readonly got: string;
  readonly reached: boolean;
}

// The device as it is; what is said of its kernels is said of direct sums, whose operations can be counted.
const whole = { impl: "steelyard", device: "cpu", threads: 2 } as const;
const single = { ...whole, threads: 1 } as const;
const wide = { impl: "steelyard", device: "cpu direct", threads: 1 } as const;
const narrow = { impl: "steelyard", device: "cpu 128-bit", threads: 1 } as const;
type Who = Pick<Row, "impl" | "device" | "threads">;

const speedShapes = [
  "64→64 3×3 56²",
  "128→128 3×3 28²",
  "256→256 3×3 14²",
  "32→64 3×3 80²",
  "128→128 1×7 17²",
  "128→128 7×1 17²",
];
const rest = ["3→32 3×3 s2 160²", "256→128 1×1 17²"];
const products = ["matmul 256", "matmul 512", "matmul 1024", "matmul 511×513×510"];
const passes = ["forward", "gradInput", "gradFilter"] as const;

/** What the rows say of the goals; goals whose rows are missing are left out. */
export function goalsOf(rows: readonly Row[]): Goal[] {
  const find = (work: string, pass: Pass, who: Who): Row | undefined =>
    rows.find((row) => row.work === work && row.pass === pass && nameOf(row) === nameOf(who) && row.ms !== null);
  return [
    ...speedShapes.flatMap((work) => passes.flatMap((pass) => ofShape(find, work, pass))),
    ...rest.map((work) => share(find(work, "forward", wide), 0.65)),
    ...products.flatMap((work) => [wide, narrow].map((who) => share(find(work, "forward", who), 0.7))),
    ...[...twins].flatMap(([odd, even]) =>
      // Where the even shape has Winograd's transforms and the odd one has not, the device as it is has a cliff.
      passes.flatMap((pass) => [single, wide].map((who) => perOperation(find(odd, pass, who), find(even, pass, who)))),
    ),
    ...[single, whole].map((who) =>
      times(
        find(chainName, "forward", who),
        rows.find(({ work }) => work === copyName),
        1.3,
      ),
    ),
    ...ofNet(rows),
    ...rows.filter((row) => row.work === emptyStepName && row.device.startsWith("cpu")).map((row) => atMost(row, 3)),
    ...rows
      .filter(
        ({ work, impl, device, ms }) => work === startWork && impl === "steelyard" && device === "cpu" && ms !== null,
      )
      .map((row) =>
        times(
          row,
          rows.find(({ work }) => work === emptyProcess),
          2.5,
        ),
      ),
  ].filter((goal) => goal !== null);
}

function ofShape(find: (work: string, pass: Pass, who: Who) => Row | undefined, work: string, pass: Pass) {
  const two = (who: Who): Goal | null => scaling(find(work, pass, who), find(work, pass, { ...who, threads: 2 }));
  return [
    share(find(work, pass, wide), pass === "gradFilter" ? 0.6 : 0.7),
    share(find(work, pass, narrow), 0.8),
    two(single),
    two(wide),
    two(narrow),
  ];
}

function ofNet(rows: readonly Row[]): (Goal | null)[] {
  const steps = rows.filter(({ work, ms }) => work === netName && ms !== null);
  const best = (impl: string): Row | undefined => quickest(steps.filter((row) => row.impl === impl));
  const ours = best("steelyard");
  return [
    faster(ours, best("tfjs"), 35),
    faster(ours, best("jax-js"), 15),
    times(ours, best("pytorch"), 1.3),
    ...ofColdStart(rows.filter(({ work, ms }) => work === coldName && ms !== null)),
  ];
}

/** Of PyTorch's training step, from peers.md: for machines where it is not installed. */
const pytorchMiB = 430;

function ofColdStart(rows: readonly Row[]): (Goal | null)[] {
  const ours = rows.find((row) => nameOf(row) === nameOf(whole));
  if (ours?.peakMiB === undefined) return [];
  const most = 1.5 * (rows.find(({ impl }) => impl === "pytorch")?.peakMiB ?? pytorchMiB);
  const got = `${Math.round(ours.peakMiB)} MiB`;
  return [
    atMost(ours, 10_000),
    { what: whatOf(ours), needs: `≤ ${Math.round(most)} MiB`, got, reached: ours.peakMiB <= most },
  ];
}

function quickest(rows: readonly Row[]): Row | undefined {
  return rows.toSorted((a, b) => a.ms! - b.ms!)[0];
}

function whatOf(row: Row): string {
  return `${row.work} ${row.pass}, ${nameOf(row)}`;
}

function share(row: Row | undefined, least: number): Goal | null {
  if (row?.peakShare == null) return null;
  const reached = row.peakShare >= least;
  return { what: whatOf(row), needs: `≥ ${percent(least)} of the peak`, got: percent(row.peakShare), reached };
}

function scaling(one: Row | undefined, two: Row | undefined): Goal | null {
  return faster(two, one, 1.7);
}

function faster(row: Row | undefined, than: Row | undefined, least: number): Goal | null {
  if (row === undefined || than === undefined) return null;
  const factor = than.ms! / row.ms!;
  return {
    what: whatOf(row),
    needs: `≥ ${least} × ${nameOf(than)}`,
    got: `${digits(factor)} ×`,
    reached: factor >= least,
  };
}

function times(row: Row | undefined, other: Row | undefined, most: number): Goal | null {
  if (row?.ms == null || other?.ms == null) return null;
  const factor = row.ms / other.ms;
  const needs = `≤ ${most} × ${other.work === row.work ? nameOf(other) : other.work}`;
  return { what: whatOf(row), needs, got: `${digits(factor)} ×`, reached: factor <= most };
}

function perOperation(odd: Row | undefined, even: Row | undefined): Goal | null {
  if (odd?.gflops == null || even?.gflops == null) return null;
  const factor = odd.gflops / even.gflops;
  return { what: whatOf(odd), needs: `≥ 50 % of ${even.work}`, got: percent(factor), reached: factor >= 0.5 };
}

function atMost(row: Row, ms: number): Goal | null {
  if (row.ms === null) return null;
  return { what: whatOf(row), needs: `≤ ${ms} ms`, got: `${digits(row.ms)} ms`, reached: row.ms <= ms };
}
