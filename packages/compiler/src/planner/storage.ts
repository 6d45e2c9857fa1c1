import { invariant } from "@steelyard/core";
import { elementsOf, isSteppable, type Value, type ValueGraph } from "./graph.ts";

// Which values get a buffer, and which are computed where they are read. A buffer costs a write and reads; computing anew
// costs arithmetic and the reads behind it.

/** What is decided about the values of a graph. */
export interface Storing {
  /** Values with a buffer of their own. All others are expressions inside the kernels that read them. */
  readonly stored: ReadonlySet<Value>;
  /** Stored values that must lie densely in row-major order. */
  readonly dense: ReadonlySet<Value>;
}

/** Kinds whose result some kernel or the host leaves in memory. */
const made = new Set<Value["kind"]>(["input", "reduce", "contraction", "window", "order", "spread", "solve", "host"]);
/** Kinds that read their operands in place, at constant steps. */
const inPlace = new Set<Value["kind"]>(["contraction", "window", "order"]);

/** Above this an expression is cut: kernels stay small enough to compile and to read. */
const longest = { operations: 48, reads: 10 };
/** Above this, computing anew in a second kernel costs more than a buffer. */
const cheap = { operations: 8, reads: 1 };
// prettier-ignore
const slow = new Set([
  "exp", "expm1", "log", "log1p", "sin", "cos", "tanh", "sigmoid", "softplus", "erf", "pow", "mod", "div", "rsqrt", "sqrt", "gather",
]);

/** One kernel may read so many stored values at most, three at least: as many as a function has operands. */
export function decideStorage({ values, outputs }: ValueGraph, mostReads: number = Infinity): Storing {
  const stored = new Set(values.filter((value) => made.has(value.kind)));
  const dense = new Set<Value>();
  const roots = new Set(outputs);
  for (const output of outputs) {
    stored.add(output);
    dense.add(output);
  }
  for (const value of values) requireOperands(value, stored, dense);
  const required = new Set(stored);
  storeWhatIsReadTwice(values, stored, roots, mostReads);
  forgetWhatIsReadOnce(values, stored, required, roots, mostReads);
  storeUntilAllFit(values, stored, mostReads);
  return { stored, dense };
}

/** What the reader of each value asks of it. */
function requireOperands(value: Value, stored: Set<Value>, dense: Set<Value>): void {
  const store = (operand: Value, inOrder: boolean): void => {
    stored.add(operand);
    if (inOrder) dense.add(operand);
  };
  if (value.kind === "host" || value.kind === "solve") value.inputs.forEach((input) => store(input, true));
  if (value.kind === "spread" && value.instruction.primitive!.name === "pad") store(value.inputs[0]!, false);
  if (inPlace.has(value.kind)) value.inputs.forEach((input) => storeBase(input, store));
  if (value.instruction.primitive?.name === "gather") storeBase(value.inputs[0]!, store);
  if (value.kind === "view" && !isSteppable(value)) store(value.inputs[0]!, true);
}

/** Stores the value behind the views, so that an operand can be read in place through them. */
function storeBase(operand: Value, store: (value: Value, inOrder: boolean) => void): void {
  let base = operand;
  while (base.kind === "view" && isSteppable(base)) base = base.inputs[0]!;
  // A merging reshape of a dense value is the same memory under other steps.
  if (base.kind === "view") store(base.inputs[0]!, true);
  else store(base, false);
}

/** What an expression costs: operations for each element, and reads as large as the value itself. */
interface Cost {
  readonly operations: number;
  readonly reads: ReadonlySet<Value>;
  readonly isSlow: boolean;
}

function storeWhatIsReadTwice(
  values: readonly Value[],
  stored: Set<Value>,
  roots: ReadonlySet<Value>,
  mostReads: number,
): void {
  const readers = new Map<Value, Readers>();
  for (const value of values.toReversed()) readers.set(value, readersOf(value, stored, readers));
  const costs = new Map<Value, Cost>();
  for (const value of values) {
    if (made.has(value.kind)) continue;
    const cost = fittingCost(value, stored, costs, mostReads);
    costs.set(value, cost);
    if (stored.has(value) || value.kind === "view") continue;
    const isShared = readers.get(value) === "several" && isDear(value, cost);
    if (isLong(cost, mostReads) || isShared || (isStretched(value, roots) && cost.operations > 1)) stored.add(value);
  }
}

/**
 * Takes back what only seemed to be read twice: its readers were on the way to one value that was stored after it. Readers
 * come before what they read here, so who they are is decided.
 */
function forgetWhatIsReadOnce(
  values: readonly Value[],
  stored: Set<Value>,
  required: ReadonlySet<Value>,
  roots: ReadonlySet<Value>,
  mostReads: number,
): void {
  const readers = new Map<Value, Readers>();
  for (const value of values.toReversed()) {
    const reader = readersOf(value, stored, readers);
    readers.set(value, reader);
    if (!stored.has(value) || required.has(value) || isStretched(value, roots)) continue;
    if (reader === "none" || reader === "several") continue;
    stored.delete(value);
    if (isLong(costAlone(reader, stored), mostReads)) stored.add(value);
  }
}

