import { cast, div, equal, mean, mul, notEqual, where } from "@steelyard/core";
import type { Tensor } from "@steelyard/core";

/**
 * Σ m_n·x_n / Σ m_n over the samples, x [N] → scalar; the plain mean without a mask, 0 when everything is masked. What
 * a masked sample holds does not matter: its NaN stays with it.
 */
export function maskedMean(x: Tensor, mask: Tensor | undefined): Tensor {
  if (mask === undefined) return mean(x);
  const weights = cast(mask, x.dtype);
  const total = weights.sum();
  const sum = where(notEqual(weights, 0), mul(x, weights), 0).sum();
  // The inner `where` keeps 0/0 out of the value and of the gradient.
  return div(sum, where(equal(total, 0), 1, total));
}
