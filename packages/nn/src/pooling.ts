import { avgPool, maxPool, mean, reshape, shapeError, showShape, sizeOf } from "@steelyard/core";
import type { PoolOptions, Tensor } from "@steelyard/core";
import type { Module } from "./module.ts";

/** The mean over all spatial axes: x [N, …spatial, C] → [N, C]. @throws ShapeError when there are none */
export function globalAveragePool(x: Tensor): Tensor {
  const axes = x.shape.slice(1, -1).map((_, i) => i + 1);
  if (axes.length > 0) return mean(x, axes);
  throw shapeError("globalAveragePool", "x [N, ...spatial, C]", showShape(x.shape));
}

/** Everything but the batch in one axis, in row-major order: x [N, ...] → [N, product of the rest]. */
export function flatten(x: Tensor): Tensor {
  return reshape(x, [x.shape[0] ?? 1, sizeOf(x.shape.slice(1))]);
}

// As modules, these functions can be told apart by type and stand next to layers with weights.

/** `maxPool` of core with its options. */
export class MaxPool implements Module {
  readonly options: PoolOptions;

  constructor(options: PoolOptions) {
    this.options = options;
  }

  forward(x: Tensor): Tensor {
    return maxPool(x, this.options);
  }
}

/** `avgPool` of core with its options. */
export class AvgPool implements Module {
  readonly options: PoolOptions;

  constructor(options: PoolOptions) {
    this.options = options;
  }

  forward(x: Tensor): Tensor {
    return avgPool(x, this.options);
  }
}

/** `globalAveragePool`. */
export class GlobalAveragePool implements Module {
  forward(x: Tensor): Tensor {
    return globalAveragePool(x);
  }
}

/** `flatten`. */
export class Flatten implements Module {
  forward(x: Tensor): Tensor {
    return flatten(x);
  }
}

/** A function of one tensor as a module. @example new Activation(relu) */
export class Activation implements Module {
  readonly apply: (x: Tensor) => Tensor;

  constructor(apply: (x: Tensor) => Tensor) {
    this.apply = apply;
  }

  forward(x: Tensor): Tensor {
    return this.apply(x);
  }
}