/**
 * Stores more until no expression reads too much. A value that is stored is one more read to those that read all that it
 * was made of anyway, so one round may not do; but each stores something, and with every operand stored all fit.
 */
function storeUntilAllFit(values: readonly Value[], stored: Set<Value>, mostReads: number): void {
  if (mostReads === Infinity) return;
  for (let before = -1; before !== stored.size;) {
    before = stored.size;
    const costs = new Map<Value, Cost>();
    for (const value of values) {
      if (!made.has(value.kind)) costs.set(value, fittingCost(value, stored, costs, mostReads));
    }
  }
}

/** What a value costs once those of its operands are stored, the one with most reads first, that are too many together. */
function fittingCost(value: Value, stored: Set<Value>, costs: Map<Value, Cost>, mostReads: number): Cost {
  for (;;) {
    const cost = costOf(value, stored, costs);
    if (cost.reads.size <= mostReads) return cost;
    const paths = value.inputs.map((input) => viewsAbove(input, stored)).filter(({ base }) => !stored.has(base));
    const readBy = ({ base }: Path): number => costs.get(base)!.reads.size;
    const [most] = paths.toSorted((a, b) => readBy(b) - readBy(a));
    invariant(most !== undefined && readBy(most) > 1, `${value.instruction.label} has as many operands as it may read`);
    stored.add(most.base);
    // They read what is behind them as before, but that is a buffer now.
    for (const view of most.views.toReversed()) costs.set(view, costOf(view, stored, costs));
  }
}

/** Views, outermost first, and what is behind them: stored, or no view. */
interface Path {
  readonly views: readonly Value[];
  readonly base: Value;
}

function viewsAbove(value: Value, stored: ReadonlySet<Value>): Path {
  const views: Value[] = [];
  let base = value;
  while (base.kind === "view" && !stored.has(base)) {
    views.push(base);
    base = base.inputs[0]!;
  }
  return { views, base };
}

function isDear(value: Value, { operations, reads, isSlow }: Cost): boolean {
  const big = [...reads].filter((read) => 4 * elementsOf(read) >= elementsOf(value)).length;
  return big > cheap.reads || isSlow || operations > cheap.operations;
}

function isLong({ operations, reads }: Cost, mostReads: number): boolean {
  return operations > longest.operations || reads.size > Math.min(longest.reads, mostReads);
}

/** The stored values that the kernel of a stored value reads. */
export function readsOf(value: Value, stored: ReadonlySet<Value>): ReadonlySet<Value> {
  return costAlone(value, stored).reads;
}

/** The cost of the expression that a stored value is computed from. */
function costAlone(value: Value, stored: ReadonlySet<Value>): Cost {
  const parts = new Set([value]);
  // A set gives what is added to it while it is read.
  for (const part of parts) for (const input of part.inputs) if (!stored.has(input)) parts.add(input);
  const costs = new Map<Value, Cost>();
  for (const part of [...parts].toSorted((a, b) => a.index - b.index)) costs.set(part, costOf(part, stored, costs));
  return costs.get(value)!;
}

/** What a value costs to compute, given what those cost that it is made of. */
function costOf(
  { kind, instruction, inputs }: Value,
  stored: ReadonlySet<Value>,
  costs: ReadonlyMap<Value, Cost>,
): Cost {
  const name = instruction.primitive?.name ?? "";
  const own = name === "randomBits" ? 100 : kind === "map" ? 1 : 0;
  const computed = inputs.filter((input) => !stored.has(input)).map((input) => costs.get(input)!);
  const read = inputs.filter((input) => stored.has(input));
  return {
    operations: computed.reduce((sum, { operations }) => sum + operations, own),
    reads: new Set([...read, ...computed.flatMap(({ reads }) => [...reads])]),
    isSlow: computed.some(({ isSlow }) => isSlow) || slow.has(name),
  };
}

/** Whether one of its values is read by many: through a broadcast, perhaps behind other views. */
function isStretched(value: Value, roots: ReadonlySet<Value>): boolean {
  const same = new Set([value]);
  for (const each of same) {
    for (const user of each.users) {
      if (user.kind !== "view" || roots.has(user)) continue;
      if (elementsOf(user) > elementsOf(each)) return true;
      same.add(user);
    }
  }
  return false;
}

/** The kernel whose expression would hold a value, as far as that is decided, or how many there are. */
type Readers = Value | "none" | "several";

/** Who reads a value, given who reads its users. */
function readersOf(value: Value, stored: ReadonlySet<Value>, readers: ReadonlyMap<Value, Readers>): Readers {
  let found: Readers = "none";
  for (const user of value.users) {
    const kernel = stored.has(user) ? user : readers.get(user)!;
    if (kernel === "none" || kernel === found) continue;
    if (kernel === "several" || found !== "none") return "several";
    found = kernel;
  }
  return found;
}
