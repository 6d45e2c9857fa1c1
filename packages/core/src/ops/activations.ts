import { unary } from "../primitives/unary-table.ts";
import type { Tensor, TensorLike } from "../tensor.ts";
import { add, erf, expm1, mul, tanh } from "./arithmetic.ts";
import { greater, less } from "./compare.ts";
import { elementwise } from "./elementwise.ts";
import { where } from "./where.ts";

/** max(x, 0); its derivative at 0 is 0. */
export function relu(x: TensorLike): Tensor {
  return elementwise(unary.relu, [x]);
}

/** 1 / (1 + e⁻ˣ), without overflow on either side. */
export function sigmoid(x: TensorLike): Tensor {
  return elementwise(unary.sigmoid, [x]);
}

/** ln(1 + eˣ), without overflow: for large x it is x. */
export function softplus(x: TensorLike): Tensor {
  return elementwise(unary.softplus, [x]);
}

/** x where x > 0, slope·x elsewhere (also at 0). The slope may be a tensor, and then has a gradient. */
export function leakyRelu(x: TensorLike, slope: TensorLike = 0.01): Tensor {
  return where(greater(x, 0), x, mul(x, slope));
}

/**
 * x where x > 0, alpha·(eˣ − 1) elsewhere; its derivative at 0 is alpha.
 *
 * Source: Clevert, Unterthiner & Hochreiter, arXiv 1511.07289.
 */
export function elu(x: TensorLike, alpha: TensorLike = 1): Tensor {
  // The branch not taken for large x must stay finite: its derivative is multiplied by zero. No `minimum`, whose tie at
  // 0 would halve the slope there.
  const positive = greater(x, 0);
  return where(positive, x, mul(expm1(where(positive, 0, x)), alpha));
}

/** x·sigmoid(x), also called swish. Source: Elfwing, Uchibe & Doya, arXiv 1702.03118. */
export function silu(x: TensorLike): Tensor {
  return mul(x, sigmoid(x));
}

/**
 * x·Φ(x) with the normal distribution function Φ(x) = (1 + erf(x/√2))/2, or its approximation
 * x·(1 + tanh(√(2/π)(x + 0.044715x³)))/2 with `approximate: "tanh"`.
 *
 * Source: Hendrycks & Gimpel, "Gaussian error linear units", arXiv 1606.08415, section 2.
 */
export function gelu(x: TensorLike, { approximate = "none" }: { approximate?: "none" | "tanh" } = {}): Tensor {
  const cubic = (): Tensor => add(x, mul(mul(mul(x, x), x), 0.044715));
  const inner = approximate === "none" ? erf(mul(x, Math.SQRT1_2)) : tanh(mul(cubic(), Math.sqrt(2 / Math.PI)));
  return mul(mul(x, 0.5), add(inner, 1));
}

/**
 * x limited to low … high. At a bound the gradient passes (x itself is the value there), so that a start on the edge
 * can still move; outside it is 0, and goes to the bound when that is a tensor.
 */
export function clamp(x: TensorLike, low: TensorLike, high: TensorLike): Tensor {
  const raised = where(less(x, low), low, x);
  return where(greater(raised, high), high, raised);
}
