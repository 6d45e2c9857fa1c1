import { conv, gradients, matmul, sizeOf, tensor, type Shape, type Tensor } from "@steelyard/core";

export type Pass = "forward" | "gradInput" | "gradFilter";

/** One piece of work to time: what it computes, and what it costs. */
export interface Work {
  /** `16→32 3×3 56² ×8`: 16 channels in, 32 out, a 3 × 3 kernel, 56 × 56 images, eight of them; same padding, stride 1. */
  readonly name: string;
  readonly pass: Pass;
  /** Floating point operations, a multiply-add counting two. */
  readonly flops: number;
  /** Operands, to be realised before the clock starts. */
  readonly operands: readonly Tensor[];
  /** A fresh graph over the operands; reading it does the work. */
  readonly build: () => Tensor;
}

/** Numbers in −1 … 1 that look random enough for timing. */
function numbers(shape: Shape): Tensor {
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7919) % 1000) / 500 - 1);
  return tensor(data, { shape });
}

/** A 3 × 3 convolution with same padding. */
export interface ConvShape {
  readonly name: string;
  readonly batch: number;
  readonly size: number;
  readonly channels: number;
  readonly filters: number;
}

/** Shapes of the reference nets, with small batches: the interpreter is the oracle, not the engine. */
const convShapes: readonly ConvShape[] = [
  { name: "64→64 3×3 56²", batch: 1, size: 56, channels: 64, filters: 64 },
  { name: "128→128 3×3 28²", batch: 1, size: 28, channels: 128, filters: 128 },
  { name: "16→32 3×3 16² ×8", batch: 8, size: 16, channels: 16, filters: 32 },
];

export function convWork({ name, batch, size, channels, filters }: ConvShape): Work[] {
  const x = numbers([batch, size, size, channels]);
  const w = numbers([3, 3, channels, filters]);
  const dY = numbers([batch, size, size, filters]);
  // Along an axis the first and the last position lack a tap, which lies in the padding.
  const taps = (3 * size - 2) ** 2;
  const flops = 2 * batch * taps * channels * filters;
  const y = (): Tensor => conv(x, w, { padding: "same" });
  const gradient = (of: Tensor) => (): Tensor => gradients(y(), [of], { cotangent: dY })[0]!;
  const operands = [x, w, dY];
  return [
    { name, pass: "forward", flops, operands, build: y },
    { name, pass: "gradInput", flops, operands, build: gradient(x) },
    { name, pass: "gradFilter", flops, operands, build: gradient(w) },
  ];
}

function matmulWork(size: number): Work {
  const a = numbers([size, size]);
  const b = numbers([size, size]);
  const build = (): Tensor => matmul(a, b);
  return { name: `matmul ${size}`, pass: "forward", flops: 2 * size ** 3, operands: [a, b], build };
}

/** The smallest convolution in all three passes: what f64, dual and hyper-dual numbers run between the measurements. */
export function otherAlgebrasWork(): Work[] {
  return convWork(convShapes.at(-1)!);
}

export function interpreterWork(): Work[] {
  return [...convShapes.flatMap(convWork), matmulWork(256)];
}
