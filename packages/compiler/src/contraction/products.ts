import { invariant, type Attrs, type Shape } from "@steelyard/core";
import type { Lowerable } from "../lowered.ts";
import type { View } from "../view.ts";
import { residuesOf, outputBorder, type Residues } from "../windows/residues.ts";
import { borderOf, windowAxes, type Border, type WindowAttrs, type WindowAxis } from "../windows/window-axis.ts";
import type { FreeAxis, Product } from "./product.ts";

// From the contractions of core to products. In all of them A is the first input and B the second:
//
//   primitive       A    B    n              the other axes of C                       summed
//   dot             A    B    columns        batch, rows                               k
//   conv            x    w    filters        batch, outputs, groups                    taps, channels
//   convGradInput   dy   w    channels       batch, inputs by residues, groups         taps that see them, filters
//   convGradFilter  x    dy   filters        taps, channels, groups                    batch, outputs
//
// x and dy are read in place, taps and all: whoever makes them leaves zeros around them.

/** The attributes of the three convolutions. */
export type ConvAttrs = WindowAttrs & { readonly dilation: readonly number[]; readonly groups: number };

/** The axis of C that is `factor` steps of an axis of the output. */
type AxisOf = (outAxis: number, factor: number, size: number, a: number, b: number) => FreeAxis;

interface Operands {
  readonly a: View;
  readonly b: View;
  readonly c: View;
  readonly companions: readonly View[];
}

/** The products that together give the instruction's output, each element once. */
export function productsOf(
  { primitive, attrs }: Pick<Lowerable, "primitive" | "attrs">,
  [a, b]: readonly View[],
  c: View,
  companions: readonly View[],
): Product[] {
  const operands: Operands = { a: a!, b: b!, c, companions };
  const axisOf: AxisOf = (outAxis, factor, size, aStep, bStep) => ({
    size,
    a: aStep,
    b: bStep,
    c: c.steps[outAxis]! * factor,
    beside: companions.map(({ steps }) => steps[outAxis]! * factor),
  });
  switch (primitive!.name) {
    case "dot":
      return [dotProduct(operands, axisOf)];
    case "conv":
      return [convProduct(operands, convAttrs(attrs), axisOf)];
    case "convGradInput":
      return gradInputProducts(operands, convAttrs(attrs), axisOf);
    default:
      invariant(primitive!.name === "convGradFilter", `${primitive!.name} is no contraction`);
      return [gradFilterProduct(operands, convAttrs(attrs), axisOf)];
  }
}

/**
 * The zeros that must stand around an operand, for each of its axes. Results are computed in tiles of so many neighbours
 * that taps see, along each spatial axis: a tile that is not full reads as if it were.
 */
export function bordersOf(
  { primitive, attrs }: Pick<Lowerable, "primitive" | "attrs">,
  shapes: readonly Shape[],
  outShape: Shape,
  tile: number,
): readonly (readonly Border[] | null)[] {
  const { name } = primitive!;
  if (name === "dot") return [null, null];
  const axes = axesOf(name, shapes, outShape, convAttrs(attrs));
  const borders = axes.map((axis) => {
    const span = tile === 1 ? 1 : tile * axis.dilation;
    const whole = (size: number): number => Math.ceil(size / span) * span;
    if (name === "convGradInput") return outputBorder({ ...axis, input: whole(axis.input) });
    return borderOf({ ...axis, output: whole(axis.output) });
  });
  return [[noBorder, ...borders, noBorder], null];
}

const noBorder: Border = { low: 0, high: 0 };

/** The sizes between batch and channels, and those of a kernel. */
const spatial = (shape: Shape): Shape => shape.slice(1, -1);
const kernel = (shape: Shape): Shape => shape.slice(0, -2);

function axesOf(name: string, [first, second]: readonly Shape[], out: Shape, attrs: ConvAttrs): WindowAxis[] {
  if (name === "conv") return windowAxes(spatial(first!), kernel(second!), spatial(out), attrs);
  if (name === "convGradInput") return windowAxes(spatial(out), kernel(second!), spatial(first!), attrs);
  return windowAxes(spatial(first!), kernel(out), spatial(second!), attrs);
}

function convAttrs(attrs: Attrs): ConvAttrs {
  return attrs as unknown as ConvAttrs;
}

function dotProduct({ a, b, c, companions }: Operands, axisOf: AxisOf): Product {
  const [batch, rows, depth] = a.shape as [number, number, number];
  return {
    free: [axisOf(0, 1, batch, a.steps[0]!, b.steps[0]!), axisOf(1, 1, rows, a.steps[1]!, 0)],
    n: axisOf(2, 1, b.shape[2]!, 0, b.steps[2]!),
    sum: [{ size: depth, a: a.steps[2]!, b: b.steps[1]! }],
    start: startsOf(a.start, b.start, c.start, companions),
    grouped: false,
    inPlace: false,
  };
}

function startsOf(a: number, b: number, c: number, companions: readonly View[]): Product["start"] {
  return { a, b, c, beside: companions.map(({ start }) => start) };
}

/** Σ counts[i] · steps[i + 1]: how far the spatial axes are moved. */
function moved({ steps }: View, counts: readonly number[]): number {
  return counts.reduce((sum, count, i) => sum + count * steps[i + 1]!, 0);
}

