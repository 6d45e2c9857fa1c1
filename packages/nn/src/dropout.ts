import { random, valueError, where, type Tensor } from "@steelyard/core";
import type { Mode, Module } from "./module.ts";

/**
 * In training each element is dropped with probability `rate` and the others are divided by 1 − rate, so that the
 * expected value stays x and evaluation needs no correction: there it is the identity.
 *
 * The mask depends on the mode's key alone: the same key draws the same mask, also when a `checkpoint` computes it
 * again. `Sequential` and `inside` give each layer a key of its own.
 *
 * Source: Srivastava et al., JMLR 15 (2014), in the inverted form.
 *
 * @throws ValueError unless 0 ≤ rate < 1
 */
export class Dropout implements Module {
  readonly rate: number;

  constructor(rate: number) {
    if (!(rate >= 0 && rate < 1)) throw valueError("Dropout", "a rate in [0, 1)", String(rate));
    this.rate = rate;
  }

  forward(x: Tensor, mode: Mode): Tensor {
    if (mode.kind === "evaluate" || this.rate === 0) return x;
    const keep = 1 - this.rate;
    // A choice and no product: 0 · ∞ would make NaN of what is dropped.
    return where(random.bernoulli(mode.key, keep, x.shape), x.div(keep), 0);
  }
}
