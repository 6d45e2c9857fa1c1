import type { Device, Storage } from "./device.ts";
import { isFloat } from "./dtype.ts";
import { SteelyardError } from "./errors.ts";
import { captureSites, describeNode, inputsFirst, nameOf, type Node } from "./graph.ts";
import { hold, letGo, release } from "./ownership.ts";
import { isInput } from "./program.ts";
import { runWhole } from "./run-plan.ts";

// Looking closer: plans of one operation each, so that every value can be checked and the culprit named.

const modes = { anomaly: false, eager: false };

/** Whether every operation runs as a plan of its own, with nothing donated: in anomaly mode and in eager mode. */
export function checksEveryValue(): boolean {
  return modes.anomaly || modes.eager;
}

/**
 * Switches for looking closer, all slow; what is left out is switched off. `debug`: every operation remembers the
 * source line that made it. `anomaly`: that, and the run stops as under `detectAnomaly`. `eager`: one operation after
 * another is computed, and every value kept, so that each can be read.
 */
export function setDebug(options: { debug?: boolean; anomaly?: boolean; eager?: boolean }): void {
  modes.anomaly = options.anomaly ?? false;
  modes.eager = options.eager ?? false;
  captureSites(options.debug === true || modes.anomaly);
}

/**
 * Runs `work` in anomaly mode: the first operation that makes a NaN, or an infinity of finite inputs, stops the run. So
 * does given data with a NaN. Infinities that are given or written, such as the −∞ of a mask, are taken as meant. Build
 * the graph inside `work`, where lines are remembered.
 *
 * @throws NonFinite naming the operation and the line that created it
 */
export async function detectAnomaly<T>(work: () => T | Promise<T>): Promise<T> {
  const before = modes.anomaly;
  const sites = captureSites(true);
  modes.anomaly = true;
  try {
    return await work();
  } finally {
    modes.anomaly = before;
    captureSites(sites);
  }
}

/** As `runWhole`, one operation after another. */
export async function runStepwise(
  roots: readonly Node[],
  device: Device,
  donated: ReadonlySet<Storage>,
): Promise<readonly Storage[]> {
  const computed: Node[] = [];
  try {
    const odd: OddValues = new Map();
    for (const node of inputsFirst(roots, (each) => !isInput(each))) {
      const given = isInput(node);
      if (given && !modes.anomaly) continue;
      const [storage] = (await runWhole([node], device)) as [Storage];
      const data = modes.anomaly && isFloat(node.dtype) ? await device.read(storage) : [];
      if (given) release(storage);
      else {
        hold(node, storage);
        computed.push(node);
      }
      checkFinite(node, data, given, odd);
    }
    const results = await runWhole(roots, device);
    donated.forEach(release);
    return results;
  } finally {
    if (!modes.eager) for (const { owned } of computed) letGo(owned!);
  }
}

/** Values so far that are not finite and meant to be so; true for those that hold a NaN. */
type OddValues = Map<Node, boolean>;

// Meant are numbers of the program and what is made of nothing else, infinities in given data, and whatever infinity
// comes of one: a mask may be −∞. Any other NaN, and any other infinity, comes into being at this node.
function checkFinite(node: Node, data: ArrayLike<number>, given: boolean, odd: OddValues): void {
  const values = Array.from(data);
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const hasNaN = values.some(Number.isNaN);
  const written = node.slot?.kind === "number" || (!given && node.inputs.every((input) => odd.get(input) === true));
  if (written || (!hasNaN && (given || node.inputs.some((input) => odd.has(input))))) {
    odd.set(node, hasNaN);
    return;
  }
  throw new SteelyardError({
    code: "NonFinite",
    who: node.path === "" ? nameOf(node) : `${nameOf(node)} in ${node.path}`,
    needs: "finite values",
    got: `${data[at]} at flat index ${at} of ${describeNode(node)}`,
    hint: given ? "it was given so: look at where the data comes from" : "it first appears here: guard the operands",
    site: node.site,
  });
}
