import type { DType, Shape } from "@steelyard/core";
import { axisIndex, placeOf, plus, rangeOf, scaled, type Affine } from "../affine.ts";
import type { Accumulator, Expr, Guard, LoopKernel } from "../ir.ts";
import type { Operand, Step } from "../lowered.ts";
import type { View } from "../view.ts";
import { residuesOf, type Residues } from "./residues.ts";
import type { WindowAxis } from "./window-axis.ts";

/** Windows over x [N, …spatial, C], each giving one position of y [N, …out, C]. */
export interface Window {
  readonly name: string;
  readonly axes: readonly WindowAxis[];
}

/** A value that a kernel reads or writes. */
export interface Stored {
  readonly view: View;
  readonly dtype: DType;
}

/** The place of a tap of a window, or of a window that holds a position: indices, and what they have to keep to. */
export interface Seen {
  /** Sizes of the axes that are walked, and of those that are reduced. */
  readonly space: Shape;
  readonly reduced: Shape;
  /** Over the space: where the result goes. */
  readonly here: readonly Affine[];
  /** Over space and reduced axes: where the operand is read. */
  readonly there: readonly Affine[];
  readonly guards: readonly Guard[];
}

/** Every window with all its taps: input i·stride − low + k·dilation for output i and tap k. */
export function tapsOf({ axes }: Window, y: Shape): Seen {
  const reduced = axes.map(({ taps }) => taps);
  const rank = y.length + axes.length;
  const there = y.map((_, axis) => {
    const window = axes[axis - 1];
    const index = axisIndex(axis, rank);
    if (window === undefined) return index;
    const tap = scaled(axisIndex(y.length + axis - 1, rank), window.dilation);
    return plus(scaled(index, window.stride, -window.low), tap);
  });
  const sizes = axes.map(({ input }) => input);
  return {
    space: y,
    reduced,
    here: y.map((_, axis) => axisIndex(axis, y.length)),
    there,
    guards: guardsOf(there, sizes, [...y, ...reduced]),
  };
}

/** Every input with the windows that hold it: one for each combination of residues, see residues.ts. */
export function holdersOf({ axes }: Window, x: Shape): Seen[] {
  const combinations = axes
    .map(residuesOf)
    .reduce<Residues[][]>((lead, groups) => lead.flatMap((list) => groups.map((group) => [...list, group])), [[]]);
  return combinations.map((residues) => holders(axes, residues, x));
}

// Axes: batch, for each spatial axis (position within a residue, residue), channels; then the taps.
function holders(axes: readonly WindowAxis[], residues: readonly Residues[], x: Shape): Seen {
  const space = [x[0]!, ...residues.flatMap(({ count, residues: several }) => [count, several]), x.at(-1)!];
  const reduced = residues.map(({ taps }) => taps);
  const rank = space.length + reduced.length;
  const ends = (of: number): [Affine, Affine] => [axisIndex(0, of), axisIndex(space.length - 1, of)];
  const [batch, channel] = ends(space.length);
  const [batchThere, channelThere] = ends(rank);
  const positions = residues.map(({ first, stride }, i) =>
    plus(scaled(axisIndex(2 * i + 1, space.length), stride, first), axisIndex(2 * i + 2, space.length)),
  );
  const windows = residues.map(({ output, outputStep }, i) =>
    plus(scaled(axisIndex(2 * i + 1, rank), 1, output), scaled(axisIndex(space.length + i, rank), outputStep)),
  );
  const there = [batchThere, ...windows, channelThere];
  const sizes = axes.map(({ output }) => output);
  const guards = guardsOf(there, sizes, [...space, ...reduced]);
  return { space, reduced, here: [batch, ...positions, channel], there, guards };
}

/** Guards for the spatial axes, as far as they do not hold anyway. */
function guardsOf(indices: readonly Affine[], sizes: readonly number[], space: Shape): Guard[] {
  return sizes.flatMap((size, i) => {
    const index = indices[i + 1]!;
    const [low, high] = rangeOf(index, space);
    return low >= 0 && high < size ? [] : [{ index, size }];
  });
}

/** The element of a value at these indices, in f32 if it is an f16. */
export function loaded(buffer: number, { view, dtype }: Stored, indices: readonly Affine[]): Expr {
  const rank = indices[0]!.coefficients.length;
  const load: Expr = { kind: "load", dtype, buffer, at: placeOf(indices, view.steps, view.start, rank) };
  return dtype === "f16" ? { kind: "cast", dtype: "f32", value: load } : load;
}

export function guarded(guards: readonly Guard[], value: Expr, otherwise: number): Expr {
  if (guards.length === 0) return value;
  const { dtype } = value;
  return { kind: "guarded", dtype, guards, value, otherwise: { kind: "constant", dtype, value: otherwise } };
}

/** The dtype in which values are added and compared. */
export function working(dtype: DType): DType {
  return dtype === "f16" ? "f32" : dtype;
}

/** The kernel that walks over what is seen, reduces, and stores one value; the output is the last of its buffers. */
export function stepOf(
  name: string,
  { space, reduced, here }: Seen,
  accumulators: readonly Accumulator[],
  expr: Expr,
  from: readonly (readonly [Operand, Stored])[],
  [operand, { view, dtype }]: readonly [Operand, Stored],
): Step {
  const value: Expr = expr.dtype === dtype ? expr : { kind: "cast", dtype, value: expr };
  const kernel: LoopKernel = {
    kind: "loop",
    name,
    space,
    reduced: accumulators.length === 0 ? [] : reduced,
    accumulators,
    stores: [{ buffer: from.length, at: placeOf(here, view.steps, view.start, space.length), expr: value }],
    buffers: [...from.map(([, stored]) => stored.dtype), dtype],
    numbers: [],
  };
  return { kernel, operands: [...from.map(([each]) => each), operand] };
}
