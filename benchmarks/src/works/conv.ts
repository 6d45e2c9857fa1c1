import type { ConvShape, ConvWork } from "./work.ts";

const usualBatch = 8;
const passes = ["forward", "gradInput", "gradFilter", "all"] as const;

/** The four passes of a convolution; what is left out is batch 8, stride 1, no dilation, one group. */
export function convWorks(
  given: Partial<ConvShape> & Pick<ConvShape, "size" | "channels" | "filters" | "kernel">,
): ConvWork[] {
  const shape: ConvShape = { batch: usualBatch, stride: 1, dilation: 1, groups: 1, ...given };
  return passes.map((pass) => ({ kind: "conv", name: convName(shape), pass, shape }));
}

/** `64→64 3×3 s2 56²`: channels in and out, kernel, oddities (s stride, d dilation, g groups), image, ×batch where not 8. */
function convName({ batch, channels, filters, kernel, stride, dilation, groups, size }: ConvShape): string {
  const oddities = [
    stride > 1 ? ` s${stride}` : "",
    dilation > 1 ? ` d${dilation}` : "",
    groups > 1 ? ` g${groups}` : "",
  ];
  const [h, w] = size;
  const image = h === w ? `${h}²` : `${h}×${w}`;
  const images = batch === usualBatch ? "" : ` ×${batch}`;
  return `${channels}→${filters} ${kernel.join("×")}${oddities.join("")} ${image}${images}`;
}

/** Zeros before and after each axis: with stride 1 the output is as large as the input. */
export function convPadding({ kernel, dilation }: ConvShape): [number, number] {
  return kernel.map((taps) => ((taps - 1) / 2) * dilation) as [number, number];
}

function convOutput({ size, stride }: ConvShape): [number, number] {
  return size.map((length) => Math.floor((length - 1) / stride) + 1) as [number, number];
}

export function inputShape({ batch, size, channels }: ConvShape): [number, number, number, number] {
  return [batch, ...size, channels];
}

export function filterShape({ kernel, channels, filters, groups }: ConvShape): [number, number, number, number] {
  return [...kernel, channels / groups, filters];
}

export function outputShape(shape: ConvShape): [number, number, number, number] {
  return [shape.batch, ...convOutput(shape), shape.filters];
}

/**
 * Of one pass, a multiply-add counting two. Every tap of every output counts, those in the padding too, as peers and
 * papers count; the benchmark of the interpreter, which skips them, does not count them.
 */
export function convFlops(shape: ConvShape): number {
  const [h, w] = convOutput(shape);
  const [kh, kw, channels, filters] = filterShape(shape);
  return 2 * shape.batch * h * w * kh * kw * channels * filters;
}
