import type { Device, Storage } from "./device.ts";
import { isFloat } from "./dtype.ts";
import { SteelyardError } from "./errors.ts";
import { captureSites, describeNode, inputsFirst, type Node } from "./graph.ts";
import { hold, letGo, release } from "./ownership.ts";
import { isInput } from "./program.ts";
import { runWhole } from "./run-plan.ts";

const modes = { anomaly: false, eager: false };

/** One plan for each operation, nothing fused, nothing donated: for anomaly mode and for stepping through. */
export function checksEveryValue(): boolean {
  return modes.anomaly || modes.eager;
}

/**
 * Switches for looking closer, all slow. `debug`: every operation remembers the source line that made it.
 * `anomaly`: also stops at the first operation that makes an infinity or NaN. `eager`: realises operation by operation
 * and keeps every value, so that each can be read.
 */
export function setDebug(options: { debug?: boolean; anomaly?: boolean; eager?: boolean }): void {
  modes.anomaly = options.anomaly ?? false;
  modes.eager = options.eager ?? false;
  captureSites(options.debug === true || modes.anomaly);
}

/**
 * Runs `work` in anomaly mode: the first operation whose value is not finite although its inputs are stops the run.
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
    for (const node of inputsFirst(roots, (each) => !isInput(each))) {
      if (isInput(node)) continue;
      const [storage] = await runWhole([node], device);
      hold(node, storage!);
      computed.push(node);
      if (modes.anomaly && isFloat(node.dtype)) await checkFinite(node, storage!);
    }
    const results = await runWhole(roots, device);
    donated.forEach(release);
    return results;
  } finally {
    if (!modes.eager) for (const { owned } of computed) letGo(owned!);
  }
}

async function checkFinite(node: Node, storage: Storage): Promise<void> {
  const data = await storage.device.read(storage);
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new SteelyardError({
    code: "NonFinite",
    who: node.path === "" ? node.primitive.name : `${node.primitive.name} in ${node.path}`,
    needs: "finite values",
    got: `${data[at]} at flat index ${at} of ${describeNode(node)}`,
    hint: "the inputs of this operation are finite: guard it where it was created",
    site: node.site,
  });
}
