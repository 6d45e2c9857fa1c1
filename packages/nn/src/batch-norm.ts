import { mean, ones, shapeError, showShape, Variable, zeros, type Tensor } from "@steelyard/core";
import type { Mode, Module } from "./module.ts";

/** What is learnt and what is kept. */
export interface BatchNormOptions {
  /** How much of the running statistics survives a step; 0.995 when left out. */
  readonly decay?: number;
  /** Added to the variance; 0.001 when left out. */
  readonly epsilon?: number;
  /** Learn β, added at the end; true when left out. */
  readonly shift?: boolean;
  /** Learn γ, multiplied in before; false when left out, as the next layer's weights can do the same. */
  readonly scale?: boolean;
}

/**
 * y = γ·(x − μ)/√(σ² + ε) + β, with μ and σ² over all axes but the last: x [..., channels], same shape out.
 *
 * In training μ and σ² are the batch's mean and (biased, 1/n) variance, gradients flow through both, and the running
 * statistics move towards them: r ← decay·r + (1 − decay)·batch, recorded on `next` for the coming `step`, so
 * micro-batches of one step compose. (A training graph that is read without a step leaves its update pending.) In
 * evaluation the running statistics are used and nothing is recorded.
 *
 * The running variance is biased too, as in TensorFlow's unfused form; PyTorch and fused TensorFlow store the
 * unbiased one.
 *
 * Source: Ioffe & Szegedy, arXiv 1502.03167, algorithms 1 and 2.
 *
 * @throws ShapeError when the last axis of x is not `channels` long
 */
export class BatchNorm implements Module {
  readonly shift: Variable | null;
  readonly scale: Variable | null;
  readonly mean: Variable;
  readonly variance: Variable;
  readonly decay: number;
  readonly epsilon: number;

  constructor(
    channels: number,
    { decay = 0.995, epsilon = 0.001, shift = true, scale = false }: BatchNormOptions = {},
  ) {
    this.shift = shift ? new Variable(zeros([channels]), { name: "shift" }) : null;
    this.scale = scale ? new Variable(ones([channels]), { name: "scale" }) : null;
    this.mean = new Variable(zeros([channels]), { name: "mean", trainable: false });
    this.variance = new Variable(ones([channels]), { name: "variance", trainable: false });
    this.decay = decay;
    this.epsilon = epsilon;
  }

  forward(x: Tensor, mode: Mode): Tensor {
    const [channels] = this.mean.shape;
    if (x.shape.at(-1) !== channels) throw shapeError("BatchNorm", `x [..., ${channels}]`, showShape(x.shape));
    if (mode.kind === "evaluate") return this.#affine(x.sub(this.mean), this.variance.value);
    const axes = x.shape.slice(0, -1).map((_, axis) => axis);
    const centre = mean(x, axes);
    const centred = x.sub(centre);
    const spread = mean(centred.square(), axes);
    follow(this.mean, centre, this.decay);
    follow(this.variance, spread, this.decay);
    return this.#affine(centred, spread);
  }

  #affine(centred: Tensor, variance: Tensor): Tensor {
    const factor = variance.add(this.epsilon).rsqrt();
    const y = centred.mul(this.scale === null ? factor : factor.mul(this.scale));
    return this.shift === null ? y : y.add(this.shift);
  }
}

/** One step of a running statistic towards the batch's. */
function follow(running: Variable, batch: Tensor, decay: number): void {
  running.assign(running.next.mul(decay).add(batch.mul(1 - decay)));
}
