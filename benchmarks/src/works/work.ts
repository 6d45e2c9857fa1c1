import type { NetShape } from "../net/net-shape.ts";

/** Which part of the calculation is timed; "all" is forward and both gradients, "step" a whole training step. */
export type Pass = "forward" | "gradInput" | "gradFilter" | "all" | "step";

/** A convolution over two axes, channels last; odd kernels, padded so that stride 1 keeps the size. */
export interface ConvShape {
  readonly batch: number;
  readonly size: readonly [number, number];
  readonly channels: number;
  readonly filters: number;
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly dilation: number;
  readonly groups: number;
}

export interface ConvWork {
  readonly kind: "conv";
  readonly name: string;
  readonly pass: Exclude<Pass, "step">;
  readonly shape: ConvShape;
}

/** C [M, N] = A [M, K] · B [K, N] */
export interface MatmulWork {
  readonly kind: "matmul";
  readonly name: string;
  readonly pass: "forward";
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** Ten additions, multiplications and maxima of one array with numbers. */
export interface ChainWork {
  readonly kind: "chain";
  readonly name: string;
  readonly pass: "forward";
  readonly size: number;
}

/** What the chain is measured by: its input copied to its output, by the machine's own routine. */
interface CopyWork {
  readonly kind: "copy";
  readonly name: string;
  readonly pass: "forward";
  readonly size: number;
}

/** A training step of the reference net. */
export interface NetWork {
  readonly kind: "net";
  readonly name: string;
  readonly pass: "step";
  readonly net: NetShape;
}

/** A step with next to nothing to compute: what building a graph and finding its plan cost. */
export interface EmptyStepWork {
  readonly kind: "emptyStep";
  readonly name: string;
  readonly pass: "step";
  /** Of the graph. */
  readonly nodes: number;
}

/** One is added to each of many small arrays: what a kernel costs that has next to nothing to do. */
export interface KernelsWork {
  readonly kind: "kernels";
  readonly name: string;
  readonly pass: "step";
  readonly kernels: number;
  /** Of each array. */
  readonly size: number;
}

/** One piece of work, as data: the same for everyone who does it. */
export type Work = ConvWork | MatmulWork | ChainWork | CopyWork | NetWork | EmptyStepWork | KernelsWork;
