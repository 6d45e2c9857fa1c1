import { invariant } from "@steelyard/core";
import { scaled, type Affine } from "../affine.ts";
import { denseSteps } from "../contraction/product.ts";
import { allParts, withParts } from "../expression.ts";
import type { Expr, Guard, Store } from "../ir.ts";
import { accessesOf, areCuttable, clustersOf, reachOf, type Cluster } from "./accesses.ts";
import { addLoop } from "./bind.ts";
import { addScratch, alignment, type Cutting, type Loop } from "./cutting.ts";
import { boxesOf, gridOf } from "./grid.ts";
import { loopWithin } from "./within.ts";

// Expressions that no cutting of axes makes small enough, because they read one buffer in too many places, too many
// buffers, or a place that is computed: parts of them are stored first. Guards go along, as what they guard may only be
// read where they hold.

type Lookup = Extract<Expr, { kind: "lookup" }>;

/** Where expressions over one space are stored in parts. */
export interface Values {
  readonly name: string;
  readonly space: readonly number[];
  readonly cutting: Cutting;
  /** What has been stored. */
  readonly stored: Known;
  /** What has become of expressions with lookups. */
  readonly near: Known;
}

/** By expressions, and by the guards under which they are read. */
type Known = Map<Expr, Map<string, Expr>>;

export function valuesOver(name: string, space: readonly number[], cutting: Cutting): Values {
  return { name, space, cutting, stored: new Map(), near: new Map() };
}

/** Stores an expression, where the guards hold and zero elsewhere, over a part of the space. */
export function storeValue(
  values: Values,
  expr: Expr,
  guards: readonly Guard[],
  space: readonly number[],
  to: Pick<Store, "buffer" | "at">,
): void {
  const isDone = (part: Expr): boolean => storeIfCuttable(values, guardedBy(guards, part), space, to);
  if (isDone(expr)) return;
  const near = withNearLookups(values, expr, guards);
  if (near !== expr && isDone(near)) return;
  const parted = withGuardedParts(near, guards, (part, within) => storedValue(values, part, within));
  invariant(isDone(parted), `${values.name}: one function of stored values fits`);
}

function storeIfCuttable(
  { name, cutting }: Values,
  expr: Expr,
  space: readonly number[],
  to: Pick<Store, "buffer" | "at">,
): boolean {
  const loop: Loop = { name, space, reduced: [], accumulators: [], stores: [{ ...to, expr }] };
  const clusters = clustersOf(accessesOf(loop, cutting), space, cutting);
  if (!areCuttable(clusters, cutting.room)) return false;
  const grid = gridOf(clusters, space, space.length, cutting.room.elements);
  for (const box of boxesOf(space, grid)) addLoop(loopWithin(loop, box), cutting);
  return true;
}

function guardedBy(guards: readonly Guard[], value: Expr): Expr {
  if (guards.length === 0) return value;
  const { dtype } = value;
  return { kind: "guarded", dtype, guards, value, otherwise: { kind: "constant", dtype, value: 0 } };
}

const simple = new Set<Expr["kind"]>(["constant", "number", "index", "load"]);

/** The expression as a load of what has been stored of it; what is as simple as a load stays as it is. */
export function storedValue(values: Values, expr: Expr, guards: readonly Guard[]): Expr {
  if (simple.has(expr.kind)) return expr;
  return remembered(values.stored, expr, guards, () => {
    const { space, at, elements } = placesOf(values, [expr], guards);
    const buffer = addScratch(values.cutting, elements, expr.dtype);
    storeValue(values, expr, guards, space, { buffer, at });
    return { kind: "load", dtype: expr.dtype, buffer, at };
  });
}

function remembered(known: Known, expr: Expr, guards: readonly Guard[], make: () => Expr): Expr {
  const ofExpr = known.get(expr) ?? new Map<string, Expr>();
  known.set(expr, ofExpr);
  const key = JSON.stringify(guards);
  const result = ofExpr.get(key) ?? make();
  ofExpr.set(key, result);
  return result;
}

