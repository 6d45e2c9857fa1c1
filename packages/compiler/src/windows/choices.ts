import { sizeOf, type DType } from "@steelyard/core";
import { constantIndex, placeOf, scaled, type Affine } from "../affine.ts";
import type { Accumulator, Expr } from "../ir.ts";
import { input, out, scratch, type Lowered, type Step } from "../lowered.ts";
import { rowMajor, type View } from "../view.ts";
import { guarded, holdersOf, loaded, stepOf, tapsOf, working, type Seen, type Stored, type Window } from "./window.ts";

// A window's maximum is chosen among its taps, the first of equals. Taps in the padding count as the lowest value there
// is, so they are never chosen, unless all of the window is as low: then all taps are equal and the first is taken,
// which may lie in the padding. For values this is no matter, as they are all the same. A place is put right afterwards:
// if it is that of tap 0, the first position of the window that lies inside is taken, and that is tap 0 if it lies
// inside itself. Counting elements of x in order, tap 0 comes before all other taps and is not mistaken for one.

/** y[i] = v[p] for the position p of window i where x[p] is largest; `v` is null where it is x itself. */
export function poolGather(window: Window, x: Stored, v: Stored | null, y: Stored): Lowered {
  const seen = tapsOf(window, y.view.shape);
  if (v === null) {
    const expr = selector(seen, x);
    const dtype = working(x.dtype);
    const largest: Accumulator = { op: "choose", dtype, expr, least: false, value: expr };
    const value: Expr = { kind: "accumulator", dtype, position: 0 };
    return { steps: [stepOf(window.name, seen, [largest], value, [[input(0), x]], [out, y])], scratch: [] };
  }
  const { accumulators, place } = chosenPlace(window, seen, x, v.view);
  const value: Expr = {
    kind: "lookup",
    dtype: v.dtype,
    buffer: 1,
    at: constantIndex(0, seen.space.length),
    index: place,
    step: 1,
    size: 0x7fffffff,
  };
  const from = [[input(0), x] as const, [input(1), v] as const];
  return { steps: [stepOf(window.name, seen, accumulators, value, from, [out, y])], scratch: [] };
}

/** dv[p] = Σ dy[i] over the windows i whose choice on x is p: the choices go to scratch, then every p asks for them. */
export function poolScatter(window: Window, x: Stored, dy: Stored, dv: Stored): Lowered {
  const { shape } = dy.view;
  const seen = tapsOf(window, shape);
  const { accumulators, place } = chosenPlace(window, seen, x, null);
  const places: Stored = { view: rowMajor(shape), dtype: "i32" };
  const choose = stepOf(`choose ${window.name}`, seen, accumulators, place, [[input(0), x]], [scratch(0), places]);
  const spread = holdersOf(window, dv.view.shape).map((holders) => gathered(window.name, holders, places, dy, dv));
  return { steps: [choose, ...spread], scratch: [{ elements: sizeOf(shape), dtype: "i32" }] };
}

function gathered(name: string, seen: Seen, places: Stored, dy: Stored, dv: Stored): Step {
  const { space, reduced, here, there, guards } = seen;
  const dtype = working(dv.dtype);
  const zero: Expr = { kind: "constant", dtype, value: 0 };
  if (sizeOf(reduced) === 0) return stepOf(name, seen, [], zero, [], [out, dv]);
  const { steps } = rowMajor(dv.view.shape);
  const rank = space.length + reduced.length;
  const extended = here.map((at): Affine => ({ ...at, coefficients: [...at.coefficients, ...reduced.map(() => 0)] }));
  const index: Expr = { kind: "index", dtype: "i32", index: placeOf(extended, steps, 0, rank) };
  const condition: Expr = {
    kind: "call",
    dtype: "bool",
    name: "equal",
    args: [loaded(0, places, there), index],
  };
  const taken: Expr = { kind: "where", dtype, condition, yes: loaded(1, dy, there), no: zero };
  const sum: Accumulator = { op: "sum", dtype, expr: guarded(guards, taken, 0) };
  const value: Expr = { kind: "accumulator", dtype, position: 0 };
  const from = [[scratch(0), places] as const, [input(1), dy] as const];
  return stepOf(name, seen, [sum], value, from, [out, dv]);
}

function selector({ guards, there }: Seen, x: Stored): Expr {
  return guarded(guards, loaded(0, x, there), lowest(x.dtype));
}

function lowest(dtype: DType): number {
  if (dtype === "i32") return -0x80000000;
  return dtype === "u32" || dtype === "bool" ? 0 : -Infinity;
}

/**
 * Where in the buffer of a view over x's shape the chosen element of each window is; for null, its position when x is
 * counted in order.
 */
function chosenPlace(
  { axes }: Window,
  seen: Seen,
  x: Stored,
  view: View | null,
): { readonly accumulators: readonly Accumulator[]; readonly place: Expr } {
  const { space, reduced, there } = seen;
  const inOrder = rowMajor(x.view.shape);
  const { start, steps } = view ?? inOrder;
  const at = placeOf(there, inOrder.steps, 0, space.length + reduced.length);
  const largest = selector(seen, x);
  const position = choiceOf(largest, at);
  const place: Expr = { kind: "accumulator", dtype: "i32", position: 0 };
  const accumulators =
    view === null ? [position] : [choiceOf(largest, placeOf(there, steps, start, at.coefficients.length)), position];
  if (axes.every(({ low }) => low === 0)) return { accumulators: accumulators.slice(0, 1), place };
  const chosen: Expr = { kind: "accumulator", dtype: "i32", position: accumulators.length - 1 };
  const tap0: Expr = {
    kind: "index",
    dtype: "i32",
    index: { ...at, coefficients: at.coefficients.slice(0, space.length) },
  };
  const yes = firstInside(seen, axes, start, steps);
  const condition = integer("equal", chosen, tap0);
  return { accumulators, place: { kind: "where", dtype: "i32", condition, yes, no: place } };
}

/** The index where an expression is largest. */
function choiceOf(expr: Expr, index: Affine): Accumulator {
  return { op: "choose", dtype: "i32", expr, least: false, value: { kind: "index", dtype: "i32", index } };
}

/** start + Σ steps · max(first position, 0): the first position of each window that lies inside. */
function firstInside({ here }: Seen, axes: Window["axes"], start: number, steps: readonly number[]): Expr {
  const terms = here.map((index, axis): Expr => {
    const window = axes[axis - 1];
    if (window === undefined) return { kind: "index", dtype: "i32", index: scaled(index, steps[axis]!) };
    const position: Expr = { kind: "index", dtype: "i32", index: scaled(index, window.stride, -window.low) };
    return integer("mul", integer("maximum", position, constant(0)), constant(steps[axis]!));
  });
  return terms.reduce((sum, term) => integer("add", sum, term), constant(start));
}

function constant(value: number): Expr {
  return { kind: "constant", dtype: "i32", value };
}

function integer(name: "add" | "mul" | "maximum" | "equal", ...args: readonly [Expr, Expr]): Expr {
  return { kind: "call", dtype: name === "equal" ? "bool" : "i32", name, args };
}
