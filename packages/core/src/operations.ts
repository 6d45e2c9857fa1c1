/** All operations, as free functions. Those that take a tensor first are methods as well: methods.ts. */
export { hook, stopGradient } from "./custom.ts";
export * from "./ops/activations.ts";
export * from "./ops/arithmetic.ts";
export { cast } from "./ops/cast.ts";
export * from "./ops/compare.ts";
export { conv, convTranspose, depthwiseConv, type ConvOptions, type ConvTransposeOptions } from "./ops/conv.ts";
export * from "./ops/creation.ts";
export { einsum } from "./ops/einsum.ts";
export { argSort, cumsum, gather, oneHot, scatterAdd, sort, takeAlong, topK, type SortOrder } from "./ops/indexing.ts";
export * from "./ops/logic.ts";
export { matmul } from "./ops/matmul.ts";
export { avgPool, maxPool, type PoolOptions } from "./ops/pool.ts";
export {
  argMax,
  argMin,
  max,
  mean,
  min,
  norm,
  prod,
  sum,
  variance,
  type Axes,
  type KeepDims,
} from "./ops/reductions.ts";
export { logSoftmax, logSumExp, softmax } from "./ops/softmax.ts";
export * from "./ops/views.ts";
export { where } from "./ops/where.ts";
