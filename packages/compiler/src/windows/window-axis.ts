import type { Shape } from "@steelyard/core";

/** One spatial axis under a sliding window: output i and tap k meet at input i·stride − low + k·dilation. */
export interface WindowAxis {
  readonly input: number;
  readonly taps: number;
  readonly output: number;
  readonly stride: number;
  readonly dilation: number;
  readonly low: number;
}

/** The attributes that windows and convolutions share. */
export interface WindowAttrs {
  readonly stride: readonly number[];
  readonly padding: readonly (readonly [low: number, high: number])[];
  readonly dilation?: readonly number[];
}

/** The axes of a primitive that core has checked; sizes are those of the spatial axes. */
export function windowAxes(
  input: Shape,
  taps: Shape,
  output: Shape,
  { stride, padding, dilation }: WindowAttrs,
): WindowAxis[] {
  return input.map((size, i) => ({
    input: size,
    taps: taps[i]!,
    output: output[i]!,
    stride: stride[i]!,
    dilation: dilation?.[i] ?? 1,
    low: padding[i]![0],
  }));
}

/** Zeros around an axis. */
export interface Border {
  readonly low: number;
  readonly high: number;
}

/** How far windows reach beyond the input. */
export function borderOf({ input, taps, output, stride, dilation, low }: WindowAxis): Border {
  const last = (output - 1) * stride - low + (taps - 1) * dilation;
  return { low, high: Math.max(0, last - (input - 1)) };
}
