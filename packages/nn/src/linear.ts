import { matmul, Variable, zeros, type RandomKey, type Tensor } from "@steelyard/core";
import { xavierUniform, type Initialiser } from "./initialisers.ts";
import type { Module } from "./module.ts";

/** How the layer's Variables start. */
export interface LinearOptions {
  /** Decides the first weights. */
  readonly key: RandomKey;
  /** Add a bias; true when left out. */
  readonly bias?: boolean;
  /** `xavierUniform` when left out; the bias starts at 0. */
  readonly initialise?: Initialiser;
}

/**
 * y = x·W + b: x [..., inputs] → [..., outputs], with W [inputs, outputs] and b [outputs].
 *
 * @example new Linear(784, 10, { key: random.key(1) })
 * @throws ShapeError when the last axis of x is not `inputs` long
 */
export class Linear implements Module {
  readonly weight: Variable;
  readonly bias: Variable | null;

  constructor(inputs: number, outputs: number, { key, bias = true, initialise = xavierUniform }: LinearOptions) {
    this.weight = new Variable(initialise(key, [inputs, outputs], { in: inputs, out: outputs }), { name: "weight" });
    this.bias = bias ? new Variable(zeros([outputs]), { name: "bias" }) : null;
  }

  forward(x: Tensor): Tensor {
    const y = matmul(x, this.weight);
    return this.bias === null ? y : y.add(this.bias);
  }
}
