import { invariant } from "@steelyard/core";
import { scaled, type Affine } from "../affine.ts";
import { allParts, expressionsOf } from "../expression.ts";
import type { Expr, Kernel, LoopKernel } from "../ir.ts";
import { accessesOf, clustersOf, windowOf, type Access, type Cluster } from "./accesses.ts";
import type { Cutting, Loop, Window } from "./cutting.ts";
import { rewriter, withExpressions } from "./within.ts";

// The last step: buffers become positions in a kernel's list, and indices count from the beginnings of windows.

/** What is bound to a piece, in the order of its list. */
export interface Bindings {
  readonly buffers: readonly number[];
  readonly windows: readonly Window[];
  /** Where a load or lookup finds its buffer. */
  readonly positionOf: (expr: Expr) => number;
  /** Where what is stored goes. */
  readonly storedAt: (buffer: number) => number;
}

function isStored({ accesses }: Cluster): boolean {
  return accesses.some(({ expr }) => expr === null);
}

/** Binds what is accessed over a space: what is read first, in the order of the buffers, then what is stored into. */
export function bindingsOf(accesses: readonly Access[], space: readonly number[], cutting: Cutting): Bindings {
  const clusters = clustersOf(accesses, space, cutting, true).toSorted(
    (a, b) => Number(isStored(a)) - Number(isStored(b)) || a.buffer - b.buffer,
  );
  const windows = clusters.map(({ buffer, accesses: all }) => windowOf(all, space, cutting.held[buffer]!.elements));
  invariant(
    windows.every(({ from, to }) => to - from <= cutting.room.elements) && clusters.length <= cutting.room.buffers,
    "a piece binds what a device has room for",
  );
  const positions = new Map(clusters.flatMap(({ accesses: all }, i) => all.map(({ expr }) => [expr, i])));
  return {
    buffers: clusters.map(({ buffer }) => buffer),
    windows,
    positionOf: (expr) => positions.get(expr)!,
    storedAt: (buffer) => clusters.findIndex((cluster) => isStored(cluster) && cluster.buffer === buffer),
  };
}

/** An index of a buffer as one of the window at a position. */
export function indexIn({ windows }: Bindings, position: number, at: Affine): Affine {
  return scaled(at, 1, -windows[position]!.from);
}

/** Expressions that read what is bound. */
export function boundExpressions(bindings: Bindings): (expr: Expr) => Expr {
  return rewriter((expr, before) => {
    if (expr.kind !== "load" && expr.kind !== "lookup") return expr;
    const position = bindings.positionOf(before);
    return { ...expr, buffer: position, at: indexIn(bindings, position, expr.at) };
  });
}

/** Adds a kernel that is done: with all runtime numbers or none. */
export function addPiece(
  kernel: (numbers: Kernel["numbers"]) => Kernel,
  { buffers, windows }: Bindings,
  cutting: Cutting,
): void {
  const some = kernel(cutting.numbers);
  const readsNumbers = allParts(expressionsOf(some)).some(({ kind }) => kind === "number");
  cutting.pieces.push({ kernel: readsNumbers ? some : kernel([]), buffers, windows });
}

/** Adds a loop that needs no cutting any more. */
export function addLoop(loop: Loop, cutting: Cutting): void {
  const bindings = bindingsOf(accessesOf(loop, cutting), [...loop.space, ...loop.reduced], cutting);
  const bound = boundExpressions(bindings);
  const kernel = (numbers: Kernel["numbers"]): LoopKernel => ({
    kind: "loop",
    ...loop,
    accumulators: loop.accumulators.map((accumulator) => withExpressions(accumulator, bound)),
    stores: loop.stores.map(({ buffer, at, expr }) => {
      const position = bindings.storedAt(buffer);
      return { buffer: position, at: indexIn(bindings, position, at), expr: bound(expr) };
    }),
    buffers: bindings.buffers.map((buffer) => cutting.held[buffer]!.dtype),
    numbers,
  });
  addPiece(kernel, bindings, cutting);
}
