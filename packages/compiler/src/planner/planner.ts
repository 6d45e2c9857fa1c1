import { registry, sizeOf, type Program } from "@steelyard/core";
import type { Plan } from "../plan.ts";
import type { Target } from "../target.ts";
import { bordersOf } from "./borders.ts";
import { storeConcat } from "./concats.ts";
import { storeContraction } from "./contractions.ts";
import { fuseEpilogues } from "./epilogues.ts";
import { elementsOf, graphOf, type Value } from "./graph.ts";
import { axesOf, storeMap, storeSpread, type Border } from "./maps.ts";
import { storeOrder } from "./orders.ts";
import { PlanBuilder } from "./plan-builder.ts";
import { storeReduction } from "./reductions.ts";
import { storeWindow } from "./windows.ts";
import { decideStorage, type Storing } from "./storage.ts";
import { isDense, viewOf } from "./views.ts";
import { rowMajor } from "../view.ts";

/**
 * Turns a program into a plan: decides what is stored and what is fused, makes a kernel for each stored value, and lays
 * everything out in memory.
 */
export function planOf(program: Program, target: Target): Plan {
  // A kernel writes one buffer and reads the others; kernels that are merged later are held to the limit there.
  const mostReads = (target.buffers ?? Infinity) - 1;
  const { values, outputs } = graphOf(program, mostReads, target.hostStalls);
  const storing = decideStorage({ values, outputs }, mostReads);
  const fused = fuseEpilogues(values, storing, new Set(outputs), mostReads);
  const work: Work = {
    plan: new PlanBuilder(target),
    storing,
    borders: bordersOf(values, target),
    heartOf: new Map([...fused].map(([value, map]) => [map, value])),
  };
  const isRead = (value: Value): boolean => storing.stored.has(value) && !fused.has(value);
  const starts = new Map<Value, number>();
  for (const value of values) {
    work.plan.earliest = startOf(value, work.plan, isRead, starts);
    starts.set(value, work.plan.earliest);
    if (isRead(value)) store(work, value);
  }
  work.plan.earliest = 0;
  return work.plan.finish(placeOutputs(work.plan, outputs));
}

/**
 * Before which command nothing of a value may be computed: what is computed again behind a checkpoint's barrier would
 * otherwise join the kernel that computed it first, and take memory ever since.
 */
function startOf(
  value: Value,
  { commands }: PlanBuilder,
  isRead: (input: Value) => boolean,
  starts: ReadonlyMap<Value, number>,
): number {
  if (value.instruction.primitive?.name === "barrier") return commands.length;
  return value.inputs.reduce((latest, input) => (isRead(input) ? latest : Math.max(latest, starts.get(input)!)), 0);
}

interface Work {
  readonly plan: PlanBuilder;
  readonly storing: Storing;
  readonly borders: ReadonlyMap<Value, Border>;
  /** For a map with a reduction or contraction in its kernel, that one. */
  readonly heartOf: ReadonlyMap<Value, Value>;
}

function store({ plan, storing, borders, heartOf }: Work, value: Value): void {
  const heart = heartOf.get(value) ?? value;
  const border = storing.dense.has(value) ? null : (borders.get(value) ?? null);
  switch (heart.kind) {
    case "input": {
      const { shape, dtype } = value.instruction;
      const buffer = plan.buffer(sizeOf(shape), dtype, { kind: "slot", slot: value.slot });
      return plan.settle(value, { buffer, view: rowMajor(shape) });
    }
    case "reduce":
      return storeReduction(plan, heart, value);
    case "contraction":
      return storeContraction(plan, heart, value, borders, border);
    case "window":
      return storeWindow(plan, value);
    case "order":
      return storeOrder(plan, value);
    case "spread":
      return storeParts(plan, value);
    case "host":
    case "solve":
      return runOnHost(plan, value);
    default:
      return storeExpression(plan, value, border);
  }
}

/** What is computed of stored values, or is one of them under another shape. */
function storeExpression(plan: PlanBuilder, value: Value, border: Border | null): void {
  if (border === null && isThere(plan, value)) return;
  storeMap(plan, value, border);
}

/** Whether a value is all of what was stored before, in the same order: then it lies there, under another shape. */
function isThere(plan: PlanBuilder, value: Value): boolean {
  const found = viewOf(value, plan.layoutOf);
  if (found === null || !isDense(found.view)) return false;
  const { buffer } = plan.locationOf(found.base);
  if (plan.elementsOf(buffer) !== elementsOf(value)) return false;
  plan.settle(value, { buffer, view: rowMajor(value.instruction.shape) });
  return true;
}

/** What is put together of parts, or of zeros and a part. */
function storeParts(plan: PlanBuilder, value: Value): void {
  if (value.instruction.primitive!.name === "concat") storeConcat(plan, value);
  else storeSpread(plan, value);
}

function runOnHost(plan: PlanBuilder, value: Value): void {
  const { instruction, slot } = value;
  const inputs = value.inputs.map((input) => plan.locationOf(input).buffer);
  const output = plan.buffer(sizeOf(instruction.shape), instruction.dtype);
  if (value.kind === "solve") plan.commands.push({ kind: "solve", slot, instruction, inputs, output });
  else {
    const inSpecs = value.inputs.map((input) => input.instruction);
    plan.commands.push({ kind: "host", instruction, inSpecs, inputs, output });
  }
  plan.settle(value, { buffer: output, view: rowMajor(instruction.shape) });
}

/** Each output gets storage of its own: the buffer its value was computed into, or a copy. */
function placeOutputs(plan: PlanBuilder, outputs: readonly Value[]): number[] {
  return outputs.map((value, output) => {
    const { buffer } = plan.locationOf(value);
    if (plan.claimOutput(buffer, output)) return buffer;
    return copyOf(plan, value, output);
  });
}

const reshape = registry.find(({ name }) => name === "reshape")!;

function copyOf(plan: PlanBuilder, value: Value, output: number): number {
  const { shape, dtype, label } = value.instruction;
  const elements = sizeOf(shape);
  const copy = plan.buffer(elements, dtype, { kind: "output", output });
  const { buffer } = plan.locationOf(value);
  if (dtype === "f64") {
    // No kernel knows f64: the host reshapes it to what it is.
    const instruction = { ...value.instruction, primitive: reshape, attrs: { shape }, bound: false };
    plan.commands.push({ kind: "host", instruction, inSpecs: [value.instruction], inputs: [buffer], output: copy });
    return copy;
  }
  const [at] = axesOf([elements]);
  const stores = [{ buffer: 1, at: at!, expr: { kind: "load", dtype, buffer: 0, at: at! } as const }];
  const lists = { buffers: [dtype, dtype], numbers: [], reduced: [], accumulators: [] };
  if (elements > 0)
    plan.run({ kind: "loop", name: `copy ${label}`, space: [elements], stores, ...lists }, [buffer, copy], []);
  return copy;
}
