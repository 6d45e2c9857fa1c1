import { shapeError } from "../errors.ts";
import { showShape, stridesOf, type Shape } from "../shape.ts";
import { contacts, product, unitAxis, windowAxes, type PaddingAttr, type WindowAxis } from "./window-axis.ts";

/** One number (or pair, for padding) for each spatial axis. */
export type PoolAttrs = {
  readonly window: readonly number[];
  readonly stride: readonly number[];
  readonly padding: PaddingAttr;
};

/** Windows over x [N, …spatial, C], each giving one position of y [N, …out, C]; channels do not mix. */
export interface PoolGeometry {
  readonly x: Shape;
  readonly y: Shape;
  readonly axes: readonly WindowAxis[];
}

/** Where the windows lie. @throws ShapeError or ValueError when they do not fit, or the attributes make no sense */
export function poolGeometry(who: string, x: Shape, { window, stride, padding }: PoolAttrs): PoolGeometry {
  if (x.length < 2) {
    throw shapeError(who, "x [N, ...spatial, C]", showShape(x), "reshape one example to [1, ...spatial, C]");
  }
  const axes = windowAxes(who, x.slice(1, -1), window, { stride, padding, dilation: window.map(() => 1) });
  return { x, y: [x[0]!, ...axes.map((axis) => axis.output), x.at(-1)!], axes };
}

/** Visits each window with each of its positions inside x, in row-major order within a window; offsets of channel 0. */
export function forEachPair({ x, y, axes }: PoolGeometry, visit: (xOffset: number, yOffset: number) => void): void {
  const [xStep, yStep] = [stridesOf(x), stridesOf(y)];
  const steps = axes.map((axis, i) => contacts(axis, { x: xStep[i + 1]!, w: 0, y: yStep[i + 1]! }));
  const outer = product(steps.slice(0, -1));
  const inner = steps.at(-1) ?? contacts(unitAxis, { x: 0, w: 0, y: 0 });
  for (let n = 0; n < x[0]!; n++) {
    for (const { x: xOuter, y: yOuter } of outer) {
      for (const { x: xInner, y: yInner } of inner)
        visit(n * xStep[0]! + xOuter + xInner, n * yStep[0]! + yOuter + yInner);
    }
  }
}

/**
 * Refuses windows that lie in the padding altogether: they have neither a maximum nor a mean. Only the first
 * window can end before x, and only the last can begin behind it; if neither does, those between reach x as well.
 */
export function requireTouching(who: string, { axes }: PoolGeometry): void {
  const astray = axes.find(
    ({ input, taps, output, stride, low }) => input === 0 || low >= taps || (output - 1) * stride - low >= input,
  );
  if (astray === undefined) return;
  const { input, taps, stride, low } = astray;
  const needs = "every window to hold at least one element that is not padding";
  const got = `a window of ${taps} with stride ${stride} over ${input} elements, ${low} padded before them`;
  throw shapeError(who, needs, got, "pad less than the window");
}
