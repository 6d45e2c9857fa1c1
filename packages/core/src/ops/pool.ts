import { poolGatherPrimitive } from "../primitives/max-pool.ts";
import { poolGeometry, requireTouching, type PoolAttrs } from "../primitives/pool-geometry.ts";
import { windowSumPrimitive } from "../primitives/window-sum.ts";
import { sizeOf } from "../shape.ts";
import { apply, full, toTensor, type Tensor, type TensorLike } from "../tensor.ts";
import { div } from "./arithmetic.ts";
import { paddingOf, perAxis, type Padding } from "./window-options.ts";

/** How the window moves over the input. */
export interface PoolOptions {
  /** Size of the window: one number for every spatial axis, or one for each. */
  readonly window: number | readonly number[];
  /** From window to window; the window itself when left out, so that windows tile the input. */
  readonly stride?: number | readonly number[];
  /** `"valid"` (nothing) when left out. */
  readonly padding?: Padding;
}

/**
 * The maximum of each window: x [N, …spatial, C] → [N, …out, C], out = ⌊(input + padding − window) / stride⌋ + 1.
 *
 * Padding never wins. Of equal values the first in row-major order wins and receives all of the gradient; a NaN wins
 * over every number.
 *
 * @example maxPool(zeros([1, 8, 8, 3]), { window: 2 }).shape // [1, 4, 4, 3]
 * @throws ShapeError when the window does not fit, or a window would hold padding only
 */
export function maxPool(x: TensorLike, options: PoolOptions): Tensor {
  const values = toTensor(x);
  return apply(poolGatherPrimitive, [values, values], poolAttrs("maxPool", values, options));
}

/**
 * The mean of each window: x [N, …spatial, C] → [N, …out, C]. Padding counts for nothing: the sum over a window is
 * divided by the number of its elements that lie inside x.
 *
 * @example avgPool(images, { window: 3, stride: 1, padding: "same" }) // a blur
 * @throws ShapeError when the window does not fit, or a window would hold padding only
 */
export function avgPool(x: TensorLike, options: PoolOptions): Tensor {
  const values = toTensor(x);
  const attrs = poolAttrs("avgPool", values, options);
  const sums = apply(windowSumPrimitive, [values], attrs);
  if (attrs.padding.flat().every((amount) => amount === 0)) return div(sums, sizeOf(attrs.window));
  const ones = full([1, ...values.shape.slice(1, -1), 1], 1, values.dtype);
  return div(sums, apply(windowSumPrimitive, [ones], attrs));
}

function poolAttrs(
  who: string,
  x: Tensor,
  { window: size, stride: by = size, padding = "valid" }: PoolOptions,
): PoolAttrs {
  const input = x.shape.slice(1, -1);
  const window = perAxis(who, "window", size, input.length);
  const stride = perAxis(who, "stride", by, input.length);
  const attrs = {
    window,
    stride,
    padding: paddingOf(who, padding, input, { window, stride, dilation: window.map(() => 1) }),
  };
  requireTouching(who, poolGeometry(who, x.shape, attrs));
  return attrs;
}
