import { conv, gradients, matmul, sizeOf, tensor, type Shape, type Tensor } from "@steelyard/core";

export type Pass = "forward" | "gradInput" | "gradFilter" | "all";

/** One piece of work to time: what it computes, and what it costs. */
export interface Work {
  /** As in the tables: `64→64 3×3 56²` is 64 channels in and out, a 3 × 3 kernel, a 56 × 56 image, same padding. */
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

interface ConvShape {
  readonly name: string;
  readonly batch: number;
  readonly size: number;
  readonly channels: number;
  readonly filters: number;
  readonly kernel: number;
}

/** Shapes of the reference nets, with small batches: the interpreter is the oracle, not the engine. */
const convShapes: readonly ConvShape[] = [
  { name: "64→64 3×3 56²", batch: 1, size: 56, channels: 64, filters: 64, kernel: 3 },
  { name: "128→128 3×3 28²", batch: 1, size: 28, channels: 128, filters: 128, kernel: 3 },
  { name: "16→32 3×3 16²", batch: 8, size: 16, channels: 16, filters: 32, kernel: 3 },
];

function convWork({ name, batch, size, channels, filters, kernel }: ConvShape): Work[] {
  const x = numbers([batch, size, size, channels]);
  const w = numbers([kernel, kernel, channels, filters]);
  const dY = numbers([batch, size, size, filters]);
  const flops = 2 * batch * size * size * kernel * kernel * channels * filters;
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

export function interpreterWork(): Work[] {
  return [...convShapes.flatMap(convWork), matmulWork(256)];
}
