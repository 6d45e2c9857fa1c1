import { coldName, kernelsName, largeConvName, netName, ordinaryNames } from "../works/catalogue.ts";
import type { Pass } from "../works/work.ts";
import { digits } from "./describe.ts";
import { faster, share, times, whatOf, type Goal } from "./goal.ts";
import type { Results, Row } from "./row.ts";

// The processor as a GPU tells how we stand to peers on the same adapter; of a GPU we want a share of what it can do.
const [tfjs, jax] = ["tfjs", "jax-js"];
const [forwardFactors, allFactors] = [
  { [tfjs]: 2, [jax]: 1.6 },
  { [tfjs]: 4, [jax]: 1.7 },
];
const stepFactors = { software: { [tfjs]: 3.5, [jax]: 1.6 }, gpu: { [tfjs]: 5 } };
const leastShare = 0.4;
const compiling = 15_000;

/** What the rows say of the goals of the WebGPU device; goals whose rows are missing are left out. */
export function webgpuGoals({ rows, adapter }: Results): Goal[] {
  const isSoftware = /llvmpipe|lavapipe|swiftshader/iu.test(adapter ?? "");
  const find = (work: string, pass: Pass, impl = "steelyard"): Row | undefined =>
    rows.find((row) => {
      return row.work === work && row.pass === pass && row.impl === impl && row.device === "webgpu" && row.ms !== null;
    });
  const versus = (work: string, pass: Pass, factors: Readonly<Record<string, number>>): (Goal | null)[] =>
    Object.entries(factors).map(([peer, least]) => faster(find(work, pass), find(work, pass, peer), least));
  const ofKind = isSoftware
    ? [
        ...ordinaryNames.flatMap((work) => versus(work, "forward", forwardFactors)),
        ...ordinaryNames.flatMap((work) => versus(work, "all", allFactors)),
        ...versus(netName, "step", stepFactors.software),
        coldStart(find(coldName, "step"), find(netName, "step")),
      ]
    : [share(find(largeConvName, "all"), leastShare), ...versus(netName, "step", stepFactors.gpu)];
  return [...ofKind, times(find(kernelsName, "step"), find(kernelsName, "step", "bare"), 1.2)].filter(
    (goal) => goal !== null,
  );
}

/** The first step, in which every pipeline is compiled; a cold start is that and a second. */
function coldStart(cold: Row | undefined, warm: Row | undefined): Goal | null {
  if (cold === undefined || warm === undefined) return null;
  const [first, most] = [cold.ms! - warm.ms!, warm.ms! + compiling];
  const got = `${digits(first)} ms`;
  return { what: whatOf(cold), needs: `first ≤ ${digits(most)} ms`, got, reached: first <= most };
}
