import { chainName, coldName, copyName, emptyStepName, netName, twins } from "../works/catalogue.ts";
import type { Pass } from "../works/work.ts";
import { nameOf } from "./describe.ts";
import { atMost, faster, perOperation, quickest, share, times, whatOf, type Goal } from "./goal.ts";
import type { Row } from "./row.ts";
import { emptyProcess, startWork } from "../start/start-names.ts";

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

/** What the rows say of the goals of the CPU device; goals whose rows are missing are left out. */
export function cpuGoals(rows: readonly Row[]): Goal[] {
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
        rows.find(({ work, impl }) => work === copyName && impl === "memory"),
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
  const ours = quickest(steps.filter(({ impl, device }) => impl === "steelyard" && device !== "webgpu"));
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

function scaling(one: Row | undefined, two: Row | undefined): Goal | null {
  return faster(two, one, 1.7);
}
