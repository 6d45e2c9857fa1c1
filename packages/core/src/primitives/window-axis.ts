import { shapeError, valueError } from "../errors.ts";
import { showShape, type Shape } from "../shape.ts";

/** Before and after each spatial axis; never negative. */
export type PaddingAttr = readonly (readonly [low: number, high: number])[];

/** One spatial axis under a sliding window: output i and tap k meet at input i·stride − low + k·dilation. */
export interface WindowAxis {
  readonly input: number;
  readonly taps: number;
  readonly output: number;
  readonly stride: number;
  readonly dilation: number;
  readonly low: number;
}

/** Offsets that meet: the output at offset `y` receives the input at `x` times the filter element at `w`. */
export interface Contact {
  readonly x: number;
  readonly w: number;
  readonly y: number;
}

/** An axis of size one: what a convolution without spatial axes has instead of a last axis. */
export const unitAxis: WindowAxis = { input: 1, taps: 1, output: 1, stride: 1, dilation: 1, low: 0 };

/** The axes of a window over `input`; throws where the window, its steps or the padding make no sense. */
export function windowAxes(
  who: string,
  input: Shape,
  window: Shape,
  { stride, padding, dilation }: { stride: Shape; padding: PaddingAttr; dilation: Shape },
): WindowAxis[] {
  requireWhole(who, "window sizes", window, input.length, 1);
  requireWhole(who, "strides", stride, input.length, 1);
  requireWhole(who, "dilations", dilation, input.length, 1);
  requireWhole(who, "lower padding", lows(padding), input.length, 0);
  requireWhole(who, "upper padding", highs(padding), input.length, 0);
  const padded = input.map((size, i) => padding[i]![0] + size + padding[i]![1]);
  const reach = window.map((taps, i) => (taps - 1) * dilation[i]! + 1);
  if (reach.some((size, i) => size > padded[i]!)) {
    const got = `window ${showShape(reach)}, padded input ${showShape(padded)}`;
    throw shapeError(who, "a window that fits into the padded input", got, "pad more, or dilate less");
  }
  return input.map((size, i) => ({
    input: size,
    taps: window[i]!,
    output: Math.floor((padded[i]! - reach[i]!) / stride[i]!) + 1,
    stride: stride[i]!,
    dilation: dilation[i]!,
    low: padding[i]![0],
  }));
}

const lows = (padding: PaddingAttr): number[] => padding.map(([low]) => low);
const highs = (padding: PaddingAttr): number[] => padding.map(([, high]) => high);

function requireWhole(who: string, what: string, sizes: Shape, count: number, least: number): void {
  if (sizes.length === count && sizes.every((size) => Number.isInteger(size) && size >= least)) return;
  const needs = `${what}: ${count} whole numbers of at least ${least}, one for each spatial axis`;
  throw valueError(who, needs, showShape(sizes));
}

/** Every output with every tap that finds an input, outputs first, so that one output meets its taps in order. */
export function contacts(axis: WindowAxis, step: Contact): Contact[] {
  const found: Contact[] = [];
  for (let i = 0; i < axis.output; i++) {
    for (let k = 0; k < axis.taps; k++) {
      const at = i * axis.stride - axis.low + k * axis.dilation;
      if (at >= 0 && at < axis.input) found.push({ x: at * step.x, w: k * step.w, y: i * step.y });
    }
  }
  return found;
}

/** The contacts of several axes at once, the last axis varying fastest: offsets add. */
export function product(axes: readonly (readonly Contact[])[]): Contact[] {
  return axes.reduce<Contact[]>(
    (outer, inner) => outer.flatMap((o) => inner.map((i) => ({ x: o.x + i.x, w: o.w + i.w, y: o.y + i.y }))),
    [{ x: 0, w: 0, y: 0 }],
  );
}
