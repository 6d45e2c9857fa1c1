import { shapeError } from "./errors.ts";
import { gradients } from "./gradients.ts";
import { iota, zerosLike } from "./ops/creation.ts";
import { oneHot } from "./ops/indexing.ts";
import { reshape, stack } from "./ops/views.ts";
import { reshapePrimitive } from "./primitives/reshape.ts";
import { showShape } from "./shape.ts";
import { apply, toTensor, type Tensor, type TensorLike } from "./tensor.ts";

// Derivatives of functions, all of them the one reverse sweep of gradients.ts.

/** A function of tensors, such as `grad` and `jacobian` differentiate. */
export type TensorFunction = (...xs: Tensor[]) => Tensor;

/** Fresh handles on the arguments, so that x passed twice has two separate derivatives. */
function separate(xs: readonly TensorLike[]): Tensor[] {
  // The function `reshape` would give x itself back, as its shape does not change.
  return xs.map((x) => apply(reshapePrimitive, [toTensor(x)], { shape: toTensor(x).shape }));
}

/**
 * x ↦ ∇f(x), for scalar f: one gradient for each argument.
 *
 * @throws ShapeError when f(x) is not a scalar
 * @example grad((at) => at.square().sum())(tensor([3, 4])) // [[6, 8]]
 */
export function grad(f: TensorFunction): (...xs: TensorLike[]) => Tensor[] {
  return (...xs) => valueAndGrad(f)(...xs).gradients;
}

/** x ↦ (f(x), ∇f(x)) over one forward pass. @throws as `grad` */
export function valueAndGrad(f: TensorFunction): (...xs: TensorLike[]) => { value: Tensor; gradients: Tensor[] } {
  return (...xs) => {
    const ins = separate(xs);
    const value = f(...ins);
    return { value, gradients: gradients(value, ins) };
  };
}

/**
 * f(x), and the map dy ↦ dyᵀ·∂f/∂x: the cotangents of the arguments.
 *
 * @example vjp((at) => at.square(), tensor([3, 4])).pull(tensor([1, 10])) // [[6, 80]]
 */
export function vjp(f: TensorFunction, ...xs: TensorLike[]): { value: Tensor; pull: (dY: TensorLike) => Tensor[] } {
  const ins = separate(xs);
  const value = f(...ins);
  return { value, pull: (cotangent) => gradients(value, ins, { cotangent }) };
}

/**
 * The directional derivative ∂f/∂x·t, by differentiating the pull-back: u ↦ uᵀ·J is linear in u, and its own pull-back
 * is t ↦ J·t. Needs no rule beyond vjp.
 *
 * Source: J. Townsend, "A new trick for calculating Jacobian vector products" (2017).
 *
 * @param tangents one for each argument, of its shape
 * @throws ShapeError when there is not one tangent for each argument, or one has another shape
 * @example jvp((at) => at.square(), [tensor([3, 4])], [tensor([1, 10])]) // [6, 80]
 */
export function jvp(f: TensorFunction, xs: readonly TensorLike[], tangents: readonly TensorLike[]): Tensor {
  if (xs.length !== tangents.length) {
    throw shapeError("jvp", `a tangent for each of ${xs.length} arguments`, String(tangents.length));
  }
  const { value, pull } = vjp(f, ...xs);
  const u = zerosLike(value);
  const parts = pull(u).map((dX, i) => gradients(dX, [u], { cotangent: toTensor(tangents[i]!, dX.dtype) })[0]!);
  // Without arguments the sum is empty: 0 in the shape of f(x), like u.
  const [first = u, ...others] = parts;
  return others.reduce((sum, part) => sum.add(part), first);
}

/**
 * ∂f/∂x as [...shape of f(x), ...shape of x]: one reverse sweep for each element of f(x), all over one forward pass.
 *
 * @throws ShapeError when f(x) is empty
 * @example jacobian((at) => at.square(), tensor([3, 4])) // [[6, 0], [0, 8]]
 */
export function jacobian(f: TensorFunction, x: TensorLike): Tensor {
  const { value, pull } = vjp(f, x);
  const rows = oneHot(iota([value.size], 0, "i32"), value.size, value.dtype);
  const sweeps = Array.from({ length: value.size }, (_, i) => {
    const row = rows.slice([i, 0], [1, value.size]);
    return pull(reshape(row, value.shape))[0]!;
  });
  const [first] = sweeps;
  if (first === undefined) throw shapeError("jacobian", "a function with at least one output", showShape(value.shape));
  return reshape(stack(sweeps, 0), [...value.shape, ...first.shape]);
}

/**
 * H·v for scalar f, without forming H: the derivative of ∇f along v.
 *
 * Source: Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6 (1994).
 *
 * @throws ShapeError when f(x) is not a scalar, or v has another shape than x
 * @example hessianVectorProduct((at) => at.square().sum(), tensor([3, 4]), tensor([1, 10])) // [2, 20]
 */
export function hessianVectorProduct(f: TensorFunction, x: TensorLike, v: TensorLike): Tensor {
  return jvp((at) => grad(f)(at)[0]!, [x], [v]);
}
