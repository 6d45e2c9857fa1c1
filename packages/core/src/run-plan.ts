import { checksEveryValue, runStepwise } from "./debug.ts";
import type { Binding, Device, Storage } from "./device.ts";
import { hostArray } from "./dtype.ts";
import { invariant } from "./errors.ts";
import { describeNode, type Node } from "./graph.ts";
import { release } from "./ownership.ts";
import { planCache } from "./plan-cache.ts";
import { isInput, linearise } from "./program.ts";

// Running a plan: linearise the roots, find or compile the program, bind its slots, run it.

/** The storage that already holds a node's value: its own, or that of the Variable version it reads. */
export function storageAtHand(node: Node): Storage | null {
  if (node.storage !== null) return node.storage;
  return node.slot?.kind === "variable" ? node.slot.variable.storageOf(node.slot.version) : null;
}

/**
 * Computes the roots; each result is fresh storage that belongs to the caller. Donated storage belongs to the device.
 */
export async function runPlan(
  roots: readonly Node[],
  device: Device,
  donated: ReadonlySet<Storage> = new Set(),
): Promise<readonly Storage[]> {
  if (roots.length === 0) {
    donated.forEach(release);
    return [];
  }
  return checksEveryValue() ? runStepwise(roots, device, donated) : runWhole(roots, device, donated);
}

/** One program for all roots. */
export async function runWhole(
  roots: readonly Node[],
  device: Device,
  donated: ReadonlySet<Storage> = new Set(),
): Promise<readonly Storage[]> {
  const { program, nodes } = linearise(roots);
  warnAboutRepeats(nodes);
  await settleVariables(nodes, device);
  const executable = planCache(device).executable(device, program);
  // What this run holds on to. Donated storage is the device's own once it has run, and its last reference means
  // nothing; when the run fails it stays with its Variable.
  const held: Storage[] = [];
  try {
    const bindings: Binding[] = [];
    for (const i of program.slots) {
      const binding = await bind(nodes[i]!, device);
      bindings.push(binding);
      if (typeof binding === "object") held.push(binding);
    }
    const results = await executable.run(bindings, donated);
    results.forEach((storage, i) => (storage.owner = describeNode(roots[i]!)));
    markSpent(nodes, new Set(roots));
    return results;
  } finally {
    held.forEach(release);
  }
}

/** What a runtime slot is bound to; storage comes with a reference for this run. */
async function bind(node: Node, device: Device): Promise<Binding> {
  const { slot } = node;
  if (!node.known && slot?.kind === "number") return slot.value;
  if (!node.known && slot?.kind === "solve") return slot.solve;
  const stored = storageAtHand(node);
  if (stored !== null && stored.device === device) {
    stored.references++;
    return stored;
  }
  const data = stored !== null ? await stored.device.read(stored) : (node.host ?? dataOf(node));
  return device.upload(data, node.shape, node.dtype, describeNode(node));
}

function dataOf(node: Node): ReturnType<typeof hostArray> {
  invariant(node.slot?.kind === "data", `${describeNode(node)} has no value to bind`);
  return node.slot.data;
}

/** First values of Variables are computed when a plan first needs them. */
async function settleVariables(nodes: readonly Node[], device: Device): Promise<void> {
  const read = new Set(nodes.flatMap(({ slot }) => (slot?.kind === "variable" ? [slot.variable] : [])));
  const unsettled = [...read].filter((variable) => variable.initial !== null);
  if (unsettled.length === 0) return;
  const storages = await runWhole(
    unsettled.map((variable) => variable.initial!.node),
    device,
  );
  unsettled.forEach((variable, i) => {
    // The first value of one may have been read for that of another, and is settled by then.
    if (variable.initial === null) release(storages[i]!);
    else variable.settle(storages[i]!);
  });
}

// What was computed on the way is gone now; computing it once more is what `warnAboutRepeats` tells.
function markSpent(nodes: readonly Node[], roots: ReadonlySet<Node>): void {
  for (const node of nodes) if (node.inputs.length > 0 && !isInput(node) && !roots.has(node)) node.spent = true;
}

const warned = new Set<string>();
let warn: (message: string) => void = (message) => console.warn(message);

/** Sends warnings elsewhere than to the console; returns the handler that was there. */
export function onWarning(handler: (message: string) => void): (message: string) => void {
  const before = warn;
  warn = handler;
  return before;
}

/** Nothing is computed twice without saying so: once for each operation, by its name. */
function warnAboutRepeats(nodes: readonly Node[]): void {
  const again = nodes.filter((node) => node.spent && !isInput(node));
  for (const node of again) node.spent = false;
  const first = again.find((node) => !warned.has(describeNode(node)));
  if (first === undefined) return;
  warned.add(describeNode(first));
  warn(
    `Steelyard computes ${describeNode(first)} again` +
      (again.length > 1 ? `, and ${again.length - 1} more operations` : "") +
      ": an earlier read computed it without keeping it.\n" +
      "  hint: ask for everything at once, `await realise(a, b)`, or realise what is used again",
  );
}