/** Where values lie densely that depend on some axes alone: the others have one index, and a step of 0. */
function placesOf(
  { space }: Values,
  exprs: readonly Expr[],
  guards: readonly Guard[],
): { readonly space: readonly number[]; readonly at: Affine; readonly elements: number } {
  const indices = [...guards, ...allParts(exprs).flatMap((part) => (part.kind === "guarded" ? part.guards : []))]
    .map(({ index }) => index)
    .concat(allParts(exprs).flatMap(indicesOf));
  const moves = space.map((_, axis) => indices.some(({ coefficients }) => coefficients[axis] !== 0));
  const sizes = space.map((size, axis) => (moves[axis] === true ? size : 1));
  const steps = denseSteps(sizes.map((size) => ({ size })));
  return {
    space: sizes,
    at: { constant: 0, coefficients: steps.map((step, axis) => (moves[axis] === true ? step : 0)) },
    elements: sizes.reduce((product, size) => product * size, 1),
  };
}

function indicesOf(part: Expr): Affine[] {
  if (part.kind === "load" || part.kind === "lookup") return [part.at];
  return part.kind === "index" ? [part.index] : [];
}

/** The expression with each of its parts replaced, given the guards under which that is read. */
function withGuardedParts(
  expr: Expr,
  guards: readonly Guard[],
  replaced: (part: Expr, guards: readonly Guard[]) => Expr,
): Expr {
  if (expr.kind !== "guarded") return withParts(expr, (part) => replaced(part, guards));
  const value = replaced(expr.value, [...guards, ...expr.guards]);
  return { ...expr, value, otherwise: replaced(expr.otherwise, guards) };
}

/** The expression with those lookups replaced, by what they give, that may reach further than a window. */
export function withNearLookups(values: Values, expr: Expr, guards: readonly Guard[]): Expr {
  if (!allParts([expr]).some((part) => part.kind === "lookup" && isFar(part, values.cutting))) return expr;
  return remembered(values.near, expr, guards, () => {
    const near = withGuardedParts(expr, guards, (part, within) => withNearLookups(values, part, within));
    return near.kind === "lookup" && isFar(near, values.cutting) ? lookedUp(values, near, guards) : near;
  });
}

/** Whether one lookup alone may reach further than a window. */
function isFar(expr: Lookup, { held, room }: Cutting): boolean {
  const { elements } = held[expr.buffer]!;
  return elements > room.elements && Math.abs(reachOf(expr, elements)) + alignment > room.elements;
}

/**
 * What a lookup gives, one pass for each part of the indices: a pass keeps what those before it, which are stored, found for
 * the indices below its own.
 */
function lookedUp(values: Values, lookup: Lookup, guards: readonly Guard[]): Expr {
  const { cutting } = values;
  const { dtype, at, step } = lookup;
  const size = Math.min(lookup.size, Math.ceil(cutting.held[lookup.buffer]!.elements / Math.abs(step)));
  const index = storedValue(values, lookup.index, guards);
  const each = indicesInWindow(values, lookup, size);
  const { space, at: to, elements } = placesOf(values, [{ ...lookup, index }], guards);
  const pass = (first: number, found: Expr | null): Expr => {
    const start = word(index, first);
    const here: Lookup = {
      ...lookup,
      at: scaled(at, 1, first * step),
      index: found === null ? index : { kind: "call", dtype: index.dtype, name: "sub", args: [index, start] },
      size: Math.min(each, size - first),
    };
    const condition: Expr = { kind: "call", dtype: "bool", name: "greaterEqual", args: [index, start] };
    return found === null ? here : { kind: "where", dtype, condition, yes: here, no: found };
  };
  let found = pass(0, null);
  for (let first = each; first < size; first += each) {
    const buffer = addScratch(cutting, elements, dtype);
    storeValue(values, found, guards, space, { buffer, at: to });
    found = pass(first, { kind: "load", dtype, buffer, at: to });
  }
  return found;
}

function word({ dtype }: Expr, value: number): Expr {
  return { kind: "constant", dtype, value };
}

/** So many indices of a lookup stay within one window: they are another axis of its places. */
function indicesInWindow({ space, cutting }: Values, { buffer, at, step }: Lookup, size: number): number {
  const along: Affine = { constant: at.constant, coefficients: [...at.coefficients, step] };
  const accesses = [{ buffer, at: along, low: 0, high: 0, expr: null }];
  const cluster: Cluster = { buffer, accesses, drift: 0, fits: false };
  const { elements } = cutting.room;
  const alone = Math.floor((elements - alignment) / Math.abs(step)) + 1;
  return Math.min(alone, gridOf([cluster], [...space, size], space.length, elements).at(-1)!);
}
