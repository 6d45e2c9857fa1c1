import type { Tensor } from "@steelyard/core";

/**
 * 1 − βᵗ, by which a moving average that started at zero falls short of a mean after t steps. As −expm1(t·ln β),
 * because in f32 the difference 1 − 0.999 has already lost half of its digits.
 */
export function shortfall(beta: number, time: Tensor): Tensor {
  return time.mul(Math.log(beta)).expm1().neg();
}
