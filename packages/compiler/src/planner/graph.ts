import { registry, type Instruction, type Program } from "@steelyard/core";
import { hasOrderKernels } from "../orders/choice.ts";
import { stepsBetween } from "./reshape-indices.ts";

// From program to graph: equal instructions are one value, values know their users, and each has a kind that says how it
// can be computed.

/**
 * How a value comes about: bound before the run ("input", "number"), an expression over other values ("map", "view"), by
 * kernels of its own ("reduce", "contraction", "window", "order", "spread"), or outside kernels ("host", and "solve" for what is
 * made of a binding: a host solve, a number in f64).
 */
type Kind =
  "input" | "number" | "map" | "view" | "reduce" | "contraction" | "window" | "order" | "spread" | "solve" | "host";

/** One value of the graph. */
export interface Value {
  /** Its place in the program, which is an order of computation. */
  readonly index: number;
  readonly instruction: Instruction;
  readonly kind: Kind;
  readonly inputs: readonly Value[];
  /** Who reads it; more than once when it is read in several places. */
  readonly users: Value[];
  /** Position among the program's slots; −1 when nothing is bound. */
  readonly slot: number;
}

export interface ValueGraph {
  /** In order of computation. */
  readonly values: readonly Value[];
  /** One for each output of the program. */
  readonly outputs: readonly Value[];
}

/** So many values are put one behind the other in one expression; more are stored one by one. */
const mostParts = 8;

/**
 * Merges equal instructions, removes what only carries a rule, and links users. One expression may read so many stored
 * values; where the host stalls the device it is left what no kernel can do.
 */
export function graphOf(
  { instructions, slots, outputs }: Program,
  mostReads: number = Infinity,
  hostStalls: boolean = false,
): ValueGraph {
  const slotOf = new Map(slots.map((index, slot) => [index, slot]));
  const byStructure = new Map<string, Value>();
  const canonical: Value[] = [];
  const parts = Math.min(mostParts, mostReads);
  const values: Value[] = [];
  for (const [index, instruction] of instructions.entries()) {
    const operands = instruction.inputs.map((i) => canonical[i]!);
    const name = instruction.primitive?.name;
    // A rule is for the derivative, which has been taken by now.
    if (name === "rule") {
      canonical.push(operands[0]!);
      continue;
    }
    const key = isMerged(instruction) ? structureOf(instruction, operands) : `its own ${index}`;
    const known = byStructure.get(key);
    if (known !== undefined) {
      canonical.push(known);
      continue;
    }
    const slot = slotOf.get(index) ?? -1;
    // What a barrier waits for is no part of its value.
    const inputs = name === "barrier" ? operands.slice(0, 1) : operands;
    const value: Value = {
      index,
      instruction,
      kind: kindOf(instruction, inputs, { parts, hostStalls }),
      inputs,
      users: [],
      slot,
    };
    byStructure.set(key, value);
    canonical.push(value);
    values.push(value);
  }
  const roots = outputs.map((output) => canonical[output]!);
  return { values: linked(values, roots), outputs: roots };
}

const registered = new Set(registry);

/** Whether equal instructions of this kind are one: what is bound differs from run to run, what is foreign may do anything. */
function isMerged({ primitive, bound }: Instruction): boolean {
  return !bound && primitive !== null && registered.has(primitive);
}

// What follows a barrier has other inputs than what precedes it, so equal instructions on its two sides stay two.
function structureOf({ primitive, attrs, shape, dtype }: Instruction, operands: readonly Value[]): string {
  const places = operands.map(({ index }) => index).join();
  return `${primitive!.name} ${places} ${JSON.stringify(attrs)} ${dtype} ${shape.join()}`;
}

/** Keeps what the outputs need, and tells each value its users. */
function linked(values: readonly Value[], outputs: readonly Value[]): Value[] {
  const needed = new Set<Value>(outputs);
  for (const value of values.toReversed()) if (needed.has(value)) value.inputs.forEach((input) => needed.add(input));
  const kept = values.filter((value) => needed.has(value));
  for (const value of kept) for (const input of value.inputs) input.users.push(value);
  return kept;
}

/** What becomes of primitives that are no scalar functions; those that are not here have no kernels. */
// prettier-ignore
const kinds: ReadonlyMap<string, Kind> = new Map([
  ...namesOf("view", ["reshape", "permute", "slice", "flip", "broadcast", "barrier"]),
  ...namesOf("map", ["where", "cast", "iota", "concat", "pad", "gather", "randomBits"]),
  ...namesOf("reduce", ["sum", "max", "min", "prod", "argmax"]),
  ...namesOf("contraction", ["dot", "conv", "convGradInput", "convGradFilter"]),
  ...namesOf("window", ["windowSum", "windowSpread", "poolGather", "poolScatter"]),
  ...namesOf("order", ["argSort", "cumsum", "scatterAdd"]),
]);

function namesOf(kind: Kind, names: readonly string[]): [string, Kind][] {
  return names.map((name) => [name, kind]);
}

/** What decides about kernels beside shapes. */
interface Limits {
  readonly parts: number;
  readonly hostStalls: boolean;
}

function kindOf(instruction: Instruction, inputs: readonly Value[], { parts, hostStalls }: Limits): Kind {
  const { primitive, dtype, bound } = instruction;
  if (primitive === null) return "input";
  if (primitive.name === "hostSolve") return "solve";
  // f64 is for the interpreter; there are no kernels of it.
  if (bound) return dtype === "f64" ? "solve" : "number";
  if (dtype === "f64" || inputs.some((input) => input.instruction.dtype === "f64")) return "host";
  if (!hasKernel(instruction)) return "host";
  const kind = kindOfPrimitive(instruction, parts);
  const shapes = inputs.map((input) => input.instruction.shape);
  return kind === "order" && !hasOrderKernels(primitive.name, instruction.attrs, shapes, hostStalls) ? "host" : kind;
}

function kindOfPrimitive({ primitive, attrs, inputs }: Instruction, parts: number): Kind {
  const { name } = primitive!;
  if (name === "concat" && inputs.length > parts) return "spread";
  if (name === "pad" && (attrs["interior"] as number[]).some((zeros) => zeros > 0)) return "spread";
  return kinds.get(name) ?? ("row" in primitive! ? "map" : "host");
}

function hasKernel({ primitive, dtype }: Instruction): boolean {
  const { name } = primitive!;
  // One of the user's own, whatever its name.
  if (!registered.has(primitive!)) return false;
  // A shifted bool is no bool; nobody needs it to be quick.
  return !(name.startsWith("shift") && dtype === "bool");
}

/** Whether a view only renames places, so that a strided reader of its input reads it too. */
export function isSteppable(view: Value): boolean {
  if (view.instruction.primitive!.name !== "reshape") return true;
  return stepsBetween(view.inputs[0]!.instruction.shape, view.instruction.shape) !== null;
}

export function elementsOf({ instruction }: Value): number {
  return instruction.shape.reduce((product, size) => product * size, 1);
}
