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
const made = new Set<Value["kind"]>(["input", "reduce", "contraction", "window", "spread", "solve", "host"]);
/** Kinds that read their operands in place, at constant steps. */
const inPlace = new Set<Value["kind"]>(["contraction", "window"]);

/** Above this an expression is cut: kernels stay small enough to compile and to read. */
const longest = { operations: 48, reads: 10 };
/** Above this, computing anew in a second kernel costs more than a buffer. */
const cheap = { operations: 8, reads: 1 };
// prettier-ignore
const slow = new Set([
  "exp", "expm1", "log", "log1p", "sin", "cos", "tanh", "sigmoid", "softplus", "erf", "pow", "mod", "div", "rsqrt", "sqrt", "gather",
]);

export function decideStorage({ values, outputs }: ValueGraph): Storing {
  const stored = new Set(values.filter((value) => made.has(value.kind)));
  const dense = new Set<Value>();
  const roots = new Set(outputs);
  for (const output of outputs) {
    stored.add(output);
    dense.add(output);
  }
  for (const value of values) requireOperands(value, stored, dense);
  const required = new Set(stored);
  storeWhatIsReadTwice(values, stored, roots);
  forgetWhatIsReadOnce(values, stored, required, roots);
  return { stored, dense };
}

/** What the reader of each value asks of it. */
function requireOperands(value: Value, stored: Set<Value>, dense: Set<Value>): void {
  const store = (operand: Value, inOrder: boolean): void => {
    stored.add(operand);
    if (inOrder) dense.add(operand);
  };
  if (value.kind === "host" || value.kind === "solve") value.inputs.forEach((input) => store(input, true));
  if (value.kind === "spread") store(value.inputs[0]!, false);
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

function storeWhatIsReadTwice(values: readonly Value[], stored: Set<Value>, roots: ReadonlySet<Value>): void {
  const readers = kernelsThatRead(values, stored);
  const costs = new Map<Value, Cost>();
  const costOf = (value: Value): Cost =>
    stored.has(value) ? { operations: 0, reads: new Set([value]), isSlow: false } : costs.get(value)!;
  for (const value of values) {
    if (made.has(value.kind)) continue;
    const cost = added(value, value.inputs.map(costOf));
    costs.set(value, cost);
    if (stored.has(value) || value.kind === "view") continue;
    const big = [...cost.reads].filter((read) => 4 * elementsOf(read) >= elementsOf(value)).length;
    const isDear = big > cheap.reads || cost.isSlow || cost.operations > cheap.operations;
    const isShared = isDear && readers.get(value)!.size > 1;
    if (isLong(cost) || isShared || (isStretched(value, roots) && cost.operations > 1)) stored.add(value);
  }
}

/**
 * Takes back what only seemed to be read twice: its readers were on the way to one value that was stored after it.
 */
function forgetWhatIsReadOnce(
  values: readonly Value[],
  stored: Set<Value>,
  required: ReadonlySet<Value>,
  roots: ReadonlySet<Value>,
): void {
  for (const value of values.toReversed()) {
    if (!stored.has(value) || required.has(value) || isStretched(value, roots)) continue;
    const [reader, another] = kernelsThatRead(values, stored).get(value)!;
    if (reader === undefined || another !== undefined) continue;
    stored.delete(value);
    if (isLong(costAlone(reader, stored))) stored.add(value);
  }
}

function isLong({ operations, reads }: Cost): boolean {
  return operations > longest.operations || reads.size > longest.reads;
}

/** The cost of the expression that a stored value is computed from. */
function costAlone(value: Value, stored: ReadonlySet<Value>): Cost {
  const known = new Map<Value, Cost>();
  const costOf = (part: Value): Cost => {
    if (stored.has(part)) return { operations: 0, reads: new Set([part]), isSlow: false };
    const cost = known.get(part) ?? added(part, part.inputs.map(costOf));
    known.set(part, cost);
    return cost;
  };
  return added(value, value.inputs.map(costOf));
}

function added({ kind, instruction }: Value, inputs: readonly Cost[]): Cost {
  const name = instruction.primitive?.name ?? "";
  const own = name === "randomBits" ? 100 : kind === "map" ? 1 : 0;
  return {
    operations: inputs.reduce((sum, input) => sum + input.operations, own),
    reads: new Set(inputs.flatMap(({ reads }) => [...reads])),
    isSlow: inputs.some(({ isSlow }) => isSlow) || slow.has(name),
  };
}

/** Whether one of its values is read by many: through a broadcast, perhaps behind other views. */
function isStretched(value: Value, roots: ReadonlySet<Value>): boolean {
  return value.users.some((user) => {
    if (user.kind !== "view" || roots.has(user)) return false;
    return elementsOf(user) > elementsOf(value) || isStretched(user, roots);
  });
}

/** For each value the kernels whose expressions would hold it, as far as they are decided. */
function kernelsThatRead(values: readonly Value[], stored: ReadonlySet<Value>): Map<Value, Set<Value>> {
  const readers = new Map<Value, Set<Value>>();
  for (const value of values.toReversed()) {
    const mine = new Set<Value>();
    for (const user of value.users) {
      if (stored.has(user)) mine.add(user);
      else readers.get(user)!.forEach((kernel) => mine.add(kernel));
    }
    readers.set(value, mine);
  }
  return readers;
}
