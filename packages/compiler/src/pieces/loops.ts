import { invariant } from "@steelyard/core";
import type { Affine } from "../affine.ts";
import { denseSteps, volume } from "../contraction/product.ts";
import { allParts } from "../expression.ts";
import type { Accumulator, Expr, Store } from "../ir.ts";
import { accessesOf, areCuttable, clustersOf, type Cluster } from "./accesses.ts";
import { addLoop } from "./bind.ts";
import { addScratch, type Cutting, type Loop } from "./cutting.ts";
import { boxesOf, distanceOfParts, gridOf, lengthsOfParts, type Box } from "./grid.ts";
import { storedValue, storeValue, valuesOver, withNearLookups } from "./values.ts";
import { expressionsWithin, loopWithin, rewriter, withExpressions } from "./within.ts";

/** Adds the pieces of a loop. */
export function cutLoop(loop: Loop, cutting: Cutting): void {
  const { name, space, accumulators, stores } = loop;
  if (space.includes(0)) return;
  const clusters = clustersOfLoop(loop, cutting);
  if (areCuttable(clusters, cutting.room)) return cutIntoBoxes(loop, clusters, cutting);
  if (stores.length > 1) return stores.forEach((store) => cutLoop(alone(loop, store), cutting));
  const [store] = stores as [Store];
  if (accumulators.length === 0) {
    return storeValue(valuesOver(name, space, cutting), store.expr, [], space, store);
  }
  if (store.expr.kind !== "accumulator") return cutAfterwards(loop, cutting);
  cutWithStoredOperands(loop, cutting);
}

function clustersOfLoop(loop: Loop, cutting: Cutting): Cluster[] {
  return clustersOf(accessesOf(loop, cutting), [...loop.space, ...loop.reduced], cutting);
}

/** The loop with one of its stores, and the accumulators that this one reads. */
function alone(loop: Loop, { buffer, at, expr }: Store): Loop {
  const used = [...new Set(allParts([expr]).flatMap((part) => (part.kind === "accumulator" ? [part.position] : [])))];
  const renamed = rewriter((part) =>
    part.kind === "accumulator" ? { ...part, position: used.indexOf(part.position) } : part,
  );
  const accumulators = used.map((position) => loop.accumulators[position]!);
  const reduced = used.length === 0 ? [] : loop.reduced;
  return { ...loop, reduced, accumulators, stores: [{ buffer, at, expr: renamed(expr) }] };
}

/** Stores what each accumulator gives, and then what is made of it. */
function cutAfterwards(loop: Loop, cutting: Cutting): void {
  const { space, accumulators, stores } = loop;
  const at: Affine = { constant: 0, coefficients: denseSteps(space.map((size) => ({ size }))) };
  const results = accumulators.map((accumulator, position): Expr => {
    const { dtype } = accumulator;
    const buffer = addScratch(cutting, volume(space.map((size) => ({ size }))), dtype);
    const expr: Expr = { kind: "accumulator", dtype, position };
    cutLoop(alone(loop, { buffer, at, expr }), cutting);
    return { kind: "load", dtype, buffer, at };
  });
  const replaced = rewriter((part) => (part.kind === "accumulator" ? results[part.position]! : part));
  const after = stores.map((store): Store => ({ ...store, expr: replaced(store.expr) }));
  cutLoop({ ...loop, reduced: [], accumulators: [], stores: after }, cutting);
}

/** A reduction whose operands are stored first, if need be only what they look up. */
function cutWithStoredOperands(loop: Loop, cutting: Cutting): void {
  const values = valuesOver(loop.name, [...loop.space, ...loop.reduced], cutting);
  const replaced = (of: (expr: Expr) => Expr): Loop => {
    return { ...loop, accumulators: loop.accumulators.map((accumulator) => withExpressions(accumulator, of)) };
  };
  const near = replaced((expr) => withNearLookups(values, expr, []));
  const clusters = clustersOfLoop(near, cutting);
  if (areCuttable(clusters, cutting.room)) return cutIntoBoxes(near, clusters, cutting);
  const stored = replaced((expr) => storedValue(values, expr, []));
  const ofStored = clustersOfLoop(stored, cutting);
  invariant(areCuttable(ofStored, cutting.room), `${loop.name}: a reduction of stored values fits`);
  cutIntoBoxes(stored, ofStored, cutting);
}

function cutIntoBoxes(loop: Loop, clusters: readonly Cluster[], cutting: Cutting): void {
  const { space, reduced, accumulators } = loop;
  const rank = space.length;
  const sizes = [...space, ...reduced];
  // A choice keeps the first of equals.
  const isOrdered = accumulators.some(({ op }) => op === "choose");
  const grid = gridOf(clusters, sizes, rank, cutting.room.elements, isOrdered);
  const parts = boxesOf(reduced, grid.slice(rank));
  if (parts.length === 1) {
    for (const box of boxesOf(sizes, grid)) addLoop(loopWithin(loop, box), cutting);
    return;
  }
  for (const box of boxesOf(space, lengthsOfParts(grid.slice(0, rank), parts.length, cutting.room))) {
    const whole = { from: [...box.from, ...reduced.map(() => 0)], sizes: [...box.sizes, ...reduced] };
    cutIntoParts(loopWithin(loop, whole), parts, cutting);
  }
}

/** Reduces each part of the reduced axes by itself, one dense result behind the other, and then what has come of them. */
function cutIntoParts(loop: Loop, parts: readonly Box[], cutting: Cutting): void {
  const { name, space } = loop;
  const axes = space.map((size) => ({ size }));
  const apart = distanceOfParts(volume(axes), parts.length, cutting.room);
  const steps = denseSteps(axes);
  const partials = loop.accumulators.map(partialsOf);
  const buffers = partials.map(({ taken }) =>
    taken.map(({ dtype }) => addScratch(cutting, apart * parts.length, dtype)),
  );
  const taken = partials.flatMap((partial) => partial.taken);
  parts.forEach(({ from, sizes }, part) => {
    const inside = expressionsWithin({ from: [...space.map(() => 0), ...from], sizes: [...space, ...sizes] });
    const at: Affine = { constant: part * apart, coefficients: steps };
    const stores = buffers.flat().map((buffer, position): Store => {
      return { buffer, at, expr: { kind: "accumulator", dtype: taken[position]!.dtype, position } };
    });
    const accumulators = taken.map((accumulator) => withExpressions(accumulator, inside));
    cutLoop({ name: `parts of ${name}`, space, reduced: sizes, accumulators, stores }, cutting);
  });
  const at: Affine = { constant: 0, coefficients: [...steps, apart] };
  const accumulators = partials.map(({ taken: own, joined }, i) => {
    return joined((n) => ({ kind: "load", dtype: own[n]!.dtype, buffer: buffers[i]![n]!, at }));
  });
  cutLoop({ ...loop, reduced: [parts.length], accumulators }, cutting);
}

/** What is taken of each part for an accumulator, and how the accumulator comes of that. */
interface Partials {
  readonly taken: readonly Accumulator[];
  readonly joined: (load: (position: number) => Expr) => Accumulator;
}

function partialsOf(accumulator: Accumulator): Partials {
  if (accumulator.op !== "choose") {
    return { taken: [accumulator], joined: (load) => ({ ...accumulator, expr: load(0) }) };
  }
  // What was chosen in a part, and by what: so it can be chosen among the parts.
  const { expr } = accumulator;
  const best: Accumulator = { ...accumulator, dtype: expr.dtype, value: expr };
  return {
    taken: [best, accumulator],
    joined: (load) => ({ ...accumulator, expr: load(0), value: load(1) }),
  };
}