function convProduct({ a: x, b: w, c: y, companions }: Operands, attrs: ConvAttrs, axisOf: AxisOf): Product {
  const { groups } = attrs;
  const axes = axesOf("conv", [x.shape, w.shape], y.shape, attrs);
  const last = axes.length + 1;
  const [channels, filters] = [w.shape[last - 1]!, w.shape[last]! / groups];
  const [xStep, wChannel, wFilter] = [x.steps[last]!, w.steps[last - 1]!, w.steps[last]!];
  return {
    free: [
      axisOf(0, 1, y.shape[0]!, x.steps[0]!, 0),
      ...axes.map(({ output, stride }, i) => axisOf(i + 1, 1, output, stride * x.steps[i + 1]!, 0)),
      axisOf(last, filters, groups, channels * xStep, filters * wFilter),
    ],
    n: axisOf(last, 1, filters, 0, wFilter),
    sum: [
      ...axes.map(({ taps, dilation }, i) => ({ size: taps, a: dilation * x.steps[i + 1]!, b: w.steps[i]! })),
      { size: channels, a: xStep, b: wChannel },
    ],
    start: startsOf(
      x.start -
        moved(
          x,
          axes.map(({ low }) => low),
        ),
      w.start,
      y.start,
      companions,
    ),
    grouped: groups > 1,
    inPlace: false,
  };
}

/** One product for each combination of residues of the spatial axes (windows/residues.ts): each has stride 1 in dy. */
function gradInputProducts(operands: Operands, attrs: ConvAttrs, axisOf: AxisOf): Product[] {
  const { a: dy, b: w, c: x } = operands;
  const axes = axesOf("convGradInput", [dy.shape, w.shape], x.shape, attrs);
  return combinations(axes.map(residuesOf)).map((residues) =>
    gradInputProduct(operands, attrs.groups, axisOf, residues),
  );
}

function combinations<T>(choices: readonly (readonly T[])[]): T[][] {
  return choices.reduce<T[][]>((lead, options) => lead.flatMap((list) => options.map((one) => [...list, one])), [[]]);
}

function gradInputProduct(
  { a: dy, b: w, c: x, companions }: Operands,
  groups: number,
  axisOf: AxisOf,
  residues: readonly Residues[],
): Product {
  const last = residues.length + 1;
  const [channels, filters] = [w.shape[last - 1]!, w.shape[last]! / groups];
  const [dyStep, wChannel, wFilter] = [dy.steps[last]!, w.steps[last - 1]!, w.steps[last]!];
  const firsts = residues.map(({ first }) => first);
  const tapped = residues.reduce((sum, { tap }, i) => sum + tap * w.steps[i]!, 0);
  const positions = residues.flatMap((group, i) => [
    axisOf(i + 1, group.stride, group.count, dy.steps[i + 1]!, 0),
    axisOf(i + 1, 1, group.residues, 0, group.tapResidue * w.steps[i]!),
  ]);
  return {
    free: [
      axisOf(0, 1, dy.shape[0]!, dy.steps[0]!, 0),
      ...positions,
      axisOf(last, channels, groups, filters * dyStep, filters * wFilter),
    ],
    n: axisOf(last, 1, channels, 0, wChannel),
    sum: [
      ...residues.map((group, i) => ({
        size: group.taps,
        a: group.outputStep * dy.steps[i + 1]!,
        b: group.tapStep * w.steps[i]!,
      })),
      { size: filters, a: dyStep, b: wFilter },
    ],
    start: {
      a:
        dy.start +
        moved(
          dy,
          residues.map(({ output }) => output),
        ),
      b: w.start + tapped,
      c: x.start + moved(x, firsts),
      beside: companions.map((view) => view.start + moved(view, firsts)),
    },
    grouped: groups > 1,
    inPlace: false,
  };
}

function gradFilterProduct({ a: x, b: dy, c: w, companions }: Operands, attrs: ConvAttrs, axisOf: AxisOf): Product {
  const { groups } = attrs;
  const axes = axesOf("convGradFilter", [x.shape, dy.shape], w.shape, attrs);
  const last = axes.length + 1;
  const [channels, filters] = [w.shape[last - 1]!, w.shape[last]! / groups];
  const [xStep, dyStep] = [x.steps[last]!, dy.steps[last]!];
  return {
    free: [
      ...axes.map(({ taps, dilation }, i) => axisOf(i, 1, taps, dilation * x.steps[i + 1]!, 0)),
      axisOf(last - 1, 1, channels, xStep, 0),
      axisOf(last, filters, groups, channels * xStep, filters * dyStep),
    ],
    n: axisOf(last, 1, filters, 0, dyStep),
    sum: [
      { size: x.shape[0]!, a: x.steps[0]!, b: dy.steps[0]! },
      ...axes.map(({ output, stride }, i) => ({ size: output, a: stride * x.steps[i + 1]!, b: dy.steps[i + 1]! })),
    ],
    start: startsOf(
      x.start -
        moved(
          x,
          axes.map(({ low }) => low),
        ),
      dy.start,
      w.start,
      companions,
    ),
    grouped: groups > 1,
    inPlace: true,
  };
}
