import { valueError } from "../errors.ts";
import type { PaddingAttr } from "../primitives/window-axis.ts";
import { showShape, type Shape } from "../shape.ts";

/**
 * How a window treats the borders: `"valid"` pads nothing, `"same"` pads so that the output has ⌈input / stride⌉
 * positions (an odd amount puts the larger half at the end, as TensorFlow does), a number pads that much on every side,
 * and pairs give [before, after] for each spatial axis.
 */
export type Padding = "same" | "valid" | number | PaddingAttr;

/**
 * One number for each spatial axis, from one number for all or a list.
 *
 * @throws ValueError for a list of another length
 */
export function perAxis(who: string, name: string, value: number | readonly number[], rank: number): readonly number[] {
  const list = typeof value === "number" ? new Array<number>(rank).fill(value) : value;
  if (list.length === rank) return list;
  throw valueError(who, `${name}: a number, or one for each of ${rank} spatial axes`, showShape(list));
}

function isPadding(value: unknown): value is Padding {
  if (Array.isArray(value)) return value.every(Array.isArray);
  return value === "same" || value === "valid" || typeof value === "number";
}

/** The padding as pairs. @throws ValueError when it is none of the kinds of `Padding` */
export function paddingOf(
  who: string,
  padding: Padding,
  input: Shape,
  { window, stride, dilation }: { window: Shape; stride: Shape; dilation: Shape },
): PaddingAttr {
  if (!isPadding(padding)) {
    const needs = 'padding: "same", "valid", a number, or [before, after] for each spatial axis';
    throw valueError(who, needs, JSON.stringify(padding));
  }
  if (typeof padding === "object") return padding;
  return input.map((size, i): [number, number] => {
    if (padding === "valid") return [0, 0];
    if (padding !== "same") return [padding, padding];
    const reach = (window[i]! - 1) * dilation[i]! + 1;
    const missing = Math.max(0, (Math.ceil(size / stride[i]!) - 1) * stride[i]! + reach - size);
    return [Math.floor(missing / 2), Math.ceil(missing / 2)];
  });
}
