import { binary } from "../primitives/binary-table.ts";
import { unary } from "../primitives/unary-table.ts";
import type { Tensor, TensorLike } from "../tensor.ts";
import { elementwise } from "./elementwise.ts";

// Element by element. Operands of two broadcast together under NumPy's rule and share a dtype; a number takes the dtype
// of the other side. @throws ShapeError, DTypeError. On i32 and u32 results wrap modulo 2³².

/** a + b. @example add(tensor([[1], [2]]), tensor([10, 20])) // [[11, 21], [12, 22]] */
export function add(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.add, [a, b]);
}

/** a − b. */
export function sub(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.sub, [a, b]);
}

/** a·b. */
export function mul(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.mul, [a, b]);
}

/** a/b. Integers truncate towards zero, and give 0 for b = 0. */
export function div(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.div, [a, b]);
}

/**
 * The remainder a − ⌊a/b⌋·b, with the sign of b as in Python and NumPy (JavaScript's % has the sign of a).
 * Gradients: 1 for a and −⌊a/b⌋ for b, also at the jumps. Integers give 0 for b = 0.
 */
export function mod(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.mod, [a, b]);
}

/**
 * aᵇ for floats; NaN for a negative base with a fractional exponent. Gradients at the edges: 0 for the base at 0⁰ and
 * for the exponent at base 0; NaN for the exponent of a negative base, where aᵇ is no function of b.
 */
export function pow(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.pow, [a, b]);
}

/** The larger of a and b, NaN if either is. A tie gives each side half the gradient. */
export function maximum(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.maximum, [a, b]);
}

/** The smaller of a and b, NaN if either is. A tie gives each side half the gradient. */
export function minimum(a: TensorLike, b: TensorLike): Tensor {
  return elementwise(binary.minimum, [a, b]);
}

/** −x. */
export function neg(x: TensorLike): Tensor {
  return elementwise(unary.neg, [x]);
}

/** |x|; its derivative at 0 is 0. */
export function abs(x: TensorLike): Tensor {
  return elementwise(unary.abs, [x]);
}

/** −1, 0 or 1. No gradient. */
export function sign(x: TensorLike): Tensor {
  return elementwise(unary.sign, [x]);
}

/** x². */
export function square(x: TensorLike): Tensor {
  return elementwise(unary.square, [x]);
}

/** 1/x; ±∞ at 0. */
export function reciprocal(x: TensorLike): Tensor {
  return elementwise(unary.reciprocal, [x]);
}

/** √x; NaN below 0. The derivative at 0 is infinite: add an epsilon inside when zeros occur. */
export function sqrt(x: TensorLike): Tensor {
  return elementwise(unary.sqrt, [x]);
}

/** 1/√x; ∞ at 0, NaN below. */
export function rsqrt(x: TensorLike): Tensor {
  return elementwise(unary.rsqrt, [x]);
}

/** eˣ. */
export function exp(x: TensorLike): Tensor {
  return elementwise(unary.exp, [x]);
}

/** eˣ − 1, exact for small x too. */
export function expm1(x: TensorLike): Tensor {
  return elementwise(unary.expm1, [x]);
}

/** The natural logarithm: −Infinity at 0, NaN below. */
export function log(x: TensorLike): Tensor {
  return elementwise(unary.log, [x]);
}

/** ln(1 + x), exact for small x too. */
export function log1p(x: TensorLike): Tensor {
  return elementwise(unary.log1p, [x]);
}

/** sin x, in radians. */
export function sin(x: TensorLike): Tensor {
  return elementwise(unary.sin, [x]);
}

/** cos x, in radians. */
export function cos(x: TensorLike): Tensor {
  return elementwise(unary.cos, [x]);
}

/** tanh x. */
export function tanh(x: TensorLike): Tensor {
  return elementwise(unary.tanh, [x]);
}

/** erf x = 2/√π ∫₀ˣ e^−t² dt. */
export function erf(x: TensorLike): Tensor {
  return elementwise(unary.erf, [x]);
}

/** The largest integer ≤ x. No gradient. */
export function floor(x: TensorLike): Tensor {
  return elementwise(unary.floor, [x]);
}

/** The smallest integer ≥ x. No gradient. */
export function ceil(x: TensorLike): Tensor {
  return elementwise(unary.ceil, [x]);
}

/** The nearest integer, halves to the even one. No gradient. */
export function round(x: TensorLike): Tensor {
  return elementwise(unary.round, [x]);
}
